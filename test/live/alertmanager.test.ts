// `plimsoll alertmanager` beside the one whose place it takes: the same requests, the same amtool, the same Prometheus.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text as textOf } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import {
  type Alertmanager,
  type Programs,
  prepareAlertmanager,
  startAlertmanager,
} from '../engines/alertmanager.ts'
import { debian, onPath } from '../engines/debian.ts'
import { type Engine, freePort, startServer } from '../engines/engine.ts'
import { alike, alikeByStatus, ask, bare } from './alertmanager-requests.ts'

const plimsoll = [join(import.meta.dirname, '../../bin/plimsoll'), 'alertmanager'] as const
const heard: { externalURL: string; alerts: { status: string; labels: { alertname: string } }[] }[] = []
const hook = createServer(async (asked, answer) => {
  heard.push(JSON.parse(await textOf(asked)))
  answer.end()
})

let programs: Programs
let folder: string
let file: string
const started: Engine[] = []

const configuration = (receiver = 'everyone'): string => `
route:
  receiver: ${receiver}
  group_by: [alertname]
  group_wait: 100ms
  group_interval: 1s
  routes:
    - matchers: [team="base"]
      receiver: team
      continue: true
    - matchers: [severity="critical"]
      receiver: team
receivers:
  - name: ${receiver}
    webhook_configs: [{url: "http://127.0.0.1:${(hook.address() as AddressInfo).port}/"}]
  - name: team
`

async function start(name: string, program: readonly [string, ...string[]], flags: readonly string[] = []) {
  const engine = await startAlertmanager(join(folder, name), program, [`--config.file=${file}`, ...flags])
  started.push(engine)
  return engine
}

beforeAll(async () => {
  programs = await prepareAlertmanager()
  await new Promise<void>(resolve => hook.listen(0, '127.0.0.1', resolve))
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-alertmanager-'))
  file = join(folder, 'alertmanager.yml')
  writeFileSync(file, configuration())
}, 1_300_000)
afterAll(async () => {
  await Promise.all(started.map(each => each.kill()))
  hook.close()
  rmSync(folder, { recursive: true })
})

const amtool = ({ url }: Pick<Alertmanager, 'url'>, ...words: string[]): string =>
  execFileSync(programs.amtool, [`--alertmanager.url=${url}`, ...words], { encoding: 'utf8' })

test('both answer the same, or at least with the same status', async () => {
  const [theirs, ours] = await Promise.all([
    start('theirs', [programs.alertmanager]),
    start('ours', plimsoll),
  ])
  for (const asked of alike) {
    const [their, our] = await Promise.all([ask(theirs.url, asked), ask(ours.url, asked)])
    const named = `${asked.method} ${asked.path} ${JSON.stringify(asked.body) ?? ''}`
    expect([our.status, bare(our.text)], named).toEqual([their.status, bare(their.text)])
    const typeOf = ({ headers }: typeof our) => headers['content-type']?.split(';')[0]
    if (our.text !== '') expect(typeOf(our), named).toBe(typeOf(their))
  }
  for (const asked of alikeByStatus) {
    const [their, our] = await Promise.all([ask(theirs.url, asked), ask(ours.url, asked)])
    expect(our.status, `${asked.method} ${asked.path}`).toBe(their.status)
  }
})

test('amtool prints the same', async () => {
  const [theirs, ours] = await Promise.all([
    start('theirs-amtool', [programs.alertmanager]),
    start('ours-amtool', plimsoll),
  ])
  const both = (...words: string[]): string => {
    const said = [theirs, ours].map(each =>
      bare(amtool(each, ...words)).replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/g, 'TIME'),
    )
    expect(said[1], words.join(' ')).toBe(said[0])
    return said[1]!
  }
  both('alert', 'add', 'alertname=Added', 'team=base', '--annotation=summary=x')
  expect(both('alert', 'query')).toContain('Added')
  both('alert', 'query', '-o', 'extended', 'team=base')
  // An end ahead and no beginning, and then the end.
  const until = (afterMs: number): string => `--end=${new Date(Date.now() + afterMs).toISOString()}`
  both('alert', 'add', 'alertname=Until', until(3_600_000))
  expect(both('alert', 'query', 'Until')).toContain('active')
  both('alert', 'add', 'alertname=Until', until(0))
  expect(both('alert', 'query', 'Until')).not.toContain('active')
  both('silence', 'add', 'team=base', '-d', '1h', '-c', 'why', '-a', 'me')
  both('alert', 'query', '--silenced')
  both('silence', 'query')
  both('config', 'routes', 'show')
  expect(both('config', 'routes', 'test', 'severity=critical')).toBe('team')
  both('config', 'routes', 'test', 'team=base', 'severity=critical')
  both('cluster', 'show')
  both('check-config', file)
  expect(amtool(ours, 'config', 'show')).toContain('receiver: everyone')
  for (const each of [theirs, ours]) {
    const only = (): string => amtool(each, 'silence', 'query', '-q').trim()
    expect(amtool(each, 'silence', 'update', only(), '-d', '2h', '-c', 'longer')).toContain('longer')
    amtool(each, 'silence', 'expire', only())
  }
  expect(both('silence', 'query', '-q')).toBe('')
  both('silence', 'query', '--expired')
})

test('silences move over, and back again', async () => {
  const [theirs, ours] = await Promise.all([
    start('theirs-silences', [programs.alertmanager]),
    start('ours-silences', plimsoll),
  ])
  amtool(theirs, 'silence', 'add', 'alertname=~"Disk.*"', '-d', '1h', '-c', 'swap', '-a', 'ann')
  amtool(theirs, 'silence', 'add', 'host!=a', '-d', '2h', '-c', 'move', '-a', 'bob')
  const moved = (from: Alertmanager, to: Alertmanager): void => {
    const list = join(folder, 'silences.json')
    writeFileSync(list, amtool(from, 'silence', 'query', '-o', 'json'))
    amtool(to, 'silence', 'import', list)
  }
  const seen = (at: Alertmanager): string[] =>
    (JSON.parse(amtool(at, 'silence', 'query', '-o', 'json')) as Record<string, unknown>[])
      .map(({ matchers, comment, createdBy, endsAt }) =>
        JSON.stringify({ matchers, comment, createdBy, endsAt: Date.parse(String(endsAt)) }),
      )
      .sort()
  moved(theirs, ours)
  expect(seen(ours)).toEqual(seen(theirs))
  expect(seen(ours)).toHaveLength(2)
  const fresh = await start('theirs-again', [programs.alertmanager])
  moved(ours, fresh)
  expect(seen(fresh)).toEqual(seen(ours))
})

test('Prometheus sends to it below a prefix, and people are told with the external address', async () => {
  await debian({ name: 'prometheus', has: () => onPath('prometheus'), services: ['prometheus'] })
  const flags = ['--web.external-url=https://x.example/am/', '--web.route-prefix=/am']
  const ours = await start('ours-prefix', plimsoll, flags)
  const home = join(folder, 'prometheus')
  mkdirSync(home)
  const rules = {
    groups: [{ name: 'g', rules: [{ alert: 'Always', expr: 'vector(7)', labels: { team: 'x' } }] }],
  }
  writeFileSync(join(home, 'rules.yml'), JSON.stringify(rules))
  const target = { path_prefix: '/am', static_configs: [{ targets: [new URL(ours.url).host] }] }
  const config = {
    global: { evaluation_interval: '1s' },
    rule_files: ['rules.yml'],
    alerting: { alertmanagers: [target] },
  }
  writeFileSync(join(home, 'prometheus.yml'), JSON.stringify(config))
  const address = `127.0.0.1:${await freePort()}`
  const command = ['prometheus', '--config.file=prometheus.yml', '--storage.tsdb.path=data'] as const
  // It finds Alertmanager some seconds after its start, and what it could not send by then comes again after this.
  const again = '--rules.alert.resend-delay=1s'
  const prometheus = await startServer({
    name: 'prometheus',
    folder: home,
    command: [...command, again, `--web.listen-address=${address}`],
    isReady: async () => (await fetch(`http://${address}/-/ready`)).ok,
  })
  started.push(prometheus)
  const told = () => heard.find(({ alerts }) => alerts.some(({ labels }) => labels.alertname === 'Always'))
  await vi.waitFor(() => expect(told()).toBeDefined(), 20_000)
  expect(told()).toMatchObject({ externalURL: 'https://x.example/am', alerts: [{ status: 'firing' }] })
  const page = async (path: string): Promise<string> => (await fetch(ours.url + path)).text()
  expect(await page('/')).toMatch(/Firing: 1.*Always.*<a href="\/am\/i\/1">1<\/a>/s)
  expect(await page('/i/1')).toContain('Always')
  expect(await page('/metrics')).toContain('alertmanager_notifications_total{integration="webhook"} 1')
  await prometheus.stop()
})

test('a hang-up reads the file again; a bad one is refused, and the running one goes on', async () => {
  const ours = await start('ours-reload', plimsoll)
  const receivers = async (): Promise<string> =>
    (await ask(ours.url, { method: 'GET', path: '/api/v2/receivers' })).text
  const number = async (name: string): Promise<string | undefined> => {
    const { text } = await ask(ours.url, { method: 'GET', path: '/metrics' })
    return new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1]
  }
  const good = 'alertmanager_config_last_reload_successful'
  try {
    writeFileSync(file, 'route: {receiver: missing}\nreceivers: []\n')
    process.kill(ours.pid(), 'SIGHUP')
    await vi.waitFor(async () => expect(await number(good)).toBe('0'), 20_000)
    expect(await receivers()).toContain('everyone')
    expect((await ask(ours.url, { method: 'POST', path: '/-/reload' })).status).toBe(500)
    expect(ours.output()).toMatch(/not reloaded, all goes on as it was.*missing/)
    writeFileSync(file, configuration('others'))
    process.kill(ours.pid(), 'SIGHUP')
    await vi.waitFor(async () => expect(await receivers()).toContain('others'), 20_000)
    expect(await number(good)).toBe('1')
  } finally {
    writeFileSync(file, configuration())
  }
  await ours.stop()
  expect(ours.output()).not.toContain('did not stop')
})
