// Which alerts the schedule demands: found from what the gateway took and when, by a few lines that know nothing of the
// rules' own code; and whether those that were told are these. Called by rules-fleet.test.ts.
import type { AlertTransition } from '#core/model.ts'
import type { Received } from './heard.ts'
import { hosts, type Tick } from './wave.ts'

export const silentMs = 20_000
export const ruleText = `groups:
- name: local
  rules:
  - {alert: Over, expr: heat > 80}
  - {alert: Hot, expr: heat > 80, for: 3s}
  - {alert: Warm, expr: 'avg_over_time(heat[4s]) > 58'}
- name: all
  rules:
  - {record: 'heat:sum', expr: sum(heat)}
  - {alert: ManyOver, expr: count(heat > 80) > 20}
  - {alert: SumHigh, expr: 'heat:sum > 2800', for: 1s}
`

// When something happened: between these.
export type Moment = Readonly<{ fromMs: number; toMs: number }>
export type Episode = Readonly<{
  // Its name and its host.
  key: string
  begins: Moment
  ends: Moment
  // Too short to be certain of, else.
  isSure: boolean
}>
type Look = Readonly<{ at: Moment; holds: boolean }>

const windowMs = 4_000
const gridMs = 100
// What leaves a window is noticed within a second, and what one share records is written once a second for the others.
const noticedMs = 1_000
// A share waits for nobody until it is five seconds behind (rules/fleet/merge.ts), somebody asks each second whether it is,
// and a broker that is back needs a moment: as late as that a sample may be seen, and is dated then. What ends sooner may
// be told or not.
const seenLateMs = 8_000
// While a server is away, or not yet reached again, nobody sees anything.
const seenBy = (atMs: number, away: readonly Moment[]): number =>
  Math.max(atMs, ...away.filter(each => isBetween(atMs, each)).map(each => each.toMs)) + seenLateMs
const isBetween = (atMs: number, { fromMs, toMs }: Moment): boolean =>
  atMs > fromMs - seenLateMs && atMs < toMs
// Nothing is told before it is so, but by the grain of the clocks.
const earlyMs = 500
// While nothing came for so long, what windows say depends on who knew that it was coming.
const gapMs = 2_000

// `away` are the times in which a server was.
export function demanded(ticks: readonly Tick[], received: Received, away: readonly Moment[]): Episode[] {
  const heats = (tick: Tick): number[] => [...tick.values.values()]
  const sum = (tick: Tick): number => heats(tick).reduce((all, each) => all + each, 0)
  const looks = (holds: (tick: Tick) => boolean): Look[] =>
    ticks.map(tick => {
      const all = [...received.get(tick.sentMs)!.values()]
      return { at: { fromMs: Math.min(...all), toMs: Math.max(...all) }, holds: holds(tick) }
    })
  const episodes = [
    ...episodesOf(
      'ManyOver ',
      looks(each => heats(each).filter(heat => heat > 80).length > 20),
      away,
    ),
    ...episodesOf(
      'SumHigh ',
      looks(each => sum(each) > 2_800),
      away,
      1_000,
    ),
  ]
  for (const host of hosts) {
    const own = ticks.flatMap(({ sentMs, values }) => {
      const heat = values.get(host)
      return heat === undefined ? [] : [{ sentMs, heat, atMs: received.get(sentMs)!.get(host)! }]
    })
    const over = own.map(({ atMs, heat }) => ({ at: { fromMs: atMs, toMs: atMs }, holds: heat > 80 }))
    episodes.push(...episodesOf(`Over ${host}`, over, away), ...episodesOf(`Hot ${host}`, over, away, 3_000))
    episodes.push(...episodesOf(`Warm ${host}`, warmth(own), away), ...silences(own, host, away))
  }
  return episodes
}

type Said = Readonly<{ sentMs: number; atMs: number; heat: number }>

function episodesOf(key: string, looks: readonly Look[], away: readonly Moment[], holdMs = 0): Episode[] {
  const episodes: Episode[] = []
  let since: Moment | undefined
  for (const { at, holds } of looks) {
    if (holds) since ??= at
    if (holds || since === undefined) continue
    const begins = { fromMs: since.fromMs + holdMs, toMs: since.toMs + holdMs }
    const isSure = at.fromMs > seenBy(begins.toMs, away)
    if (at.toMs > begins.fromMs - seenLateMs) episodes.push({ key, begins, ends: at, isSure })
    since = undefined
  }
  if (since !== undefined) throw new Error(`${key} has not ended yet`)
  return episodes
}

// The mean of a window that moves on between samples too.
function warmth(said: readonly Said[]): Look[] {
  const looks: Look[] = []
  for (const [at, { atMs }] of said.entries()) {
    const untilMs = said[at + 1]?.atMs ?? atMs + 1
    for (let nowMs = atMs; nowMs < untilMs; nowMs += gridMs) {
      const seen = said.slice(Math.max(0, at - windowMs / gridMs), at + 1)
      const heats = seen.filter(each => each.sentMs > nowMs - windowMs).map(each => each.heat)
      const mean = heats.reduce((all, each) => all + each, 0) / heats.length
      looks.push({ at: { fromMs: nowMs - gridMs, toMs: nowMs + noticedMs }, holds: mean > 58 })
    }
  }
  return looks
}

function silences(said: readonly Said[], host: string, away: readonly Moment[]): Episode[] {
  return said.slice(1).flatMap(({ atMs: endMs }, at) => {
    const beginMs = said[at]!.atMs + silentMs
    const begins = { fromMs: beginMs, toMs: beginMs + noticedMs }
    if (endMs < beginMs) return []
    const ends = { fromMs: endMs, toMs: endMs + noticedMs }
    return [{ key: `AgentSilent ${host}`, begins, ends, isSure: endMs > seenBy(begins.toMs, away) }]
  })
}

// Between two receipts, and while a server was away, as long as that is still looked back at.
export function gapsOf(ticks: readonly Tick[], away: readonly Moment[]): Moment[] {
  const silent = ticks.slice(1).flatMap(({ acceptedMs }, at) => {
    const fromMs = ticks[at]!.acceptedMs
    return acceptedMs - fromMs < gapMs ? [] : [{ fromMs, toMs: acceptedMs }]
  })
  const unseen = away.map(({ fromMs, toMs }) => ({ fromMs, toMs: toMs + seenLateMs }))
  return [...silent, ...unseen].map(({ fromMs, toMs }) => ({ fromMs, toMs: toMs + 2 * windowMs }))
}

export type Verdict = Readonly<{
  lost: readonly string[]
  extra: readonly string[]
  matched: number
  // How much later than demanded the changes of each alert were seen, by its name and of beginnings and ends apart.
  lateMs: ReadonlyMap<string, readonly number[]>
}>

// Each that was told is one that is demanded, at its time; and each that is demanded for certain was told.
export function compare(
  episodes: readonly Episode[],
  told: readonly AlertTransition[],
  gaps: readonly Moment[],
  away: readonly Moment[],
): Verdict {
  const lost: string[] = []
  const extra: string[] = []
  const open = new Set(episodes)
  const lates: Readonly<{ what: string; ms: number }>[] = []
  const byKey = Map.groupBy(
    told.toSorted((a, b) => a.atMs - b.atMs),
    ({ alert: { labels } }) => `${labels['alertname']} ${labels['host'] ?? ''}`,
  )
  const isAt = ({ fromMs, toMs }: Moment, atMs: number): boolean =>
    atMs >= fromMs - earlyMs && atMs <= seenBy(toMs, away)
  const isOpen = (key: string, { fromMs, toMs }: Moment): boolean =>
    key.startsWith('Warm') && gaps.some(gap => fromMs < gap.toMs && toMs > gap.fromMs)
  for (const [key, list] of byKey) {
    for (let at = 0; at < list.length; at += 2) {
      const [begin, end] = [list[at]!, list[at + 1]]
      const isPair = begin.alert.state === 'firing' && end?.alert.state === 'resolved'
      const found = [...open].find(
        each =>
          isPair && each.key === key && isAt(each.begins, begin.atMs) && isAt(each.ends, end?.atMs ?? 0),
      )
      if (found !== undefined && end !== undefined) {
        open.delete(found)
        const [name] = key.split(' ')
        lates.push({ what: `${name} begins`, ms: begin.atMs - found.begins.toMs })
        lates.push({ what: `${name} ends`, ms: end.atMs - found.ends.toMs })
      } else if (!isPair || !isOpen(key, { fromMs: begin.atMs, toMs: end.atMs }))
        extra.push(
          `${key}: ${list
            .slice(at, at + 2)
            .map(textOf)
            .join(', ')}`,
        )
    }
  }
  for (const { key, begins, ends, isSure } of open) {
    if (isSure && !isOpen(key, { fromMs: begins.fromMs, toMs: ends.toMs }))
      lost.push(`${key}: ${secondsOf(begins.fromMs)} to ${secondsOf(ends.fromMs)}`)
  }
  const lateMs = new Map(
    [...Map.groupBy(lates, ({ what }) => what)].map(([what, all]) => [what, all.map(({ ms }) => ms)]),
  )
  return { lost, extra, matched: episodes.length - open.size, lateMs }
}

const textOf = ({ atMs, alert, reason }: AlertTransition): string =>
  `${alert.state} ${secondsOf(atMs)}${reason === null ? '' : ` (${reason})`}`

const secondsOf = (atMs: number): string => new Date(atMs).toISOString().slice(14, 23)
