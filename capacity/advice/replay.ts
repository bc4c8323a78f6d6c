// What would the rule of the minute have done in a time that is over? Steps the same machine through it minute by minute:
// handling as it was measured, processes as many as they would have been if all advice had been followed within the next
// minute. Called by api/advice-routes.ts. Questions are asked six hours at a time, so that a year fits.
//
// What it cannot know: a pool that ran out of processes handled less than it was asked for, so after advice to grow there
// would have been more handling than was measured.
import { Failure } from '#core/errors.ts'
import type { Source } from '#promql/source.ts'
import { freshHive, type HiveState, type Measured, missingOf, step, type Way } from './hive.ts'
import type { AdvisedPool } from './judged.ts'
import { measureRange } from './measure.ts'

export type ReplayAsked = Readonly<{
  pool: AdvisedPool
  source: Source
  fromMs: number
  toMs: number
  signal: AbortSignal
  // Left out: it has the store for itself.
  inTurn?: <T>(piece: () => Promise<T>) => Promise<T>
  onProgress?: (progress: ReplayProgress) => void
}>

export type ReplayProgress = Readonly<{ share: number; atMs: number; given: number }>

export type ReplayedAdvice = Readonly<{
  atMs: number
  way: Way
  from: number
  to: number
  busySeconds: number
  // How many ran then in truth; null where nobody measured it.
  ran: number | null
}>

export type Replay = Readonly<{
  pool: string
  fromMs: number
  toMs: number
  // The first ones; `left` are not listed, but counted.
  advice: readonly ReplayedAdvice[]
  left: number
  // Each change of how many there would have been, the first one at the beginning.
  processes: readonly Readonly<{ atMs: number; processes: number }>[]
  summary: ReplaySummary
}>

// Hours of one process each, over the minutes in which both numbers are known.
export type ReplaySummary = Readonly<{
  minutes: number
  unmeasuredMinutes: number
  grown: number
  shrunk: number
  // The most and fewest there would have been, and were.
  peak: number
  fewest: number
  ranPeak: number
  hours: number
  ranHours: number
  // Hours that would not have been run, and that would have been run in addition.
  savedHours: number
  addedHours: number
  // Hours in which the rule asked for more than there was: as it would have been, and as it was.
  shortHours: number
  ranShortHours: number
}>

const minuteMs = 60_000
const pieceMs = 360 * minuteMs
const listedMax = 5_000

export async function replayAdvice(asked: ReplayAsked): Promise<Replay> {
  const { pool, source, toMs, signal, onProgress, inTurn = piece => piece() } = asked
  const fromMs = Math.ceil(asked.fromMs / minuteMs) * minuteMs
  if (toMs < fromMs) throw new Failure('bad_request', 'wanted a time of a minute or more')
  const told = openTold(pool)
  for (let startMs = fromMs; startMs <= toMs; startMs += pieceMs) {
    const piece = { fromMs: startMs, toMs: Math.min(toMs, startMs + pieceMs - minuteMs), stepMs: minuteMs }
    // One behind the other: each may hold as many samples as a question may.
    const { busy, ran } = await inTurn(async () => ({
      busy: await measureRange(pool.advice.busy, piece, { source, signal }),
      ran: await measureRange(pool.advice.processes, piece, { source, signal }),
    }))
    for (const [at, busySeconds] of busy.entries()) {
      told.minute({ atMs: startMs + at * minuteMs, busySeconds, ran: ran[at] ?? Number.NaN })
    }
    const share = Math.min(1, (piece.toMs - fromMs + minuteMs) / (toMs - fromMs + minuteMs))
    onProgress?.({ share, atMs: piece.toMs, given: told.given() })
    signal.throwIfAborted()
  }
  return { pool: pool.name, fromMs, toMs, ...told.end() }
}

type Minute = Readonly<{ atMs: number; busySeconds: number; ran: number }>

// The machine and what it has said.
function openTold({ advice: rule }: AdvisedPool) {
  let hive: HiveState = freshHive
  // How many there would be; unknown until it is measured for the first time.
  let processes = Number.NaN
  const advice: ReplayedAdvice[] = []
  const changes: { atMs: number; processes: number }[] = []
  const tally = openTally(rule.concurrency * 60 * rule.share)
  let [given, left] = [0, 0]
  const change = (atMs: number, to: number): void => {
    processes = to
    if (changes.length < listedMax) changes.push({ atMs, processes })
  }

  return {
    given: () => given,
    minute({ atMs, busySeconds, ran }: Minute): void {
      if (Number.isNaN(processes) && !Number.isNaN(ran)) change(atMs, ran)
      const measured: Measured = Number.isNaN(processes)
        ? { missing: 'processes: nothing is measured' }
        : { busySeconds, processes }
      tally.minute({ busySeconds, processes, ran, isMeasured: missingOf(measured) === null })
      const { state, given: now } = step(rule, hive, measured, atMs)
      hive = state
      if (now === null) return
      given += 1
      tally.moved(now.way)
      const { way, from, to } = now
      if (advice.length < listedMax) {
        advice.push({ atMs, way, from, to, busySeconds, ran: Number.isNaN(ran) ? null : ran })
      } else left += 1
      change(atMs + minuteMs, to)
    },
    end: () => ({ advice, left, processes: changes, summary: tally.summary() }),
  }
}

type Counted = Readonly<{ busySeconds: number; processes: number; ran: number; isMeasured: boolean }>

function openTally(bearableOfOne: number) {
  const sum = { minutes: 0, unmeasured: 0, grow: 0, shrink: 0, here: 0, ran: 0, saved: 0, added: 0, short: 0 }
  let [peak, fewest, ranPeak, ranShort] = [0, Number.POSITIVE_INFINITY, 0, 0]
  const hours = (minutes: number): number => minutes / 60
  return {
    moved: (way: Way): void => {
      sum[way] += 1
    },
    minute({ busySeconds, processes, ran, isMeasured }: Counted): void {
      sum.minutes += 1
      if (!isMeasured) {
        sum.unmeasured += 1
        return
      }
      peak = Math.max(peak, processes)
      fewest = Math.min(fewest, processes)
      if (busySeconds > processes * bearableOfOne) sum.short += 1
      if (Number.isNaN(ran)) return
      ranPeak = Math.max(ranPeak, ran)
      sum.here += processes
      sum.ran += ran
      sum.saved += Math.max(0, ran - processes)
      sum.added += Math.max(0, processes - ran)
      if (busySeconds > ran * bearableOfOne) ranShort += 1
    },
    summary: (): ReplaySummary => ({
      minutes: sum.minutes,
      unmeasuredMinutes: sum.unmeasured,
      grown: sum.grow,
      shrunk: sum.shrink,
      peak,
      fewest: Number.isFinite(fewest) ? fewest : 0,
      ranPeak,
      hours: hours(sum.here),
      ranHours: hours(sum.ran),
      savedHours: hours(sum.saved),
      addedHours: hours(sum.added),
      shortHours: hours(sum.short),
      ranShortHours: hours(ranShort),
    }),
  }
}
