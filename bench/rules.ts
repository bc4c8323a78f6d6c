// `npm run bench:rules [ours|memory|prometheus|storm]`: what a rule costs for each series that has changed, by the live rules
// themselves; beside it the same rules in Prometheus; and what happens when 50 000 series cross a threshold at once.
// What crosses the service from end to end is measured by alert-latency.ts.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Rows } from '#core/batch.ts'
import { openBreaths } from '../rules/live/breaths.ts'
import { batchesOf, beginMs, everyMs, type Opened, openLive, type Shape, tableOf } from './live-rules.ts'
import { machine } from './machine.ts'
import { median } from './median.ts'
import { prometheusCosts } from './rules-prometheus.ts'

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc') as () => void

const shapes: readonly Shape[] = [
  { title: 'm > c, none fires', toMeet: 100, share: 0, expr: rule => `m > ${80 + rule / 1e6}` },
  { title: 'm > c, 1 % fire', toMeet: 100, share: 0.01, expr: rule => `m > ${80 + rule / 1e6}` },
  { title: 'm * c > d, none fires', toMeet: 100, share: 0, expr: rule => `m * ${1 + rule / 1e6} > 1e9` },
  {
    title: 'avg[1m] > c, none fires',
    toMeet: 200,
    share: 0,
    expr: rule => `avg_over_time(m[1m]) > ${80 + rule / 1e6}`,
  },
  {
    title: 'avg[1m] > c, 1 % fire',
    toMeet: 200,
    share: 0.01,
    expr: rule => `avg_over_time(m[1m]) > ${80 + rule / 1e6}`,
  },
]

const counts: readonly (readonly [rules: number, series: number])[] = [
  [1, 10_000],
  [100, 10_000],
  [1_000, 10_000],
  [10_000, 10_000],
  [1, 100_000],
  [100, 100_000],
  [1_000, 100_000],
]
// As many series change at one time: of a request that brings a hundred hosts, or of one that brings very many.
const togethers = [100, 10_000]
// With alerts that go on there are as many as a hundredth of this.
const pairsMax = { quiet: 1e8, firing: 1e7 }
const rounds = 3

type Cost = Readonly<{ arrivingNs: number; leavingNs: number }>

if (import.meta.main) {
  const [wanted] = process.argv.slice(2)
  const wants = (what: string): boolean => wanted === undefined || wanted === what
  console.log(machine())
  if (wants('ours')) for (const shape of shapes) showCosts(shape)
  if (wants('memory')) for (const series of [10_000, 100_000]) showBytes(series)
  if (wants('prometheus')) await prometheusCosts(shapes)
  if (wants('storm'))
    for (const expr of ['m > 80', 'avg_over_time(m[1m]) > 80']) await showStorm(expr, 50_000)
}

function showCosts({ title, toMeet, share, expr }: Shape): void {
  const heads = togethers.map(each => `${each} at once`.padStart(15)).join('')
  console.log(
    `${title}: ns a rule and changed series (to meet: ${toMeet}), of ${heads}; and as samples leave the window`,
  )
  for (const [rules, series] of counts) {
    if (rules * series > (share > 0 ? pairsMax.firing : pairsMax.quiet)) continue
    const exprs = Array.from({ length: rules }, (_, rule) => expr(rule))
    const costs = togethers.map(together => cost(exprs, series, { together, share }))
    const arriving = costs.map(each => each.arrivingNs.toFixed(1).padStart(15)).join('')
    const leaving = costs.at(-1)!.leavingNs
    const left = leaving < 0.05 ? '' : leaving.toFixed(1).padStart(10)
    console.log(
      `  ${String(rules).padStart(6)} rules × ${String(series).padStart(7)} series ${arriving}${left}`,
    )
  }
}

type Arrival = Readonly<{ together: number; share: number }>

// Every series has a sample each ten seconds. Nothing begins or ends in the rounds that count.
function cost(exprs: readonly string[], series: number, { together, share }: Arrival): Cost {
  const opened = openLive(exprs, tableOf(series))
  const batches = batchesOf(series, together, share)
  let nowMs = beginMs
  for (let round = 0; round < 8; round++) nowMs = oneRound(opened, batches, nowMs).nowMs
  const [arriving, leaving]: [number[], number[]] = [[], []]
  for (let round = 0; round < rounds; round++) {
    const { nowMs: nextMs, arrivingMs, leavingMs } = oneRound(opened, batches, nowMs)
    arriving.push(arrivingMs)
    leaving.push(leavingMs)
    nowMs = nextMs
  }
  const alerts =
    exprs.length * batches.reduce((sum, { values }) => sum + values.filter(each => each > 80).length, 0)
  const active = opened.live.seats.reduce((sum, seat) => sum + seat.active.length, 0)
  if (active !== alerts) throw new Error(`${active} alerts go on, and should be ${alerts}`)
  const each = 1e6 / exprs.length / series
  return { arrivingNs: median(arriving) * each, leavingNs: median(leaving) * each }
}

type Round = Readonly<{ nowMs: number; arrivingMs: number; leavingMs: number }>

function oneRound({ live }: Opened, batches: readonly Rows[], beforeMs: number): Round {
  const nowMs = beforeMs + everyMs
  for (const { tMs } of batches) tMs.fill(nowMs)
  const began = performance.now()
  live.advanceTo(nowMs)
  const advanced = performance.now()
  for (const rows of batches) {
    live.take([rows], nowMs)
    live.takeOutcome()
  }
  return { nowMs, arrivingMs: performance.now() - advanced, leavingMs: advanced - began }
}

function showBytes(series: number): void {
  for (const [title, expr] of [
    ['threshold', 'm > 80'],
    ['window of a minute', 'avg_over_time(m[1m]) > 80'],
  ] as const) {
    const quiet = bytesOf([expr], series, 0)
    const firing = bytesOf([expr], series, 1)
    const alert = firing.all - quiet.all
    console.log(
      `memory, ${title}, ${series} series: head ${quiet.head.toFixed(0)} bytes a series, with the rules ${quiet.all.toFixed(0)}; ${alert.toFixed(0)} more for each alert that fires`,
    )
  }
}

function bytesOf(
  exprs: readonly string[],
  series: number,
  share: number,
): Readonly<{ head: number; all: number }> {
  const table = tableOf(series)
  const batches = batchesOf(series, 1_000, share)
  const before = used()
  const opened = openLive(exprs, table)
  let nowMs = beginMs
  for (let round = 0; round < 30; round++) nowMs = oneRound(opened, batches, nowMs).nowMs
  const all = (used() - before) / series
  if (opened.live.nowMs < nowMs || batches.length === 0)
    throw new Error('what is counted has to be there still')
  return { head: opened.head.bytes / series, all }
}

function used(): number {
  // Memory of arrays is given back only after the second.
  gc()
  gc()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

// In pieces, as the service takes it; somebody else wants the thread all the while, and may have to wait.
async function showStorm(expr: string, series: number): Promise<void> {
  const times: number[] = []
  const waits: number[] = []
  for (let run = 0; run < 5; run++) {
    const opened = openLive([expr], tableOf(series))
    let nowMs = beginMs
    const calm = batchesOf(series, 1_000, 0)
    for (let round = 0; round < 8; round++) nowMs = oneRound(opened, calm, nowMs).nowMs
    nowMs += everyMs
    const rows = batchesOf(series, 1_000, 2).map(each => {
      return { ...each, tMs: each.tMs.fill(nowMs), values: each.values.fill(1_000) }
    })
    opened.live.advanceTo(nowMs)
    const began = performance.now()
    let isDone = false
    const taking = openBreaths()
      .do(() => opened.live.takeInPieces(rows, nowMs))
      .finally(() => {
        isDone = true
      })
    for (let since = began; !isDone; since = performance.now()) {
      await new Promise(resolve => setImmediate(resolve))
      waits.push(performance.now() - since)
    }
    await taking
    const outcome = opened.live.takeOutcome()
    times.push(performance.now() - began)
    if (outcome?.transitions.length !== series)
      throw new Error(`${outcome?.transitions.length} told of ${series}`)
  }
  const texts = [median(times), Math.max(...times), Math.max(...waits)].map(each => each.toFixed(0))
  console.log(
    `${series} series cross ${expr} at once: ${texts[0]} ms until the outcome, at most ${texts[1]} ms, and others wait ${texts[2]} ms at most`,
  )
}
