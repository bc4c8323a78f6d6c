// What would these rules have done? Replays stored history as fast as it can, stretch by stretch, so that memory is
// bounded by a stretch and not by the time; with an older version of the rules beside it over the same reads. Called by
// the address of `plimsoll backtest` (bin/backtest-routes.ts).
import { elapsedMs } from '#core/clock.ts'
import type { Source } from '#promql/source.ts'
import { adviceOn, grouped } from './backtest/advice.ts'
import { type Compared, compare } from './backtest/compare.ts'
import { openNights } from './backtest/nights.ts'
import { ReadAhead } from './backtest/read-ahead.ts'
import { openReplay, type Replay } from './backtest/replay.ts'
import type { AlertReport, Progress, Report } from './backtest/report.ts'
import { type AlertResult, variesWithTime } from './backtest/rule-replay.ts'
import type { RuleGroup } from './rule.ts'

export type { AlertReport, Progress, Report } from './backtest/report.ts'
export { grouped }

export type BacktestOptions = Readonly<{
  source: Source
  groups: readonly RuleGroup[]
  // An older version.
  against?: readonly RuleGroup[]
  // Both ends belong to it.
  fromMs: number
  toMs: number
  // Left out: what each group says, else 15 s.
  stepMs?: number
  timeZone: string
  signal?: AbortSignal
  onProgress?(progress: Progress): void
}>

export async function backtest(options: BacktestOptions): Promise<Report> {
  const { source, groups, against, fromMs, toMs, stepMs, timeZone, signal } = options
  const beganMs = elapsedMs()
  const rules = [...groups, ...(against ?? [])].reduce((sum, each) => sum + each.rules.length, 0)
  const listedMax = Math.max(200, Math.min(5_000, Math.floor(listedOfAll / Math.max(1, rules))))
  const between = { fromMs, toMs, nights: openNights(fromMs, toMs, timeZone), listedMax }
  const ahead = new ReadAhead(source, [...groups, ...(against ?? [])])
  const open = (groups: readonly RuleGroup[]): Replay =>
    openReplay({ groups, source: ahead, between, stepMs, signal })
  const replay = open(groups)
  const older = against === undefined ? undefined : open(against)
  const all = older === undefined ? [replay] : [replay, older]
  await runAll(all, ahead, options)
  const { alerts, records } = replay.close()
  const before = older?.close()
  const compared = before === undefined ? undefined : compare(alerts, before.alerts)
  return {
    fromMs,
    toMs,
    timeZone,
    tookMs: Math.round(elapsedMs() - beganMs),
    samplesRead: ahead.samples,
    cells: cellsOf(all),
    alerts: alerts.map(each => reportOf(each, compared)).sort(byNoise),
    records,
    removed: compared?.removed ?? [],
    notes: [...replay.notes, ...flapping(alerts), ...crowded(alerts, listedMax), ...failedBefore(before)],
  }
}

// Firings kept of all rules together: some hundred bytes each.
const listedOfAll = 200_000

const minute = 60_000
const day = 1_440 * minute
const firstMs = 120 * minute
// Samples read, and numbers computed by one evaluation, in one stretch.
const samplesAimed = 3_000_000
const cellsAimed = 1_000_000

const cellsOf = (all: readonly Replay[]): number => all.reduce((sum, { cells }) => sum + cells, 0)

async function runAll(all: readonly Replay[], ahead: ReadAhead, options: BacktestOptions): Promise<void> {
  const { fromMs, toMs, signal, onProgress } = options
  // A stretch that is short beside what is looked back to reads the same again and again.
  const leastMs = Math.max(5 * minute, Math.min(day, ahead.farMs / 4))
  let lengthMs = Math.max(firstMs, leastMs)
  for (let atMs = fromMs; atMs <= toMs; ) {
    const untilMs = Math.min(toMs + 1, atMs + lengthMs)
    ahead.begin(atMs, untilMs - 1)
    const before = ahead.samples
    for (const each of all) {
      signal?.throwIfAborted()
      await each.run(atMs, untilMs)
    }
    const read = Math.max(1, ahead.samples - before)
    const peak = Math.max(1, ...all.map(each => each.takePeakCells()))
    const fits = Math.min(samplesAimed / read, cellsAimed / peak, 4)
    lengthMs = Math.round(Math.min(day, Math.max(leastMs, lengthMs * fits)))
    atMs = untilMs
    onProgress?.({
      share: (untilMs - fromMs) / (toMs + 1 - fromMs),
      atMs: Math.min(untilMs, toMs),
      samplesRead: ahead.samples,
      cells: cellsOf(all),
      firings: all[0]?.firings ?? 0,
    })
  }
}

// Of those that make no noise, the one that fires most.
const byNoise = (a: AlertReport, b: AlertReport): number =>
  b.weight - a.weight || b.firings - a.firings || b.totalMs - a.totalMs

// More are in nobody's page.
const listedMax = 500

function reportOf(result: AlertResult, compared: Compared | undefined): AlertReport {
  const { rule, group, tallied, variants, faults } = result
  const { episodes, episodesMore } = tallied
  return {
    id: rule.id,
    file: group.file,
    group: group.name,
    name: rule.alert,
    line: rule.line,
    forMs: rule.forMs,
    keepFiringMs: rule.keepFiringMs,
    ...tallied,
    variants,
    advice: adviceOn(result),
    episodes: episodes.slice(0, listedMax),
    episodesMore: episodesMore + Math.max(0, episodes.length - listedMax),
    faults,
    change: compared?.changes.get(rule.id) ?? null,
  }
}

function flapping(alerts: readonly AlertResult[]): string[] {
  const names = alerts.filter(each => variesWithTime(each.rule)).map(each => each.rule.alert)
  if (names.length === 0) return []
  return [`Labels made of the value or the time: each text is an alert of its own (${names.join(', ')}).`]
}

function failedBefore(before: ReturnType<Replay['close']> | undefined): string[] {
  const failed = [
    ...(before?.alerts.flatMap(({ rule, faults }) => (faults === null ? [] : [rule.alert])) ?? []),
    ...(before?.records.map(({ name }) => name) ?? []),
  ]
  return failed.length === 0
    ? []
    : [`In the older version these rules failed at times: ${failed.join(', ')}.`]
}

function crowded(alerts: readonly AlertResult[], listedMax: number): string[] {
  return alerts.flatMap(({ rule, tallied: { episodesMore } }) =>
    episodesMore === 0
      ? []
      : [
          `${rule.alert} fired too often to list: the first ${grouped(listedMax)} are listed and compared, so many label sets are told apart, all are counted.`,
        ],
  )
}
