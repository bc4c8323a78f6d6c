// The same rules in Prometheus, on the same number of series in its memory; it says itself how long a group took.
// Called by rules.ts; `PLIMSOLL_PROMETHEUS` names one that is not installed as Debian has it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { labelsOf } from '#core/labels.ts'
import type { SeriesSamples } from '#core/store.ts'
import { everyMs, ruleText, type Shape, valueFor } from './live-rules.ts'
import { cpuSeconds, memoryMib } from './process.ts'
import { load, type Peer, peers, startPeer } from './promql-servers.ts'

// More would take Prometheus minutes.
const counts: readonly (readonly [rules: number, series: number])[] = [
  [100, 10_000],
  [10, 100_000],
]

export async function prometheusCosts(shapes: readonly Shape[]): Promise<void> {
  const [name, program] =
    peers()
      .filter(([each]) => each !== 'plimsoll')
      .at(-1) ?? []
  if (name === undefined || program === undefined) {
    console.log('there is no Prometheus here, so there is nothing to compare with')
    return
  }
  for (const [rules, series] of counts) {
    for (const share of [0, 0.01]) {
      const folder = mkdtempSync(join(tmpdir(), 'plimsoll-bench-'))
      const peer = await startPeer(name, program, join(folder, 'peer'))
      try {
        await load(peer.origin, dataOf(series, share))
        for (const shape of shapes.filter(each => each.share === share)) {
          const exprs = Array.from({ length: rules }, (_, rule) => shape.expr(rule))
          await show(`${name}: ${shape.title}`, { peer, folder: join(folder, 'peer'), exprs, series })
        }
        console.log(`${name}: at most ${memoryMib(peer.pid, 'VmHWM').toFixed(0)} MiB with ${series} series`)
      } finally {
        await peer.stop()
        rmSync(folder, { recursive: true, force: true })
      }
    }
  }
}

type Asked = Readonly<{ peer: Peer; folder: string; exprs: readonly string[]; series: number }>

async function show(title: string, { peer, folder, exprs, series }: Asked): Promise<void> {
  const config = 'global: {evaluation_interval: 5s}\nrule_files: [rules.yml]\n'
  const group = `bench-${performance.now()}`
  writeFileSync(join(folder, 'rules.yml'), ruleText(exprs, group))
  writeFileSync(join(folder, 'prometheus.yml'), config)
  process.kill(peer.pid, 'SIGHUP')
  // The first evaluation makes it warm, and lets alerts begin.
  const first = await evaluated(peer, group, '')
  const before = cpuSeconds(peer.pid)
  const second = await evaluated(peer, group, first.lastEvaluation)
  const cpu = cpuSeconds(peer.pid) - before
  const each = (second.evaluationTime * 1e9) / exprs.length / series
  console.log(
    `  ${title}, ${exprs.length} rules × ${series} series: ${each.toFixed(0)} ns a rule and series (${second.evaluationTime.toFixed(2)} s, ${cpu.toFixed(1)} CPU-s)`,
  )
}

type Group = Readonly<{ name: string; lastEvaluation: string; evaluationTime: number }>

async function evaluated({ origin }: Peer, name: string, after: string): Promise<Group> {
  for (let tries = 0; tries < 1_200; tries++) {
    const answer = await fetch(`${origin}/api/v1/rules?exclude_alerts=true`)
    const { data } = (await answer.json()) as { data: { groups: Group[] } }
    const found = data.groups.find(each => each.name === name)
    if (found !== undefined && found.evaluationTime > 0 && found.lastEvaluation > after) return found
    await sleep(100)
  }
  throw new Error(`${name} was not evaluated within two minutes`)
}

// Two minutes, with the newest sample now and some ahead, so that there are still some in the window when it is asked.
function dataOf(series: number, share: number): SeriesSamples[] {
  const nowMs = Date.now()
  const tMs = Float64Array.from({ length: 24 }, (_, at) => nowMs + (at - 11) * everyMs)
  return Array.from({ length: series }, (_, number) => ({
    series: { name: 'm', labels: labelsOf([['host', `host_${number}`]]) },
    tMs,
    values: new Float64Array(tMs.length).fill(valueFor(number, share)),
  }))
}
