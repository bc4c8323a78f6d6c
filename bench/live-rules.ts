// Live rules over a table and a head of their own, without a service around: rows go in, and the time that takes is
// what is measured. Called by rules.ts and rules-prometheus.ts.
import type { Rows } from '#core/batch.ts'
import { labelsOf } from '#core/labels.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import { SeriesTable } from '#core/series.ts'
import { Head } from '../rules/head.ts'
import { programOf } from '../rules/live/program.ts'
import { Recorder } from '../rules/live/recorder.ts'
import { LiveRules } from '../rules/live-rules.ts'
import { readRuleFile } from '../rules/rule-file.ts'
import { openRuleIds } from '../rules/rule-ids.ts'

export const beginMs = Date.UTC(2026, 0, 31)
export const everyMs = 10_000
const lookbackMs = 300_000

// `expr` is that of one of many rules. `toMeet` is in nanoseconds.
export type Shape = Readonly<{ title: string; toMeet: number; share: number; expr: (rule: number) => string }>

// One alert for each expression, with the words and labels that alerts have.
export function ruleText(exprs: readonly string[], group = 'bench'): string {
  const rules = exprs.map((expr, at) =>
    [
      `      - alert: Bench${at}`,
      `        expr: ${expr}`,
      '        labels: {severity: critical}',
      "        annotations: {summary: '{{ $labels.host }} is at {{ $value }}'}",
    ].join('\n'),
  )
  return `groups:\n  - name: ${group}\n    rules:\n${rules.join('\n')}\n`
}

export type Opened = Readonly<{ live: LiveRules; head: Head; own: ReturnType<typeof openOwnMetrics> }>

export function openLive(exprs: readonly string[], table: SeriesTable, nowMs = beginMs): Opened {
  const { groups, problems } = readRuleFile('rules.yml', ruleText(exprs), openRuleIds())
  if (problems.length > 0) throw new Error(JSON.stringify(problems))
  const own = openOwnMetrics()
  const head = new Head({ table, lookbackMs, maxBytes: 2 ** 30 })
  const recorder = new Recorder({ table, head, own })
  const program = programOf(groups, { lookbackMs, headWindowMs: 3_600_000 })
  head.due(nowMs)
  head.watch(program.watches)
  const live = new LiveRules({
    program,
    head,
    recorder,
    table,
    own,
    saved: new Map(),
    externalLabels: labelsOf([]),
    externalUrl: '',
    lookbackMs,
    monotonicMs: () => performance.now(),
    nowMs,
    isPatient: false,
  })
  live.evaluateAll()
  return { live, head, own }
}

export function tableOf(series: number): SeriesTable {
  const table = new SeriesTable()
  for (let at = 0; at < series; at++) table.intern('m', labelsOf([['host', `host_${at}`]]))
  return table
}

// Of every series one row, `together` in a batch. Values are between 0 and 70; those of `share` of the series are 95.
export function batchesOf(series: number, together: number, share: number): Rows[] {
  const batches: Rows[] = []
  for (let from = 0; from < series; from += together) {
    const length = Math.min(together, series - from)
    const numbers = Uint32Array.from({ length }, (_, at) => from + at)
    const values = Float64Array.from(numbers, number => valueFor(number, share))
    batches.push({ series: numbers, tMs: new Float64Array(length), values })
  }
  return batches
}

export const valueFor = (number: number, share: number): number =>
  (Math.imul(number, 2_654_435_761) >>> 0) / 2 ** 32 < share ? 95 : (number * 7_919) % 70
