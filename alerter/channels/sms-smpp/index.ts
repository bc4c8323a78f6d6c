// SMS by SMPP 3.4, as carriers and their resellers speak it: one bound line that is kept, receipts and replies on it.
import { createHash } from 'node:crypto'
import type { LookupFunction } from 'node:net'
import { z } from 'zod'
import { type Clock, realClock, type Timer } from '#core/clock.ts'
import { address, count, duration, secret, text } from '#core/config/values.ts'
import type { OwnChannel, Verdict } from '../../channel.ts'
import type { Inbound } from '../../inbound.ts'
import { international, numberBudgets, numbers, perDay, phonesOf } from '../../sms/numbers.ts'
import { smsText } from '../../sms/sms-text.ts'
import { ownText, smsTextKeys } from '../../sms/text-keys.ts'
import { readDeliver } from './deliver.ts'
import { openSession, type Session } from './session.ts'
import { submitBodies, validityText } from './submit.ts'
import { verdictOf } from './verdict.ts'

const settings = z.strictObject({
  address: address.describe('The centre (SMSC).'),
  system_id: z.string().min(1).max(15).describe('Who we are there.'),
  password: secret.describe('The password of that name.'),
  system_type: z.string().max(12).prefault('').describe('As the carrier wants it; most want none.'),
  tls: z
    .strictObject({
      server_name: text.optional().describe('The name in its certificate; left out: that of the address.'),
      ca: text.optional().describe('Who signs it, as PEM; left out: those that the system trusts.'),
      insecure_skip_verify: z.boolean().prefault(false).describe('Takes any certificate.'),
    })
    .optional()
    .describe('Speaks TLS; left out: the line is open to whoever carries it.'),
  from: z.string().min(1).max(20).describe('A number, a short one, or a name.'),
  from_ton: count(0, 6)
    .optional()
    .describe('Its kind as the carrier wants it: 1 international, 5 a name; left out: by its looks.'),
  from_npi: count(0, 18).optional().describe('Its plan of numbers; left out: 1, and 0 of a name.'),
  to: numbers,
  long: z
    .enum(['udh', 'payload'])
    .prefault('udh')
    .describe('How long texts are sent: in parts with a header, or whole in message_payload.'),
  ...smsTextKeys,
  validity: duration({ atLeast: '1m', atMost: '7d' })
    .prefault('15m')
    .describe('After so long an old alert helps nobody, and is not delivered any more.'),
  enquire: duration({ atLeast: '1s', atMost: '1h' })
    .prefault('30s')
    .describe('How often an idle line is asked whether it lives.'),
  timeout: duration({ atLeast: '100ms', atMost: '5m' })
    .prefault('10s')
    .describe('How long an answer may take.'),
  listen: z
    .boolean()
    .prefault(false)
    .describe('Whether the line is open all the time, so that receipts and replies come in at once.'),
  ...perDay(0),
})
type Settings = z.output<typeof settings>

// To one number. `id` is that of the message.
type Words = Readonly<{ id: string; number: string; text: string }>

// Of parts that the centre has, so that a second try after a failure in the middle repeats none.
const rememberedMax = 1_000
const lookMs = 2_000
const lookMaxMs = 300_000

export const channel: OwnChannel<Settings> = {
  name: 'sms-smpp',
  kind: 'own',
  about: {
    is: 'SMS by SMPP 3.4, as carriers speak it, over a line that is kept.',
    success: '`command_status` 0 for one number at least: accepted',
    size: '`segments_max` (2) of 160 letters or 70 characters',
    proof: 'the password of the line',
    pictures: false,
    receipts: 'delivered, failed; replies, over the same line',
    example: {
      address: 'smsc.example.org:2775',
      system_id: 'plimsoll',
      password: 'PASSWORD',
      from: '10690000',
      to: ['+8613800000000'],
    },
  },
  settings,
  texts: ownText,
  phones: phonesOf,
  budgets: given => numberBudgets(`sms-smpp ${given.address.host}`, given),
  listens: ({ listen }) => listen,
  open: (given, hear = () => {}) => openSmpp(given, hear, realClock),
}

// `hear` is told of receipts and replies.
export function openSmpp(
  given: Settings,
  hear: (inbound: Inbound) => void,
  clock: Clock,
  lookup?: LookupFunction,
) {
  const taken = new Map<string, string>()
  let session: Promise<Session> | undefined
  const heard = (body: Uint8Array): void => {
    const inbound = readDeliver(body)
    if (inbound !== undefined) hear(inbound)
  }
  // One at a time, so that two messages do not open two lines.
  const bound = (): Promise<Session> => {
    const before = session
    session = (async () => {
      const open = await before?.catch(() => undefined)
      return open?.isOpen() === true ? open : openSession({ ...lineOf(given), lookup }, heard, clock)
    })()
    return session
  }
  const put = async (line: Session, key: string, body: Uint8Array): Promise<string> => {
    const before = taken.get(key)
    if (before !== undefined) return before
    const receipt = await line.submit(body)
    if (taken.size >= rememberedMax) taken.delete(taken.keys().next().value ?? '')
    taken.set(key, receipt)
    return receipt
  }
  const tell = async (line: Session, { id, number, text: said }: Words, signal: AbortSignal) => {
    const receipts: string[] = []
    try {
      for (const [at, body] of submitBodies(submitOf(given, id, number, said)).entries()) {
        signal.throwIfAborted()
        receipts.push(await put(line, `${id} ${number} ${at}`, body))
      }
      return { kind: 'accepted', receipts } as const
    } catch (error) {
      // Where there is one, the way says it.
      return verdictOf(error, given.to.length > 1 ? number : undefined)
    }
  }
  const send: ReturnType<(typeof channel)['open']>['send'] = async (message, { texts }, signal, settled) => {
    const { id } = message
    const said = smsText(message, given, texts?.['text'])
    try {
      const line = await bound()
      const verdicts: Verdict[] = []
      for (const [nth, number] of given.to.entries())
        verdicts.push(settled?.get(nth) ?? (await tell(line, { id, number, text: said }, signal)))
      return verdicts
    } catch (error) {
      return verdictOf(error)
    }
  }
  const stopKeeping = given.listen ? keep(bound, clock) : () => {}
  return {
    send,
    async close() {
      stopKeeping()
      const open = await session?.catch(() => undefined)
      await open?.close()
    },
  }
}

// Looks whether the line is open, and opens it anew; while nobody is there, less and less often.
function keep(bound: () => Promise<unknown>, clock: Clock): () => void {
  let timer: Timer | undefined
  let failures = 0
  let isOver = false
  const again = (waitMs: number): void => {
    if (!isOver) timer = clock.after(waitMs, look)
  }
  const look = (): void => {
    bound().then(
      () => {
        failures = 0
        again(lookMs)
      },
      () => {
        failures += 1
        again(Math.min(lookMaxMs, lookMs * 2 ** Math.min(failures, 10)))
      },
    )
  }
  look()
  return () => {
    isOver = true
    timer?.cancel()
  }
}

const isName = (from: string): boolean => !/^\+?\d+$/.test(from)

function submitOf(given: Settings, id: string, number: string, said: string) {
  const ton = given.from_ton ?? (isName(given.from) ? 5 : given.from.length <= 8 ? 3 : 1)
  const npi = given.from_npi ?? (isName(given.from) ? 0 : 1)
  return {
    from: { number: given.from.replace(/^\+/, ''), ton, npi },
    to: international(number),
    text: said,
    long: given.long,
    reference: createHash('sha256').update(`${id} ${number}`).digest()[0] ?? 0,
    validity: validityText(given.validity),
  }
}

const lineOf = (given: Settings) => ({
  address: given.address,
  tls:
    given.tls === undefined
      ? undefined
      : { serverName: given.tls.server_name, verify: !given.tls.insecure_skip_verify, ca: given.tls.ca },
  systemId: given.system_id,
  password: given.password.reveal(),
  systemType: given.system_type,
  enquireMs: given.enquire,
  timeoutMs: given.timeout,
})
