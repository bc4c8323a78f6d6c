// SMS by SMPP 3.4, as carriers and their resellers speak it: one bound line that is kept, receipts and replies on it.
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { type Clock, realClock } from '#core/clock.ts'
import { address, count, duration, secret, text } from '#core/config/values.ts'
import type { OwnChannel } from '../../channel.ts'
import type { Inbound } from '../../inbound.ts'
import { international, numberBudgets, perDay, phones } from '../../sms/numbers.ts'
import { smsText } from '../../sms/sms-text.ts'
import { readDeliver } from './deliver.ts'
import { openSession, type Session } from './session.ts'
import { submitBodies, validityText } from './submit.ts'
import { verdictOf } from './verdict.ts'

const settings = z.strictObject({
  address,
  system_id: z.string().min(1).max(15),
  password: secret,
  system_type: z.string().max(12).prefault(''),
  tls: z
    .strictObject({
      server_name: text.optional(),
      ca: text.optional(),
      insecure_skip_verify: z.boolean().prefault(false),
    })
    .optional(),
  // A number, a short one, or a name; its kind as the carrier wants it (1 international, 5 name).
  from: z.string().min(1).max(20),
  from_ton: count(0, 6).optional(),
  from_npi: count(0, 18).optional(),
  to: phones,
  long: z.enum(['udh', 'payload']).prefault('udh'),
  text: text.optional(),
  segments_max: count(1, 10).prefault(2),
  links: z.boolean().prefault(true),
  replies: z.boolean().prefault(false),
  validity: duration({ atLeast: '1m', atMost: '7d' }).prefault('15m'),
  enquire: duration({ atLeast: '1s', atMost: '1h' }).prefault('30s'),
  timeout: duration({ atLeast: '100ms', atMost: '5m' }).prefault('10s'),
  per_day: perDay(0),
})
type Settings = z.output<typeof settings>

// Of parts that the centre has, so that a second try after a failure in the middle repeats none.
const rememberedMax = 1_000

export const channel: OwnChannel<Settings> = {
  name: 'sms-smpp',
  kind: 'own',
  settings,
  texts: ({ text: own }): Record<string, string> => (own === undefined ? {} : { text: own }),
  budgets: ({ to, address: { host }, per_day: day }) =>
    numberBudgets({ name: `sms-smpp ${host}`, to, perDay: day }),
  open: given => openSmpp(given, () => {}, realClock),
}

// `hear` is told of receipts and replies.
export function openSmpp(given: Settings, hear: (inbound: Inbound) => void, clock: Clock) {
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
      return open?.isOpen() === true ? open : openSession(lineOf(given), heard, clock)
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
  const send: ReturnType<(typeof channel)['open']>['send'] = async (message, { texts }, signal) => {
    const { links, replies: answers, segments_max: segmentsMax } = given
    const said = smsText(message, { links, answers, segmentsMax }, texts?.['text'])
    const receipts: string[] = []
    try {
      const line = await bound()
      for (const number of given.to) {
        for (const [at, body] of submitBodies(submitOf(given, message.id, number, said)).entries()) {
          signal.throwIfAborted()
          receipts.push(await put(line, `${message.id} ${number} ${at}`, body))
        }
      }
      return { kind: 'accepted', receipt: receipts.join(' ') }
    } catch (error) {
      return verdictOf(error)
    }
  }
  return {
    send,
    async close() {
      const open = await session?.catch(() => undefined)
      await open?.close()
    },
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
  host: given.address.host,
  port: given.address.port,
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
