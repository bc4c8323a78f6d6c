// `npm run bench:promql [SHAPE…]`: the same questions to our whole service and to Prometheus, over HTTP, on the same
// samples in the same run, in turns; and whether the answers are the same. `PLIMSOLL_PROMETHEUS` names a further
// Prometheus. "whole" is from the question to the last byte of the answer; "inside" is what the server itself says it
// took to read and compute (stats=all).
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Answered, difference, seriesIn } from './answers.ts'
import { machine } from './machine.ts'
import { median } from './median.ts'
import { cpuSeconds, memoryMib } from './process.ts'
import { dataOf, endMs, questionOf, questions, shapes } from './promql.ts'
import { load, type Peer, peers, post, startPeer } from './promql-servers.ts'

const rounds = 7
type ShapeName = keyof typeof shapes
type Times = Readonly<{ whole: number[]; inside: number[] }>
type Compared = Readonly<{ whole: number; inside: number }>

const all = peers()
const names = all.map(([name]) => name)
if (names.length < 2) throw new Error('there is no Prometheus here, so there is nothing to compare with')

console.log(machine())
const wanted = process.argv.slice(2)
const compared = new Map<string, Compared[]>()
for (const [name, shape] of Object.entries(shapes)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  await measureShape(name as ShapeName, shape.title)
}
for (const [name, ratios] of compared) {
  const told = (['whole', 'inside'] as const).map(which => {
    const of = ratios.map(each => each[which])
    return `${which} ${median(of).toFixed(2)}, worst ${Math.max(...of).toFixed(2)}`
  })
  console.log(`ours to ${name}, median of the ratios over ${ratios.length} questions: ${told.join('; ')}`)
}

async function measureShape(name: ShapeName, title: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-bench-'))
  const running: Peer[] = []
  try {
    const data = dataOf(shapes[name])
    for (const [peer, program] of all) {
      const one = await startPeer(peer, program, join(folder, String(running.length)))
      running.push(one)
      const [began, before] = [performance.now(), cpuSeconds(one.pid)]
      await load(one.origin, data)
      const [took, cpu] = [(performance.now() - began) / 1_000, cpuSeconds(one.pid) - before]
      console.log(`${title}: ${peer} was loaded in ${took.toFixed(0)} s, ${cpu.toFixed(0)} CPU-s`)
    }
    await untilQuiet(running)
    console.log(`${title}: series in the answer; whole and inside, ms: ${names.join(' | ')} | ratios`)
    for (const [what, query] of Object.entries(questions[name]))
      await measureQuestion({ name, what, query }, running)
    const peaks = running.map(each => `${each.name} ${memoryMib(each.pid, 'VmHWM').toFixed(0)} MiB`)
    console.log(`${title}: at most ${peaks.join(', ')}`)
  } finally {
    for (const each of running) await each.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

// Blocks are written and merged behind the load, by both; and Prometheus looks once a minute whether it has to.
async function untilQuiet(running: readonly Peer[]): Promise<void> {
  await sleep(5_000)
  for (let quiet = 0; quiet < 3; ) {
    const before = running.map(({ pid }) => cpuSeconds(pid))
    await sleep(2_000)
    const isQuiet = running.every(({ pid }, at) => cpuSeconds(pid) - before[at]! < 0.2)
    quiet = isQuiet ? quiet + 1 : 0
  }
}

type Asked = Readonly<{ name: ShapeName; what: string; query: string }>

async function measureQuestion({ name, what, query }: Asked, running: readonly Peer[]): Promise<void> {
  const times = running.map((): Times => ({ whole: [], inside: [] }))
  const last: Answered[] = []
  // The first two rounds make everyone warm.
  for (let round = -2; round < rounds; round++) {
    for (const [at, { origin }] of running.entries()) {
      const { body, tookMs } = await ask(origin, name, query)
      if (round === rounds - 1 || round === -2) last[at] = JSON.parse(body.toString()) as Answered
      if (round < 0) continue
      times[at]!.whole.push(tookMs)
      times[at]!.inside.push(insideMs(body))
    }
  }
  const figures = times.map(({ whole, inside }) => ({ whole: median(whole), inside: median(inside) }))
  const [ours] = figures
  const ratios = figures.slice(1).map(({ whole, inside }, at): Compared => {
    const ratio = { whole: ours!.whole / whole, inside: ours!.inside / inside }
    const peer = names[at + 1]!
    compared.set(peer, [...(compared.get(peer) ?? []), ratio])
    return ratio
  })
  const two = ({ whole, inside }: Compared, digits: number): string =>
    `${whole.toFixed(digits).padStart(8)} ${inside.toFixed(digits).padStart(8)}`
  const columns = [...figures.map(each => two(each, 1)), ...ratios.map(each => two(each, 2))]
  console.log(`  ${what.padEnd(20)} ${String(seriesIn(last[0]!)).padStart(7)}  ${columns.join(' | ')}`)
  for (const [at, each] of last.slice(1).entries()) {
    const unlike = difference(last[0]!, each)
    if (unlike !== undefined) console.log(`    not the same as ${names[at + 1]}: ${unlike}`)
  }
}

function ask(origin: string, name: ShapeName, query: string): ReturnType<typeof post> {
  const question = questionOf(name)
  const seconds = (ms: number): string => String(ms / 1_000)
  const times =
    'atMs' in question
      ? { time: seconds(endMs) }
      : { start: seconds(question.startMs), end: seconds(question.endMs), step: seconds(question.stepMs) }
  const path = 'atMs' in question ? 'query' : 'query_range'
  const form = new URLSearchParams({ query, stats: 'all', ...times }).toString()
  return post(`${origin}/api/v1/${path}`, form, { 'content-type': 'application/x-www-form-urlencoded' })
}

// The statistics stand at the end; a large answer is not read for them.
function insideMs(body: Buffer): number {
  const end = body.subarray(Math.max(0, body.length - 4_096)).toString()
  return 1_000 * Number(/"evalTotalTime":([\d.e+-]+)/.exec(end)?.[1] ?? Number.NaN)
}
