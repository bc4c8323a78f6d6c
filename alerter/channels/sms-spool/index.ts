// SMS by a modem on this machine: a file for each number in the folder from which smsd (SMS Server Tools 3) sends.
import { createHash } from 'node:crypto'
import { readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { type Clock, realClock } from '#core/clock.ts'
import { count, folder, text } from '#core/config/values.ts'
import type { OwnChannel, Verdict } from '../../channel.ts'
import { later, refused } from '../../http-channel.ts'
import type { Inbound } from '../../inbound.ts'
import { international, numberBudgets, numbers, perDay, phonesOf } from '../../sms/numbers.ts'
import { smsText } from '../../sms/sms-text.ts'
import { ownText, smsTextKeys } from '../../sms/text-keys.ts'
import { openInbox } from './inbox.ts'
import { spoolFile } from './spool-file.ts'

const settings = z.strictObject({
  to: numbers,
  folder: folder.prefault('/var/spool/sms/outgoing').describe('From where smsd sends.'),
  queue: text
    .regex(/^[\w-]+$/)
    .optional()
    .describe('The modem, where there are several.'),
  ...smsTextKeys,
  flash: z.boolean().prefault(false).describe('Shows at once and is not kept.'),
  waiting_max: count(1, 10_000)
    .prefault(200)
    .describe('More files than this wait only when nothing is sent any more: then it fails.'),
  inbox: folder
    .optional()
    .describe('Where smsd puts what comes in, like /var/spool/sms/incoming; left out: no answer is heard.'),
  ...perDay(0),
})
type Settings = z.output<typeof settings>

export const channel: OwnChannel<Settings> = {
  name: 'sms-spool',
  kind: 'own',
  about: {
    is: 'SMS by a modem: files for smsd (SMS Server Tools 3).',
    success: 'the file lies in the folder: accepted',
    size: '`segments_max` (2) of 160 letters or 70 characters',
    proof: 'the rights of the folder',
    pictures: false,
    receipts: 'none; replies, from `inbox`',
    example: { to: ['13800000000'] },
  },
  settings,
  texts: ownText,
  phones: phonesOf,
  budgets: given => numberBudgets('sms-spool', given),
  listens: ({ inbox }) => inbox !== undefined,
  open: (given, hear = () => {}) => openSpool(given, hear, realClock),
}

export function openSpool(given: Settings, hear: (inbound: Inbound) => void, clock: Clock) {
  const inbox = given.inbox === undefined ? undefined : openInbox({ folder: given.inbox, clock, hear })
  const tell = async (id: string, number: string, said: string): Promise<Verdict> => {
    try {
      return { kind: 'accepted', receipt: await put(id, number, said, given) }
    } catch (error) {
      return verdictOf(error, given)
    }
  }
  const line: ReturnType<(typeof channel)['open']> = {
    async send(message, { texts }, signal, settled) {
      const said = smsText(message, given, texts?.['text'])
      try {
        const waiting = (await readdir(given.folder)).length
        if (waiting >= given.waiting_max)
          return later(`${waiting} files wait in ${given.folder}: is smsd alive?`)
        const verdicts: Verdict[] = []
        for (const [nth, number] of given.to.entries())
          verdicts.push(
            settled?.get(nth) ?? (signal.aborted ? later('stopped') : await tell(message.id, number, said)),
          )
        return verdicts
      } catch (error) {
        return verdictOf(error, given)
      }
    },
    close: async () => inbox?.close(),
  }
  return line
}

// smsd leaves files called .LOCK alone, and a rename is whole or not at all. The name is the same when the message is
// sent again, so that one that still waits is not sent twice.
async function put(id: string, number: string, said: string, given: Settings): Promise<string> {
  const hash = createHash('sha256').update(`${id} ${number}`).digest('hex').slice(0, 24)
  const path = join(given.folder, `plimsoll-${hash}`)
  const lock = `${path}.LOCK`
  const { queue, flash } = given
  try {
    await writeFile(lock, spoolFile(international(number), said, { queue, flash }), {
      mode: 0o660,
      flush: true,
    })
    await rename(lock, path)
  } catch (error) {
    await rm(lock, { force: true }).catch(() => {})
    throw error
  }
  return `plimsoll-${hash}`
}

const wrong = new Set(['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'EROFS'])

function verdictOf(error: unknown, { folder: where }: Settings): Verdict {
  const { code } = error as NodeJS.ErrnoException
  if (code !== undefined && wrong.has(code)) return refused('settings', `cannot write to ${where}: ${code}`)
  return later(`cannot write to ${where}: ${code ?? (error as Error).message}`)
}
