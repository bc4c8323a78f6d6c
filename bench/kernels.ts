// What does a compiled rule cost for each series that has changed? Thresholds and averages over a minute, for 1 to
// 10 000 rules over one selector, with one series and with 10 000. The samples lie in memory as the head has them.
// Medians of several runs; what finds nothing and what finds a hundredth of the series.
import { parse } from '#promql/parse.ts'
import type { Strips } from '../rules/head.ts'
import { type Kernel, openHits, openKernels, openSheet } from '../rules/kernel.ts'
import { machine } from './machine.ts'
import { median } from './median.ts'

const endMs = Date.UTC(2026, 0, 31)
const seriesMax = 10_000

// Two minutes of each series; values between 0 and 100, no two alike.
export function stripsOf(everyMs: number): Strips {
  const each = 120_000 / everyMs
  const strips = {
    tMs: new Float64Array(seriesMax * each),
    values: new Float64Array(seriesMax * each),
    begins: Uint32Array.from({ length: seriesMax }, (_, slot) => slot * each),
    ends: Uint32Array.from({ length: seriesMax }, (_, slot) => (slot + 1) * each),
  }
  for (let at = 0; at < strips.tMs.length; at++) {
    const slot = Math.floor(at / each)
    strips.tMs[at] = endMs - (each - 1 - (at % each)) * everyMs
    strips.values[at] = ((slot * 7_919) % seriesMax) / 100 + (at % 10) / 1_000
  }
  return strips
}

// `than` is the number of the rule's threshold.
type Shape = Readonly<{ title: string; everyMs: number; text: (rule: number) => string }>

const shapes: readonly Shape[] = [
  { title: 'm > c, none holds', everyMs: 10_000, text: rule => `m > ${200 + rule}` },
  { title: 'm > c, 1 % hold', everyMs: 10_000, text: rule => `m > ${99 + rule / 1e6}` },
  { title: 'm / 2 > c, none holds', everyMs: 10_000, text: rule => `m / 2 > ${200 + rule}` },
  { title: 'm * c > 1e9, none holds', everyMs: 10_000, text: rule => `m * ${1 + rule / 1e6} > 1e9` },
  { title: 'avg of 6 samples, none', everyMs: 10_000, text: rule => `avg_over_time(m[1m]) > ${200 + rule}` },
  { title: 'avg of 60 samples, none', everyMs: 1_000, text: rule => `avg_over_time(m[1m]) > ${200 + rule}` },
  {
    title: 'avg of 60 samples, 1 %',
    everyMs: 1_000,
    text: rule => `avg_over_time(m[1m]) > ${99 + rule / 1e6}`,
  },
  { title: 'rate of 60 samples, none', everyMs: 1_000, text: rule => `rate(m[1m]) > ${1e6 + rule}` },
]

export type Cost = Readonly<{ title: string; rules: number; series: number; nsPerPair: number }>

export function* kernelCosts(runs = 7): Generator<Cost> {
  for (const { title, everyMs, text } of shapes) {
    const strips = stripsOf(everyMs)
    for (const rules of [1, 100, 1_000, 10_000]) {
      const { compile } = openKernels({ lookbackMs: 300_000 })
      const kernels = Array.from({ length: rules }, (_, rule) => compile(parse(text(rule)))!)
      for (const series of [1, seriesMax]) {
        const slots = Uint32Array.from({ length: series }, (_, slot) => slot)
        yield { title, rules, series, nsPerPair: costOf(kernels, strips, slots, runs) }
      }
    }
  }
}

function costOf(kernels: readonly Kernel[], strips: Strips, slots: Uint32Array, runs: number): number {
  const sheet = openSheet()
  const hits = openHits()
  let found = 0
  const once = (): void => {
    sheet.begin(strips, slots, endMs)
    for (const kernel of kernels) {
      kernel.find(sheet, hits)
      found += hits.count
    }
  }
  const timed = (times: number): number => {
    const startMs = performance.now()
    for (let each = 0; each < times; each++) once()
    return (performance.now() - startMs) / times
  }
  for (let each = 0; each < 3; each++) once()
  const repeats = Math.min(100_000, Math.ceil(30 / Math.max(0.0005, timed(3))))
  const onceMs = median(Array.from({ length: runs }, () => timed(repeats)))
  if (found < 0) throw new Error('what is found has to be counted, or nothing need be found')
  return (onceMs * 1e6) / kernels.length / slots.length
}

if (import.meta.main) {
  console.log(machine())
  console.log('compiled rules, ns for each rule and changed series (medians of 7 runs)')
  for (const { title, rules, series, nsPerPair } of kernelCosts()) {
    const counts = `${String(rules).padStart(6)} rules × ${String(series).padStart(6)} series`
    console.log(`  ${title.padEnd(26)} ${counts} ${nsPerPair.toFixed(2).padStart(10)} ns`)
  }
}
