// What does it cost to evaluate? Expressions as rules have them over 10 000 and 100 000 series at one time, and as
// dashboards have them over an hour and thirty days. The samples lie in memory, so that only the evaluator is
// measured; `dataOf` and `questions` are what a peer is to be loaded with and asked. Medians of several runs.
import { labelsOf } from '#core/labels.ts'
import { matches } from '#core/matchers.ts'
import type { Labels, Matcher } from '#core/model.ts'
import type { Range, SeriesSamples } from '#core/store.ts'
import { evaluate, evaluateNow, type Question } from '#promql/evaluate.ts'
import { parse } from '#promql/parse.ts'
import type { Source } from '#promql/source.ts'
import { median } from './median.ts'

export const endMs = Date.UTC(2026, 0, 31)
const dayMs = 86_400_000
// The newest samples are that old: no sample stands at the very edge of a window, which belongs to it in older
// versions of Prometheus and not in newer ones.
const ageMs = 7_000

// Ten series a host, from `lengthMs` before the end on.
type Shape = Readonly<{ title: string; hosts: number; lengthMs: number; everyMs: number }>

export const shapes = {
  'ten thousand': { title: '10 000 series', hosts: 1_000, lengthMs: 360_000, everyMs: 15_000 },
  'hundred thousand': { title: '100 000 series', hosts: 10_000, lengthMs: 360_000, everyMs: 15_000 },
  'an hour': { title: '1 000 series, 1 h by 15 s', hosts: 100, lengthMs: 3_960_000, everyMs: 15_000 },
  'thirty days': { title: '100 series, 30 d by 1 h', hosts: 10, lengthMs: 31 * dayMs, everyMs: 60_000 },
} as const satisfies Record<string, Shape>

const instants = {
  threshold: 'cpu_busy > 99',
  rate: 'rate(requests_total[5m])',
  increase: 'increase(requests_total[5m])',
  'avg over time': 'avg_over_time(cpu_busy[5m])',
  'avg by': 'avg by (host) (cpu_busy)',
  'sum without': 'sum without (cpu) (cpu_busy)',
  join: 'cpu_busy * on (host) group_left (rack) host_info',
  ratio: 'cpu_busy / cpu_limit',
  'and on': 'cpu_busy > 50 and on (host) host_info',
  topk: 'topk(10, cpu_busy)',
  'max over time': 'max_over_time(cpu_busy[5m])',
  'quantile over time': 'quantile_over_time(0.9, cpu_busy[5m])',
  'predict linear': 'predict_linear(cpu_busy[5m], 3600)',
  subquery: 'max_over_time(rate(requests_total[1m])[4m:30s])',
  'label replace': 'label_replace(cpu_busy, "rack", "r$1", "host", "host-.*(..)")',
  regex: 'cpu_busy{host=~"host-000[0-4].*", cpu!~"cpu[5-9]"}',
  count: 'count(cpu_busy > 50)',
  absent: 'absent(cpu_busy)',
  'histogram by host': 'histogram_quantile(0.9, sum by (host, le) (rate(latency_bucket[5m])))',
  histogram: 'histogram_quantile(0.9, sum by (le) (rate(latency_bucket[5m])))',
} as const

const ranges = {
  'as it is': 'cpu_busy',
  rate: 'rate(requests_total[5m])',
  'sum of rates': 'sum by (dc) (rate(requests_total[5m]))',
  join: 'cpu_busy * on (host) group_left (rack) host_info',
  'avg over time': 'avg_over_time(cpu_busy[1h])',
  'max over time': 'max_over_time(cpu_busy[1h])',
  'quantile over time': 'quantile_over_time(0.9, cpu_busy[1h])',
  'predict linear': 'predict_linear(cpu_busy[1h], 86400)',
  subquery: 'max_over_time(rate(requests_total[5m])[30m:5m])',
  regex: 'cpu_busy{host=~"host-00000[0-4]", cpu!~"cpu[5-9]"}',
  'count by threshold': 'count by (dc) (cpu_busy > 50)',
  histogram: 'histogram_quantile(0.9, sum by (le) (rate(latency_bucket[5m])))',
  topk: 'topk(5, cpu_busy)',
} as const

export const questions: Readonly<Record<keyof typeof shapes, Readonly<Record<string, string>>>> = {
  'ten thousand': instants,
  'hundred thousand': instants,
  'an hour': ranges,
  'thirty days': ranges,
}

export const questionOf = (shape: keyof typeof shapes): Question => {
  if (shape === 'an hour') return { startMs: endMs - 3_600_000, endMs, stepMs: 15_000 }
  if (shape === 'thirty days') return { startMs: endMs - 30 * dayMs, endMs, stepMs: 3_600_000 }
  return { atMs: endMs }
}

export function dataOf({ hosts, lengthMs, everyMs }: Shape): SeriesSamples[] {
  const count = Math.floor(lengthMs / everyMs)
  const tMs = Float64Array.from({ length: count }, (_, at) => endMs - ageMs - (count - 1 - at) * everyMs)
  const all: SeriesSamples[] = []
  const add = (name: string, labels: Labels, value: (at: number) => number): void => {
    const values = Float64Array.from(tMs, (_, at) => value(at))
    all.push({ series: { name, labels }, tMs, values })
  }
  for (let host = 0; host < hosts; host++) {
    const place = [
      ['dc', `dc${host % 5}`],
      ['host', `host-${String(host).padStart(6, '0')}`],
    ] as const
    for (let cpu = 0; cpu < 10; cpu++) {
      const labels = labelsOf([['cpu', `cpu${cpu}`], ...place])
      // No two are equal at one time, so that the highest are the same wherever they are looked for.
      const own = host * 10 + cpu
      const busy = (at: number): number => ((host * 7 + cpu * 13 + at * 3) * 7_919) % 101
      add('cpu_busy', labels, at => (busy(at) * 1e6 + own) / 1e6)
      add('cpu_limit', labels, () => 100)
      add('requests_total', labels, at => (at * (host + cpu + 1)) % 100_000)
      const bound = cpu === 9 ? '+Inf' : String(2 ** cpu / 100)
      add('latency_bucket', labelsOf([...place, ['le', bound]]), at => at * (cpu + 1))
    }
    add('host_info', labelsOf([...place, ['rack', `r${host % 97}`]]), () => 1)
  }
  return all
}

// Answers the same question with the same objects, as a head in memory does.
export function sourceOf(data: readonly SeriesSamples[]): Source {
  const known = new Map<string, SeriesSamples[]>()
  const find = (matchers: readonly Matcher[], { fromMs, toMs }: Range): SeriesSamples[] =>
    data
      .filter(({ series }) => matches(series, matchers))
      .map(({ series, tMs, values }) => {
        const from = tMs.findIndex(each => each >= fromMs)
        const to = tMs.findLastIndex(each => each <= toMs) + 1
        return { series, tMs: tMs.subarray(from, to), values: values.subarray(from, to) }
      })
  return {
    select(matchers, range) {
      const key = JSON.stringify([matchers, range])
      const found = known.get(key) ?? find(matchers, range)
      known.set(key, found)
      return found
    },
  }
}

// Of the processor, which others' work disturbs less than the clock.
function threadMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}

type Cost = Readonly<{ title: string; text: string; medianMs: number }>

export function* evaluationCosts(runs = 7): Generator<Cost> {
  for (const [name, shape] of Object.entries(shapes)) {
    const source = sourceOf(dataOf(shape))
    const question = questionOf(name as keyof typeof shapes)
    for (const [title, text] of Object.entries(questions[name as keyof typeof shapes])) {
      const expr = parse(text)
      // What the source finds is no part of it.
      evaluateNow(expr, source, question)
      const timed = (times: number): number => {
        const before = threadMs()
        for (let each = 0; each < times; each++) evaluateNow(expr, source, question)
        return (threadMs() - before) / times
      }
      // The clock of the processor ticks every few milliseconds.
      const repeats = Math.ceil(60 / Math.max(0.5, timed(5)))
      const medianMs = median(Array.from({ length: runs }, () => timed(repeats)))
      yield { title: `${shape.title}: ${title}`, text, medianMs }
    }
  }
}

// The longest time that nothing else could be done while a long question was answered.
export async function longestPauseMs(): Promise<number> {
  const source = sourceOf(dataOf(shapes['hundred thousand']))
  let longest = 0
  let last = threadMs()
  let isOver = false
  const watch = (): void => {
    const now = threadMs()
    longest = Math.max(longest, now - last)
    last = now
    if (!isOver) setImmediate(watch)
  }
  const question = questionOf('hundred thousand')
  for (const text of Object.values(instants)) evaluateNow(parse(text), source, question)
  last = threadMs()
  watch()
  for (const text of Object.values(instants)) await evaluate(parse(text), source, question)
  isOver = true
  return longest
}

if (import.meta.main) {
  console.log('evaluation, samples in memory (CPU time, medians of 7 runs)')
  for (const { title, medianMs } of evaluationCosts()) {
    console.log(`  ${title.padEnd(46)} ${medianMs.toFixed(2).padStart(9)} ms`)
  }
  console.log(`  longest pause of everything else: ${(await longestPauseMs()).toFixed(1)} ms`)
}
