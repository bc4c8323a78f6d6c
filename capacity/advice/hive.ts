// Should a pool have more processes, or fewer? The rule of the minute for one pool, to the letter of DESIGN 8:
//
//   grow when  busy > processes × concurrency × 60 × share
//
// where `busy` is seconds of handling within the last minute. Pure: what was measured and the time are arguments. Called
// each minute by ../advice.ts, and by replay.ts over history.
import type { AdviceSettings } from '../pool.ts'

export type HiveRule = Pick<
  AdviceSettings,
  'concurrency' | 'share' | 'shrinkShare' | 'growAfterMs' | 'shrinkAfterMs' | 'steps' | 'least' | 'most'
>

export type Way = 'grow' | 'shrink'

export type Numbers = Readonly<{ busySeconds: number; processes: number }>
// Or why there is none.
export type Measured = Numbers | Readonly<{ missing: string }>

export type Advice = Readonly<{
  // The same as long as it is the same advice; different pools may have the same.
  id: string
  way: Way
  from: number
  // How many there should be: who follows it twice has followed it once.
  to: number
  busySeconds: number
  // When it was given, and since when it is waited for.
  atMs: number
  waitsSinceMs: number
}>

export type HiveState = Readonly<{
  measuredMs: number | null
  // What it is inclined to, since when, and the most handling seen meanwhile.
  lean: Readonly<{ way: Way; sinceMs: number; mostBusy: number }> | null
  // Advice of one way that was followed, one behind the other, and when there was last reason for more.
  row: Readonly<{ way: Way; count: number; atMs: number }> | null
  // Given, and not followed yet.
  advice: Advice | null
}>

export type Why =
  // Neither too many nor too few.
  | 'enough'
  // It leans, not yet for long enough.
  | 'may_grow'
  | 'may_shrink'
  | 'grow'
  | 'shrink'
  // It would grow and may not.
  | 'at_most'
  | 'unmeasured'

export type Step = Readonly<{
  state: HiveState
  why: Why
  // Given now.
  given: Advice | null
}>

export const freshHive: HiveState = { measuredMs: null, lean: null, row: null, advice: null }

const minuteMs = 60_000
// Minutes without a measurement are forgiven up to here; beyond, nobody knows what was in between.
const gapMs = 2.5 * minuteMs
// Who has not followed by then is told again if there is something else to say.
export const followWithinMs = 10 * minuteMs

const bearable = ({ concurrency, share }: HiveRule, processes: number): number =>
  processes * concurrency * 60 * share

const mustGrow = (rule: HiveRule, { busySeconds, processes }: Numbers): boolean =>
  busySeconds > bearable(rule, processes)

export function step(rule: HiveRule, before: HiveState, measured: Measured, nowMs: number): Step {
  const was = atTime(before, nowMs)
  if (missingOf(measured) !== null) return { state: was, why: 'unmeasured', given: null }
  const numbers = measured as Numbers
  const advice = was.advice
  if (advice !== null && isFollowed(advice, numbers)) return followed(was, advice, nowMs)
  const way = wayOf(rule, numbers)
  const state: HiveState = {
    measuredMs: nowMs,
    lean: way === null ? null : leaning(was, way, { numbers, nowMs }),
    row: rowOf(rule, was, { way, nowMs }),
    advice: advice === null || isVoid(rule, advice, numbers) ? null : advice,
  }
  // Whatever else is true meanwhile: one thing at a time.
  if (state.advice !== null && nowMs - state.advice.waitsSinceMs < followWithinMs) {
    return { state, why: state.advice.way, given: null }
  }
  return judged(rule, state, { numbers, nowMs })
}

// Null where there is something to judge by.
export function missingOf(measured: Measured): string | null {
  if ('missing' in measured) return measured.missing
  const { busySeconds, processes } = measured
  if (!Number.isFinite(busySeconds) || busySeconds < 0) {
    return `busy: wanted seconds from 0 up, found ${busySeconds}`
  }
  if (!Number.isSafeInteger(processes) || processes < 0) {
    return `processes: wanted a whole number from 0 up, found ${processes}`
  }
  return null
}

// After a gap nothing is known of what came before. A clock that was put back makes moments that are to come: they
// become now.
function atTime({ measuredMs, lean, row, advice }: HiveState, nowMs: number): HiveState {
  const isKnown = measuredMs !== null && measuredMs <= nowMs && nowMs - measuredMs <= gapMs
  return {
    measuredMs: isKnown ? measuredMs : null,
    lean: isKnown ? lean : null,
    row: row === null ? null : { ...row, atMs: Math.min(row.atMs, nowMs) },
    advice: advice === null ? null : { ...advice, waitsSinceMs: Math.min(advice.waitsSinceMs, nowMs) },
  }
}

const isFollowed = ({ way, to }: Advice, { processes }: Numbers): boolean =>
  way === 'grow' ? processes >= to : processes <= to

// The minute that was measured began before, so what it says counts from the next one on.
function followed(was: HiveState, { way }: Advice, nowMs: number): Step {
  const count = was.row?.way === way ? was.row.count + 1 : 1
  const state = { measuredMs: nowMs, lean: null, row: { way, count, atMs: nowMs }, advice: null }
  return { state, why: 'enough', given: null }
}

// Not to be followed any more: it would do harm, or the settings have changed since.
const isVoid = (rule: HiveRule, { way, to }: Advice, { busySeconds }: Numbers): boolean =>
  to > rule.most || to < rule.least || (way === 'shrink' && mustGrow(rule, { busySeconds, processes: to }))

function wayOf(rule: HiveRule, numbers: Numbers): Way | null {
  const { least, most, concurrency, shrinkShare } = rule
  const { busySeconds, processes } = numbers
  if (processes < least) return 'grow'
  if (mustGrow(rule, numbers)) return processes < most ? 'grow' : null
  const isIdle = busySeconds < processes * concurrency * 60 * shrinkShare
  const isTooMany = isIdle || processes > most
  return isTooMany && processes > floorOf(rule, busySeconds) ? 'shrink' : null
}

// The fewest that bear this load without having to grow again.
function floorOf(rule: HiveRule, busySeconds: number): number {
  // Division rounds otherwise than the rule multiplies, so its neighbours are tried too.
  const about = Math.ceil(busySeconds / bearable(rule, 1))
  const fewest = [about - 1, about].find(
    processes => processes >= 0 && !mustGrow(rule, { busySeconds, processes }),
  )
  return Math.max(rule.least, fewest ?? about + 1)
}

type Now = Readonly<{ numbers: Numbers; nowMs: number }>

function leaning({ lean }: HiveState, way: Way, { numbers, nowMs }: Now): HiveState['lean'] {
  const { busySeconds } = numbers
  if (lean?.way !== way) return { way, sinceMs: nowMs, mostBusy: busySeconds }
  return { ...lean, mostBusy: Math.max(lean.mostBusy, busySeconds) }
}

// In a row is what there is reason for again before it has been quiet for as long as it takes to believe it.
function rowOf(rule: HiveRule, { row }: HiveState, now: Readonly<{ way: Way | null; nowMs: number }>) {
  if (row === null) return null
  if (row.way === now.way) return { ...row, atMs: now.nowMs }
  const quietMs = Math.max(minuteMs, row.way === 'grow' ? rule.growAfterMs : rule.shrinkAfterMs)
  return now.way === null && now.nowMs - row.atMs <= quietMs ? row : null
}

function judged(rule: HiveRule, state: HiveState, { numbers, nowMs }: Now): Step {
  const { lean, advice } = state
  const none: HiveState = { ...state, advice: null }
  if (lean === null) {
    return { state: none, why: mustGrow(rule, numbers) ? 'at_most' : 'enough', given: null }
  }
  const { way } = lean
  const afterMs = way === 'grow' ? rule.growAfterMs : rule.shrinkAfterMs
  const [from, to] = [numbers.processes, targetOf(rule, state, numbers)]
  if (nowMs - lean.sinceMs < afterMs) {
    return { state: none, why: way === 'grow' ? 'may_grow' : 'may_shrink', given: null }
  }
  // The most that was seen meanwhile leaves nothing to spare: it is looked at once more, from here on.
  if (to === from) {
    const again = { way, sinceMs: nowMs, mostBusy: numbers.busySeconds }
    return { state: { ...none, lean: again }, why: 'enough', given: null }
  }
  if (advice?.way === way && advice.from === from && advice.to === to) {
    return { state: { ...state, advice: { ...advice, waitsSinceMs: nowMs } }, why: way, given: null }
  }
  const { busySeconds } = numbers
  const given = { id: `${nowMs}-${from}-${to}`, way, from, to, busySeconds, atMs: nowMs, waitsSinceMs: nowMs }
  return { state: { ...state, advice: given }, why: way, given }
}

// A step up; or a step down, as far as the most handling seen meanwhile would not make it grow again.
function targetOf(rule: HiveRule, { lean, row }: HiveState, { busySeconds, processes }: Numbers): number {
  const { steps, least, most } = rule
  const way = lean?.way ?? 'grow'
  const count = row?.way === way ? row.count : 0
  const by = steps[Math.min(count, steps.length - 1)] ?? 1
  if (way === 'grow') {
    const wants = mustGrow(rule, { busySeconds, processes }) ? processes + by : least
    return Math.min(most, Math.max(least, wants))
  }
  return Math.min(processes, Math.max(floorOf(rule, lean?.mostBusy ?? busySeconds), processes - by))
}
