// The same road by Prometheus and Alertmanager: a target that is scraped each second, rules that are evaluated each
// second, an Alertmanager that waits for nothing. Called by told.ts.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fingerprint, labelsOf } from '#core/labels.ts'
import { type Hook, lastHeardMs, openHook } from './hook.ts'
import { installed, type Notifier, type NotifierSettings, startNotifier } from './notifiers.ts'
import { racks } from './posting.ts'
import { freePort, memoryMib, type Running, start } from './process.ts'
import { quantileText } from './quantiles.ts'
import { floodRouting, floodSeries } from './told-flood.ts'

const name = 'prometheus with alertmanager'

type Pair = AsyncDisposable & Readonly<{ hook: Hook; prometheus: Running; alertmanager: Running }>

export async function showTheirRoad(alertmanager: Notifier | undefined, probes: number): Promise<void> {
  const values = new Array<number>(probes).fill(1)
  const exposed = (): string => values.map((value, which) => `probe{which="${which}"} ${value}\n`).join('')
  const rule = `{alert: Probe, expr: 'probe > 90'}`
  const routing = { groupBy: ['...'], groupWait: '0s' }
  await using pair = await openPair({ alertmanager, exposed, rule, routing })
  if (pair === undefined) return
  const found: number[] = []
  for (let probe = 0; probe < probes; probe++) {
    // At another phase of its seconds each time.
    await sleep(Math.random() * 1_000)
    const of = fingerprint(
      labelsOf([
        ['alertname', 'Probe'],
        ['which', String(probe)],
      ]),
    )
    const sinceMs = performance.now()
    values[probe] = 100
    if (!(await pair.hook.until(() => pair.hook.heard.has(of), 30_000)))
      throw new Error(`probe ${probe} is lost`)
    found.push(pair.hook.heard.get(of)!.firstMs - sinceMs)
  }
  console.log(
    `  ${name}, scraped and evaluated each second, no other load, ${probes} probes: ${quantileText(found)}`,
  )
}

export async function showTheirFlood(alertmanager: Notifier | undefined, seconds: number): Promise<void> {
  let value = 10
  const exposed = (): string => {
    let text = ''
    for (let each = 0; each < floodSeries; each++)
      text += `heat{host="host-${each}",rack="r${each % racks}"} ${value}\n`
    return text
  }
  const rule = `{alert: Flood, expr: 'heat > 90', annotations: {summary: '{{ $labels.host }} is too hot'}}`
  await using pair = await openPair({ alertmanager, exposed, rule, routing: floodRouting })
  if (pair === undefined) return
  const { hook, prometheus } = pair
  await sleep(5_000)
  const beganMs = performance.now()
  value = 100
  const isTold = await hook.until(() => hook.heard.size >= floodSeries, seconds * 1_000)
  const when = isTold
    ? `all told after ${((lastHeardMs(hook) - beganMs) / 1_000).toFixed(1)} s`
    : `${floodSeries - hook.heard.size} not told after ${seconds} s`
  const peaks = [prometheus, pair.alertmanager].map(({ pid }) => memoryMib(pid, 'VmHWM').toFixed(0))
  console.log(`  ${name}, scraped and evaluated each second: ${when}; at most ${peaks.join(' and ')} MiB`)
}

type Asked = Readonly<{
  alertmanager: Notifier | undefined
  exposed: () => string
  rule: string
  routing: Pick<NotifierSettings, 'groupBy' | 'groupWait' | 'groupInterval'>
}>

async function openPair({ alertmanager, exposed, rule, routing }: Asked): Promise<Pair | undefined> {
  const program = installed('PLIMSOLL_PROMETHEUS', ['prometheus'])
  if (program === undefined || alertmanager === undefined) {
    console.log('  there is no Prometheus with an Alertmanager here, so there is nothing to compare with')
    return undefined
  }
  await using life = new AsyncDisposableStack()
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-bench-'))
  life.defer(() => rmSync(folder, { recursive: true, force: true }))
  const hook = await openHook()
  life.defer(() => hook.close())
  const target = createServer((_, answer) => {
    answer.setHeader('content-type', 'text/plain; version=0.0.4')
    answer.end(exposed())
  })
  await new Promise<void>(resolve => target.listen(0, '127.0.0.1', resolve))
  life.defer(() => {
    target.closeAllConnections()
    target.close()
  })
  const settings = { folder: join(folder, 'alertmanager'), hook: hook.url, ...routing }
  const notifier = await startNotifier(alertmanager, settings)
  life.defer(() => notifier.stop())
  const { port } = target.address() as AddressInfo
  const at = { target: `127.0.0.1:${port}`, alertmanager: notifier.origin.replace('http://', '') }
  const prometheus = await startPrometheus(program, join(folder, 'prometheus'), { ...at, rule })
  life.defer(() => prometheus.stop())
  // Everything is scraped and evaluated once or twice.
  await sleep(3_000)
  const all = life.move()
  return { hook, prometheus, alertmanager: notifier, [Symbol.asyncDispose]: () => all.disposeAsync() }
}

type Place = Readonly<{ target: string; alertmanager: string; rule: string }>

// Labels of the target are dropped, so that both tell alerts of the same names.
async function startPrometheus(
  command: string,
  folder: string,
  { target, alertmanager, rule }: Place,
): Promise<Running> {
  mkdirSync(folder)
  const config = `global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}
rule_files: [rules.yml]
alerting: {alertmanagers: [{static_configs: [{targets: ['${alertmanager}']}]}]}
scrape_configs:
  - job_name: bench
    static_configs: [{targets: ['${target}']}]
    metric_relabel_configs: [{regex: 'instance|job', action: labeldrop}]
`
  writeFileSync(join(folder, 'prometheus.yml'), config)
  writeFileSync(join(folder, 'rules.yml'), `groups: [{name: bench, rules: [${rule}]}]\n`)
  const listen = `127.0.0.1:${await freePort()}`
  const args = [
    `--config.file=${folder}/prometheus.yml`,
    `--storage.tsdb.path=${folder}/data`,
    `--web.listen-address=${listen}`,
    '--log.level=error',
  ]
  return start({ command, args, readyUrl: `http://${listen}/-/ready` })
}
