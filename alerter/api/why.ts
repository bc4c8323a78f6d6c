// Who was told of an alert, by what and when; who was not, and why. Pure: from where it stands in its groups, what waits
// to be sent, and the facts. Called by why-routes.ts.
import type { Labels } from '#core/model.ts'
import type { Wait } from '../delivery/wait.ts'
import type { Fact } from '../fact.ts'
import { holdIn, isIn, names, textIn, textsIn } from '../fact-details.ts'
import type { OutboxEntry } from '../outbox-entry.ts'
import type { Integration } from '../route.ts'
import type { Silence } from '../silences/silence.ts'
import type { AlertView, SeatView } from '../timeline/views.ts'
import type { Known } from './known-facts.ts'

export type WhySources = Readonly<{
  fingerprint: string
  alert: AlertView | undefined
  seats: readonly SeatView[]
  waiting: readonly OutboxEntry[]
  // What keeps one of them, by its id. Left out: nobody here sends it.
  waitOf?(entry: string): Wait | undefined
  // Of this alert, and of the incidents that it belongs to; newest first.
  facts: readonly Fact[]
  integrationsOf(receiver: string): readonly Integration[]
  nowMs: number
}> &
  Known

// What is known of those in `by`, alerts or silences.
export type Hold = Readonly<{
  kind: string
  by: readonly string[]
  silences: readonly Silence[]
  inhibitors: readonly Readonly<{ fingerprint: string; labels: Labels | null }>[]
}>

// What an integration has heard of the alert.
export type Way = Readonly<{ integration: string; channel: string | null }> &
  (
    | Readonly<{
        is: 'told'
        atMs: number
        // What took the message in the end, where that is known: with failover it may be another one.
        by: string | null
        // Of the end, or of the beginning.
        of: 'end' | 'beginning'
        arrived: 'delivered' | 'accepted' | 'seen' | 'lost' | null
        why: string | null
        // Of several whom it told, why not all have it.
        lost: readonly string[]
        repeatAtMs: number | null
      }>
    | Readonly<{
        is: 'sending'
        atMs: number
        tries: number
        nextMs: number
        why: string | null
        wait: Wait | null
      }>
    | Readonly<{ is: 'failed'; atMs: number; by: string; why: string }>
    // Whatever stands at the group holds it.
    | Readonly<{ is: 'held' }>
    | Readonly<{ is: 'waiting'; untilMs: number; for: 'group_wait' | 'group_interval' }>
    | Readonly<{ is: 'unknown' }>
  )

export type WhyGroup = Readonly<{
  group: string
  receiver: string
  incident: number | null
  // When it is looked at next; nothing where it has left.
  nextMs: number | null
  // Who has taken the incident over, the last one where there are several.
  acknowledged: Readonly<{ by: string; atMs: number }> | null
  hold: Hold | null
  ways: readonly Way[]
}>

export type Why = Readonly<{
  fingerprint: string
  alert: AlertView | null
  groups: readonly WhyGroup[]
  facts: readonly Fact[]
}>

export function whyOf(sources: WhySources): Why {
  const { fingerprint, alert, seats } = sources
  const facts = concerning(sources)
  const here = new Set(seats.map(({ group }) => group))
  // Groups that it has left are known by what was told or held there.
  const left = new Set(facts.flatMap(({ group }) => (group === null || here.has(group) ? [] : [group])))
  const groups = [
    ...seats.map(seat => groupOf(seat.group, { ...sources, facts }, seat)),
    ...[...left].map(group => groupOf(group, { ...sources, facts }, undefined)),
  ]
  return { fingerprint, alert: alert ?? null, groups, facts }
}

// Facts of messages name many alerts; what came of a message names only the message.
function concerning({ facts, fingerprint }: WhySources): readonly Fact[] {
  const isOwn = (fact: Fact): boolean => fact.fingerprint === fingerprint || names(fact, fingerprint)
  const tellings = new Set(facts.filter(isOwn).flatMap(fact => textIn(fact, 'telling') ?? []))
  return facts.filter(
    fact =>
      isOwn(fact) ||
      fact.kind === 'acknowledged' ||
      // Only those that concern it are among them.
      isOfSilence(fact) ||
      (fact.fingerprint === null && tellings.has(textIn(fact, 'telling') ?? '')),
  )
}

const isOfSilence = ({ kind }: Fact): boolean => kind === 'silenced' || kind === 'unsilenced'

function groupOf(group: string, sources: WhySources, seat: SeatView | undefined): WhyGroup {
  const facts = sources.facts.filter(each => each.group === group)
  const waiting = sources.waiting.filter(each => each.group === group)
  // An id is the receiver and the key, a line each.
  const receiver = seat?.receiver ?? group.split('\n', 1)[0]!
  const known = new Map(sources.integrationsOf(receiver).map(({ id, channel }) => [id, channel] as const))
  const ids = new Set([
    ...known.keys(),
    ...(seat?.told ?? []).map(({ integration }) => integration),
    ...waiting.map(({ integration }) => integration),
    ...facts.flatMap(fact => textIn(fact, 'integration') ?? []),
  ])
  const hold = holdOf(seat === undefined ? lastHold(facts) : (seat.held ?? undefined), sources)
  const about = { sources, seat, facts, waiting, isHeld: hold !== null }
  return {
    group,
    receiver,
    incident: facts.find(({ incident }) => incident !== null)?.incident ?? waiting[0]?.incident ?? null,
    nextMs: seat?.dueMs ?? null,
    acknowledged: acknowledgedIn(facts),
    hold,
    ways: [...ids].map(
      id => ({ integration: id, channel: known.get(id) ?? null, ...wayOf(id, about) }) as Way,
    ),
  }
}

// While the incident goes on that is the newest: its number comes with every fact.
function acknowledgedIn(facts: readonly Fact[]): WhyGroup['acknowledged'] {
  const newest = facts.find(({ incident }) => incident !== null)?.incident
  const found = facts.find(({ kind, incident }) => kind === 'acknowledged' && incident === newest)
  return found === undefined ? null : { by: found.who, atMs: found.atMs }
}

function lastHold(facts: readonly Fact[]): ReturnType<typeof holdIn> {
  const last = facts.find(({ kind }) => kind === 'held' || kind === 'released' || kind === 'told')
  return last?.kind === 'held' ? holdIn(last) : undefined
}

export function holdOf(found: ReturnType<typeof holdIn>, { silence, labelsOf }: Known): Hold | null {
  if (found === undefined) return null
  const { kind, by } = found
  return {
    ...{ kind, by },
    silences: kind === 'silenced' ? by.flatMap(id => silence(id) ?? []) : [],
    inhibitors:
      kind === 'inhibited' ? by.map(each => ({ fingerprint: each, labels: labelsOf(each) ?? null })) : [],
  }
}

type About = Readonly<{
  sources: WhySources
  seat: SeatView | undefined
  facts: readonly Fact[]
  waiting: readonly OutboxEntry[]
  isHeld: boolean
}>

type State<W = Way> = W extends Way ? Omit<W, 'integration' | 'channel'> : never

// What is under way comes before what was, and what was before what holds it now.
function wayOf(id: string, about: About): State {
  const { sources, seat, facts, waiting, isHeld } = about
  const own = facts.filter(fact => textIn(fact, 'integration') === id)
  const last = own.find(({ kind }) => kind === 'told' || kind === 'failed')
  const entry = waiting.find(({ integration }) => integration === id)
  // What was told may wait for its receipt still.
  const isTold =
    last?.kind === 'told' && !isIn(last, 'isPart') && textIn(last, 'telling') === entry?.telling.id
  if (entry !== undefined && !isTold) {
    const { sinceMs: atMs, tries, notBeforeMs: nextMs } = entry
    const why = last?.kind === 'failed' ? (textIn(last, 'why') ?? null) : null
    return { is: 'sending', atMs, tries, nextMs, why, wait: sources.waitOf?.(entry.id) ?? null }
  }
  if (last?.kind === 'failed' && isIn(last, 'isFinal'))
    return { is: 'failed', atMs: last.atMs, by: last.who, why: textIn(last, 'why') ?? '' }
  const told = seat?.told.find(({ integration }) => integration === id)
  const said = own.find(({ kind }) => kind === 'told')
  if (said !== undefined) return { ...toldBy(said, about), repeatAtMs: told?.repeatAtMs ?? null }
  if (told !== undefined) {
    const { atMs, repeatAtMs } = told
    return { is: 'told', atMs, by: null, of: 'beginning', arrived: null, why: null, lost: [], repeatAtMs }
  }
  if (isHeld) return { is: 'held' }
  if (seat === undefined) return { is: 'unknown' }
  const waits = seat.flushedAtMs === null ? 'group_wait' : 'group_interval'
  return { is: 'waiting', untilMs: seat.dueMs, for: waits }
}

type Told = Omit<Extract<Way, { is: 'told' }>, 'integration' | 'channel' | 'repeatAtMs'>

function toldBy(said: Fact, { sources, facts }: About): Told {
  const message = textIn(said, 'telling')
  const later = facts.filter(
    each => (each.kind === 'receipt' || each.kind === 'seen') && textIn(each, 'telling') === message,
  )
  // Of several numbers, when none of them is left.
  const failed = later.filter(each => textIn(each, 'outcome') === 'failed')
  const lost = failed.length >= Math.max(1, textsIn(said, 'receipts').length) ? failed[0] : undefined
  const arrived = later.some(({ kind }) => kind === 'seen')
    ? 'seen'
    : later.some(each => textIn(each, 'outcome') === 'delivered') || isIn(said, 'isCertain')
      ? 'delivered'
      : lost === undefined
        ? 'accepted'
        : 'lost'
  const isEnd = !textsIn(said, 'firing').includes(sources.fingerprint)
  const isLost = arrived === 'lost'
  return {
    ...{ is: 'told', atMs: said.atMs, by: said.who, of: isEnd ? 'end' : 'beginning', arrived },
    why: isLost ? (textIn(lost!, 'why') ?? null) : null,
    lost: [...textsIn(said, 'lost'), ...(isLost ? [] : failed.map(failureText))],
  }
}

// The number that it is about, and what its service says.
const failureText = (receipt: Fact): string =>
  [textIn(receipt, 'to'), textIn(receipt, 'why')].filter(each => each !== undefined).join(': ')
