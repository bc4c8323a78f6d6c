// What is said of a group now, to whom, and what is not? Pure: nothing is changed here, what is to change is the answer.
// Called by timeline.ts when a group is due.
import { fingerprint, labelsOf } from '#core/labels.ts'
import type { Integration } from '../route.ts'
import { openRoute } from './open-route.ts'
import type { Telling } from './outcome.ts'
import { type Holding, hasHeard, isTold, type Sight, sightOf } from './sight.ts'
import type { Moment } from './stage.ts'
import type { Group, Seat, Told } from './state.ts'
import { type News, newsFor } from './told-already.ts'
import { mostUrgent } from './urgency.ts'

export type Flush = Readonly<{
  group: Group
  moment: Moment
  // When it was due, unless that is long past: so that repeats keep to their interval however late timers are.
  tickMs: number
  // All of them, by id.
  integrations: ReadonlyMap<string, Integration>
}>

export type Flushed = Readonly<{
  tellings: readonly Telling[]
  // Where it is another one now, by integration.
  told: readonly (readonly [integration: string, Told])[]
  held: readonly Holding[]
  // They have ended, and whoever was to hear of it does.
  left: readonly Seat[]
}>

export function flush(asked: Flush): Flushed {
  const { group, moment, integrations, tickMs } = asked
  const sight = sightOf(group, moment)
  const repeatMs = openRoute(group, moment)?.repeatMs ?? Number.POSITIVE_INFINITY
  const current = (moment.rules.receivers.get(group.receiver)?.integrations ?? []).map(({ id }) => id)
  // Whom a reload has taken from the receiver still hears of ends.
  const former = [...group.told.keys()].filter(id => !current.includes(id))
  const tellings: Telling[] = []
  const told: [string, Told][] = []
  for (const id of [...current, ...former]) {
    const before = group.told.get(id)
    const seen = former.includes(id) ? onlyEnds(sight) : sight
    const tellsEnds = integrations.get(id)?.tellsEnds ?? false
    const news = newsFor({ told: before, tellsEnds, repeatMs }, seen, tickMs)
    if (news !== undefined) tellings.push(tellingOf(asked, id, seen.firing, news))
    // Who hears of no ends does not hear of what comes back either, while others of the group fire: not before the next
    // message, as with Alertmanager.
    const isKept = !tellsEnds && seen.firing.length > 0
    const unsaid = isKept ? before : withoutEnded(group, before, sight)
    const after = news === undefined ? unsaid : toldBy(group, seen, before, tickMs)
    if (after !== undefined && after !== before) told.push([id, after])
  }
  const held = [...sight.held, ...unheard(asked, sight, tellings)]
  return { tellings, told, held, left: sight.ended }
}

const onlyEnds = (sight: Sight): Sight => ({ ...sight, firing: [], brief: [] })

const byFingerprint = (seats: readonly Seat[]): string[] =>
  seats.map(({ known }) => known.alert.fingerprint).sort()

function tellingOf(
  { group, moment }: Flush,
  integration: string,
  firing: readonly Seat[],
  news: News,
): Telling {
  const { nowMs } = moment
  const { reason, resolved } = news
  const all = byFingerprint(firing)
  return {
    id: fingerprint(labelsOf([['telling', `${nowMs} ${reason} ${integration} ${group.id}`]])),
    group: group.id,
    integration,
    atMs: nowMs,
    reason,
    urgency: mostUrgent([...firing, ...resolved].map(({ known }) => known.alert.labels)),
    firing: all,
    resolved: byFingerprint(resolved),
    begun: reason === 'first' && resolved.length === 0 ? all : byFingerprint(news.begun),
  }
}

// What fires and was told before is still told while it is held, because its end will be. What has no seat any more is
// not: who hears of no ends kept it until now.
function toldBy({ seats }: Group, { firing, ended }: Sight, before: Told | undefined, atMs: number): Told {
  const sinceMs = before === undefined ? new Map<string, number>() : heardStill(seats, before, ended)
  for (const { known } of firing) sinceMs.set(known.alert.fingerprint, known.alert.startsAtMs)
  return { atMs, firing: sinceMs }
}

// What has left before is none of it either: who hears of no ends kept it while others fired.
function withoutEnded({ seats }: Group, before: Told | undefined, { ended }: Sight): Told | undefined {
  if (before === undefined || ended.length === 0) return before
  const sinceMs = heardStill(seats, before, ended)
  return sinceMs.size === before.firing.size ? before : { ...before, firing: sinceMs }
}

function heardStill(seats: Iterable<Seat>, before: Told, ended: readonly Seat[]): Map<string, number> {
  const sinceMs = new Map<string, number>()
  for (const { known } of seats) {
    const heardMs = before.firing.get(known.alert.fingerprint)
    if (heardMs !== undefined) sinceMs.set(known.alert.fingerprint, heardMs)
  }
  for (const { known } of ended) sinceMs.delete(known.alert.fingerprint)
  return sinceMs
}

// Why nobody hears of an end, where no stage has said it.
function unheard(
  { group, integrations }: Flush,
  { ended, brief }: Sight,
  tellings: readonly Telling[],
): Holding[] {
  if (ended.length === 0) return []
  const heard = new Set(tellings.flatMap(({ resolved }) => resolved))
  const silent = ended.filter(({ known }) => !heard.has(known.alert.fingerprint))
  const quick = new Set(brief)
  return silent.flatMap((seat): Holding[] => {
    if (!isTold(group, seat)) return quick.has(seat) ? [[seat, { kind: 'brief', by: [] }]] : []
    const by = [...group.told].filter(([id, told]) => !integrations.has(id) && hasHeard(told, seat))
    return by.length === 0 ? [] : [[seat, { kind: 'gone', by: by.map(([id]) => id) }]]
  })
}
