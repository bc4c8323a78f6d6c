// SMS by a modem on this machine: a file for each number in the folder from which smsd (SMS Server Tools 3) sends.
import { createHash } from 'node:crypto'
import { readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { count, folder, text } from '#core/config/values.ts'
import type { OwnChannel, Verdict } from '../../channel.ts'
import { later, refused } from '../../http-channel.ts'
import { international, numberBudgets, perDay, phones } from '../../sms/numbers.ts'
import { smsText } from '../../sms/sms-text.ts'
import { spoolFile } from './spool-file.ts'

const settings = z.strictObject({
  to: phones,
  folder: folder.prefault('/var/spool/sms/outgoing'),
  // The modem, where there are several.
  queue: text.regex(/^[\w-]+$/).optional(),
  text: text.optional(),
  segments_max: count(1, 10).prefault(2),
  links: z.boolean().prefault(true),
  replies: z.boolean().prefault(false),
  // Shows at once and is not kept.
  flash: z.boolean().prefault(false),
  // More files than this wait only when nothing is sent any more.
  waiting_max: count(1, 10_000).prefault(200),
  per_day: perDay(0),
})
type Settings = z.output<typeof settings>

export const channel: OwnChannel<Settings> = {
  name: 'sms-spool',
  kind: 'own',
  settings,
  texts: ({ text: own }): Record<string, string> => (own === undefined ? {} : { text: own }),
  budgets: ({ to, per_day: day }) => numberBudgets({ name: 'sms-spool', to, perDay: day }),
  open: given => ({
    async send(message, { texts }, signal) {
      const { links, replies: answers, segments_max: segmentsMax } = given
      const said = smsText(message, { links, answers, segmentsMax }, texts?.['text'])
      try {
        const waiting = (await readdir(given.folder)).length
        if (waiting >= given.waiting_max)
          return later(`${waiting} files wait in ${given.folder}: is smsd alive?`)
        const names: string[] = []
        for (const number of given.to) {
          signal.throwIfAborted()
          names.push(await put(message.id, number, said, given))
        }
        return { kind: 'accepted', receipt: names.join(' ') }
      } catch (error) {
        return verdictOf(error, given)
      }
    },
    close: async () => {},
  }),
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
  return later(code === undefined ? 'stopped' : `cannot write to ${where}: ${code}`)
}
