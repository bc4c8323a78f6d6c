// 50 000 series cross a threshold at once: written by HTTP, judged by a rule, told in a hundred groups. Called by told.ts.
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { lastHeardMs, openHook } from './hook.ts'
import { median } from './median.ts'
import { ours, startNotifier } from './notifiers.ts'
import { racks } from './posting.ts'
import { cpuSeconds, memoryMib } from './process.ts'

export const floodSeries = 50_000
export const floodRouting = { groupBy: ['rack'], groupWait: '1s', groupInterval: '5s' } as const
const linesEach = 5_000

export async function showFlood(rounds: number): Promise<void> {
  const found: Once[] = []
  for (let round = 0; round < rounds; round++) found.push(await once())
  const of = (figure: (one: Once) => number): number => median(found.map(figure))
  console.log(
    `${floodSeries} series cross a threshold at once, 100 groups, group_wait 1 s; medians of ${rounds} (to meet: all told ≤ 5 s)`,
  )
  console.log(
    `  plimsoll                    all told after ${of(each => each.toldS).toFixed(2)} s, the writes answered after ${of(each => each.answeredS).toFixed(2)} s; ${of(each => each.cpuS).toFixed(2)} CPU-s, at most ${of(each => each.peakMib).toFixed(0)} MiB`,
  )
}

type Once = Readonly<{ toldS: number; answeredS: number; cpuS: number; peakMib: number }>

async function once(): Promise<Once> {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-bench-'))
  const hook = await openHook()
  const rules = `groups: [{name: bench, rules: [{alert: Flood, expr: 'heat > 90', annotations: {summary: '{{ $labels.host }} is too hot'}}]}]\n`
  const limits = '{series_per_source: 1000000}'
  const running = await startNotifier(ours, { folder, hook: hook.url, ...floodRouting, rules, limits })
  try {
    await write(running.origin, 10)
    await sleep(2_000)
    const before = cpuSeconds(running.pid)
    const beganMs = performance.now()
    await write(running.origin, 100)
    const answeredS = (performance.now() - beganMs) / 1_000
    if (!(await hook.until(() => hook.heard.size >= floodSeries, 60_000)))
      throw new Error(`only ${hook.heard.size} of ${floodSeries} are told`)
    await sleep(500)
    return {
      answeredS,
      toldS: (lastHeardMs(hook) - beganMs) / 1_000,
      cpuS: cpuSeconds(running.pid) - before,
      peakMib: memoryMib(running.pid, 'VmHWM'),
    }
  } finally {
    await running.stop()
    hook.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

const agent = new Agent({ keepAlive: true, maxSockets: 4 })

async function write(origin: string, value: number): Promise<void> {
  const nowMs = Date.now()
  const line = (each: number): string =>
    `heat,host=host-${each},rack=r${each % racks} value=${value} ${nowMs}\n`
  const bodies: string[] = []
  for (let at = 0; at < floodSeries; at += linesEach)
    bodies.push(Array.from({ length: linesEach }, (_, nth) => line(at + nth)).join(''))
  await Promise.all(bodies.map(body => writeOne(`${origin}/api/v2/write?precision=ms`, body)))
}

function writeOne(url: string, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent }, answer => {
      answer.resume()
      answer.on('end', () => {
        if (answer.statusCode === 204 && answer.headers['x-plimsoll-rejected'] === undefined) resolve()
        else reject(new Error(`a write was answered with ${answer.statusCode}`))
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}
