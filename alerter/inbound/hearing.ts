// What becomes of what comes back: a receipt goes to delivery, and whoever answers has taken the incident over, which is
// written down once. Numbers that nobody is told by may say what they like. Called by the routes for callbacks and by
// lines that channels keep open.
import type { Clock } from '#core/clock.ts'
import type { OwnMetrics } from '#core/own-metrics.ts'
import type { Channel } from '../channel.ts'
import { channels } from '../channels/index.ts'
import type { Fact } from '../fact.ts'
import type { IncidentView } from '../facts.ts'
import { failoverOf } from '../failover.ts'
import { type Inbound, type Receipt, type Reply, readAnswer, type Taken } from '../inbound.ts'
import type { Integration } from '../route.ts'
import { international } from '../sms/numbers.ts'
import { channelOf } from '../unready.ts'
import { tidy } from '../words/tidy.ts'

export type Heard =
  | Readonly<{ is: 'receipt' | 'unknown_receipt' | 'earlier' | 'stranger' | 'not_understood' }>
  | Readonly<{ is: 'acknowledged' | 'over' | 'no_incident'; incident: number }>

export interface Hearing {
  // Resolves when what came of it is durable.
  hear(inbound: Inbound, way: string): Promise<Heard>
}

export type HearingOptions = Readonly<{
  clock: Clock
  own: OwnMetrics
  integrations(): ReadonlyMap<string, Integration>
  incident(number: number): Promise<IncidentView | undefined>
  // By the way that it came in by. False: it is not known here.
  receipt(receipt: Receipt, way: string): Promise<boolean>
  // Of the message that its service calls so.
  incidentOf(receipt: string, way: string): number | undefined
  record(facts: readonly Fact[]): Promise<void>
  channels?: Readonly<Record<string, Channel>>
}>

// What is asked for again is not written again, nor counted.
const rememberedMax = 10_000

export function openHearing(options: HearingOptions): Hearing {
  const { own, receipt, incidentOf } = options
  const counted = own.counter('plimsoll_alerter_inbound_total')
  const phonesOf = openPhones(options.integrations, options.channels ?? channels)
  const acknowledge = acknowledging(options)

  const hearReply = async ({ from, text }: Reply, way: string): Promise<Heard> => {
    const known = phonesOf(from)
    if (known === undefined) return { is: 'stranger' }
    const answer = readAnswer(text)
    if (answer === undefined) return { is: 'not_understood' }
    return acknowledge(answer.incident, { who: known.number, way, receivers: known.receivers })
  }
  const hearTaken = async ({ receipt: name, by, atMs }: Taken, way: string): Promise<Heard> => {
    const incident = incidentOf(name, way)
    if (incident === undefined) return { is: 'unknown_receipt' }
    return acknowledge(incident, { who: tidy(by), way, ...(atMs !== null && { sawMs: atMs }) })
  }
  const hearOne = async (inbound: Inbound, way: string): Promise<Heard> => {
    if (inbound.kind === 'reply') return hearReply(inbound, way)
    if (inbound.kind === 'taken') return hearTaken(inbound, way)
    return { is: (await receipt(inbound, way)) ? 'receipt' : 'unknown_receipt' }
  }
  return {
    async hear(inbound, way) {
      const heard = await hearOne(inbound, way)
      counted.inc(1, { outcome: heard.is })
      return heard
    },
  }
}

// Two clocks are never quite the same.
const skewMs = 60_000

// `sawMs`: what began later was not seen by then, and is another one.
type By = Readonly<{ who: string; way: string; receivers?: readonly string[]; sawMs?: number }>

function acknowledging({ clock, incident: find, record }: HearingOptions) {
  const written = new Set<string>()
  return async (number: number, { who, way, receivers, sawMs }: By): Promise<Heard> => {
    const incident = await find(number)
    if (incident === undefined) return { is: 'no_incident', incident: number }
    if (incident.closedAtMs !== null) return { is: 'over', incident: number }
    if (sawMs !== undefined && sawMs + skewMs < incident.openedAtMs) return { is: 'earlier' }
    const id = `acknowledged/${number}/${who}`
    if (!written.has(id)) await record([factOf({ id, incident, who, way, receivers, atMs: clock.nowMs() })])
    if (written.size >= rememberedMax) written.clear()
    written.add(id)
    return { is: 'acknowledged', incident: number }
  }
}

type Acknowledged = Readonly<{ id: string; incident: IncidentView; atMs: number }> &
  Readonly<{ who: string; way: string; receivers: readonly string[] | undefined }>

const factOf = ({ id, incident, who, way, receivers, atMs }: Acknowledged): Fact => ({
  id,
  kind: 'acknowledged',
  atMs,
  incident: incident.number,
  group: incident.group,
  fingerprint: null,
  who,
  details: { by: way, receivers },
})

type Known = Readonly<{ number: string; receivers: readonly string[] }>

// Who is told by a number. Read anew whenever the configuration is another one.
function openPhones(
  integrations: HearingOptions['integrations'],
  table: Readonly<Record<string, Channel>>,
): (written: string) => Known | undefined {
  let seen: ReadonlyMap<string, Integration> | undefined
  const phones = new Map<string, Set<string>>()
  const note = (integration: Integration): void => {
    for (const number of channelOf(integration, table)?.phones?.(integration.settings) ?? []) {
      const known = phones.get(number) ?? new Set()
      phones.set(number, known.add(receiverOf(integration.id)))
    }
  }
  return written => {
    if (integrations() !== seen) {
      seen = integrations()
      phones.clear()
      for (const each of seen.values()) (failoverOf(each)?.order ?? [each]).forEach(note)
    }
    // Services write a number with or without its plus, and at home without the code of the country.
    const digits = written.replace(/[^\d+]/g, '')
    const found = [international(digits), `+${digits.replace(/\D/g, '')}`].find(each => phones.has(each))
    return found === undefined ? undefined : { number: found, receivers: [...phones.get(found)!] }
  }
}

// The parts of an id are the receiver, the channel and a number there.
export const receiverOf = (id: string): string => id.split('/').slice(0, -2).join('/')
