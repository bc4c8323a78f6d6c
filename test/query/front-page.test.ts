import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { labelsOf } from '#core/labels.ts'
import type { Principal } from '#core/model.ts'
import { openEmbeddedStore } from '#core/store/embedded.ts'
import {
  type FrontConfig,
  type FrontOptions,
  frontPageRoutes,
  type Page,
  pages,
} from '../../query/front-page.ts'
import { ask, bearer, openStand } from '../core/http/ask.ts'
import { expectClosedWithoutLogin } from '../core/http/every-route.ts'
import { nowMs, openStock, type Stock } from './stock.ts'

const config: FrontConfig = {
  listen: { host: '127.0.0.1', port: 1876 },
  externalUrl: undefined,
  timezone: 'UTC',
  language: 'en',
  data: '/var/lib/plimsoll',
  auth: { anonymous: [] },
  agent: { enabled: true, host: 'harbour', intervalMs: 10_000, tags: {} },
}
type Change = Partial<Omit<FrontConfig, 'agent'>> & Readonly<{ agent?: Partial<FrontConfig['agent']> }>
type Asked = Readonly<{ query?: object; headers?: Record<string, string>; principal?: Principal }>

const reader: Principal = { kind: 'token', name: 'test', scopes: ['read'] }

function open(stock: Pick<FrontOptions, 'store' | 'table' | 'clock' | 'firing'>, change: Change = {}) {
  const now = { ...config, ...change, agent: { ...config.agent, ...change.agent } }
  const options = { ...stock, startedMs: nowMs - 5_000, version: '1.2.3', config: () => now }
  const routes = frontPageRoutes(options)
  const show = async ({ query = {}, headers = {}, principal = reader }: Asked = {}) => {
    const [route] = routes
    const signal = AbortSignal.timeout(10_000)
    const call = {
      params: {},
      query,
      body: undefined,
      url: '/',
      headers,
      principal,
      remote: '',
      readMs: 0,
      signal,
    }
    const answer = await route!.handle(call)
    const html = String(answer.body)
    return { html, words: wordsOf(html), refresh: answer.headers?.['refresh'] }
  }
  return { routes, show }
}

// What a person reads.
const wordsOf = (html: string): string =>
  html
    .replace(/<style>.*?<\/style>/gs, '')
    .replaceAll('<wbr>', '')
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replace(/\s+/g, ' ')

function measureMachine(stock: Stock): void {
  const host = 'harbour'
  stock.put('cpu_usage_idle', { host, cpu: 'cpu0' }, [1, 1, 1])
  stock.put('cpu_usage_idle', { host, cpu: 'cpu-total' }, [90, 80, 75])
  stock.put('system_n_cpus', { host }, [4])
  stock.put('disk_used_percent', { host, path: '/' }, [91.5])
  stock.put('disk_free', { host, path: '/' }, [2 ** 30])
  stock.put('disk_total', { host, path: '/' }, [12 * 2 ** 30])
  stock.put('net_bytes_recv', { host, interface: 'lo' }, [0, 9e9])
  stock.put('net_bytes_recv', { host, interface: 'eth0' }, [0, 20_480])
  stock.put('plimsoll_store_samples_total', { host }, [0, 3_000, 6_000])
}

test('it is for readers, and a page without scripts that renews itself', async () => {
  const stock = openStock()
  const { routes } = open(stock)
  await expectClosedWithoutLogin(routes)
  await using stand = await openStand(routes)
  const reply = await ask(stand.http, '/', { headers: bearer('read') })
  expect(reply.status).toBe(200)
  expect(reply.headers['content-type']).toBe('text/html; charset=utf-8')
  // Two stylesheets: that of all pages and its own.
  expect(String(reply.headers['content-security-policy']).match(/'sha256-/g)).toHaveLength(2)
  expect(reply.text).not.toMatch(/<script|style="|\son\w+=/)
  expect(reply.text).toContain(`curl -i ${stand.http.origin}/api/v2/write`)
  expect(reply.headers['refresh']).toBe('2')
  // The link of an alert of ours.
  const graph = await ask(stand.http, '/graph?g0.expr=up+%3D%3D+0&g0.tab=1', { headers: bearer('read') })
  expect(graph).toMatchObject({ status: 302, headers: { location: '/' } })
})

test('the first seconds: nothing is there, and it says when', async () => {
  const stock = openStock()
  const { words, refresh } = await open(stock).show()
  expect(words).toContain('The first reading comes in a few seconds.')
  expect(words).toContain('The first count comes in a few seconds.')
  expect(words).toContain('Nobody else sends yet.')
  expect(refresh).toBe('2')

  await stock.clock.runFor(60_000)
  const later = await open(stock).show()
  expect(later.words).toContain('The agent has not read anything yet.')
  expect(later.refresh).toBe('10')
})

test('what runs, how fast samples come in, and the last values of this machine', async () => {
  const stock = openStock()
  measureMachine(stock)
  const { html, words, refresh } = await open(stock).show()
  expect(refresh).toBe('10')
  expect(words).toContain('Version 1.2.3')
  expect(words).toContain('Running since 11:59 for 5 s')
  expect(words).toContain('Listening on 127.0.0.1:1876')
  expect(words).toContain('Series 9 Data folder /var/lib/plimsoll')
  expect(words).toContain('Samples coming in 300 per second')
  expect(words).toContain('This machine read 0 s ago · pictures: last 5 min')
  expect(words).toContain('CPU busy 25.0 % 4 processors')
  expect(words).toContain('Disk / 91.5 % 1 GiB free of 12 GiB')
  expect(words).toContain('Network in 2 KiB/s eth0')
  expect(html).toContain('aria-label="CPU busy, last 5 min: from 10.0 % to 25.0 %, now 25.0 %"')
  // Only the disk is nearly full.
  expect(html.match(/class="card tile high"/g)).toHaveLength(1)
})

test('what an embedded store keeps is told, by days once there are closed ones', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-front-'))
  const { table, clock } = openStock()
  const store = await openEmbeddedStore({ folder, table, clock, keepMs: 400 * 86_400_000 })
  try {
    const id = table.intern('up', labelsOf([['host', 'x']]))
    const tMs = Float64Array.of(nowMs - 36 * 3_600_000, nowMs - 10_000, nowMs)
    const rows = { series: Uint32Array.of(id, id, id), tMs, values: Float64Array.of(1, 1, 1) }
    await store.append([{ receivedAtMs: nowMs, partition: 0, rows, notes: [] }])
    const { show } = open({ store, table, clock })
    expect((await show()).words).toMatch(/Series 1 Samples stored 3 On disk [\d.]+ (B|KiB)/)
    await store.compact()
    expect((await show()).words).toMatch(/Samples stored 3 of 2 days On disk .* each/)
  } finally {
    await store.close()
    await rm(folder, { recursive: true })
  }
})

test('it speaks Chinese to who asks for it, or by configuration', async () => {
  const stock = openStock()
  measureMachine(stock)
  const { html, words } = await open(stock).show({ headers: { 'accept-language': 'zh-CN,zh;q=0.9' } })
  expect(html).toContain('<html lang="zh">')
  expect(words).toContain('CPU 使用率 25.0 % 4 个处理器')
  expect(words).toContain('接入您的数据')
  expect((await open(stock, { language: 'zh' }).show()).html).toContain('<html lang="zh">')
})

test('what is open to everyone stands there in red', async () => {
  const stock = openStock()
  const t = async (scopes: FrontConfig['auth']['anonymous'], said: string) =>
    expect((await open(stock, { auth: { anonymous: scopes } }).show()).words).toContain(said)

  await t(['read'], 'Open to everyone, without a login: read everything ')
  await t(['read', 'admin'], 'Open to everyone, without a login: read everything, administer ')
  expect((await open(stock).show()).html).not.toContain('class="warn"')
})

test('held still, it does not renew itself and says of when it is', async () => {
  const stock = openStock()
  const { words, refresh } = await open(stock).show({ query: { hold: '' } })
  expect(refresh).toBeUndefined()
  expect(words).toContain('As it was at 12:00 · renew again')
  expect(words).not.toContain('to copy')
  expect((await open(stock).show()).words).toContain('Send your own hold the page still to copy')
})

test('an agent that is late, and one that is off, are told apart', async () => {
  const stock = openStock()
  const off = await open(stock, { agent: { enabled: false } }).show()
  expect(off.words).toContain('This machine is not watched: agent: {enabled: false}')
  expect(off.words).toContain('Not counted while the agent is off.')
  expect(off.refresh).toBe('10')

  measureMachine(stock)
  await stock.clock.runFor(40_000)
  expect((await open(stock).show()).words).toContain('read 40 s ago')
  await stock.clock.runFor(1)
  expect((await open(stock).show()).words).toContain('last read 40 s ago: the agent should have come again')
})

test('who else sends, and what came last', async () => {
  const stock = openStock()
  const { show } = open(stock)
  stock.put('deck_load', { deck: 'main' }, [42], 3_000)
  const lonely = await show()
  expect(lonely.words).toContain('Newest series Series Value Heard deck_load{deck="main"} 42 3 s ago')
  expect(lonely.words).not.toContain('Nobody else sends')

  await stock.clock.runFor(2_000)
  stock.put('up', { host: 'gw-1' }, [1])
  stock.put('up', { host: 'gw-2' }, [1], 30 * 3_600_000)
  expect((await show()).words).toContain('Others who send Host Heard gw-1 just now gw-2 over a day ago')
})

test('a large value is short, exact for who asks, and its series is broken between labels', async () => {
  const stock = openStock()
  stock.put('capacity_supply', { pool: 'cdn', zone: 'a' }, [8e15])
  for (const language of ['en', 'zh']) {
    const { html, words } = await open(stock).show({ headers: { 'accept-language': language } })
    expect(words).toContain('capacity_supply{pool="cdn",zone="a"} 8 P ')
    expect(html).toContain('<td class="number" title="8000000000000000">8 P</td>')
    expect(html).toContain('capacity_supply{<wbr>pool=&quot;cdn&quot;,<wbr>zone=&quot;a&quot;}')
  }
})

test('whoever is logged in can log out here', async () => {
  const stock = openStock()
  const ann: Principal = { kind: 'user', name: 'ann', scopes: ['read'] }
  expect((await open(stock).show({ principal: ann })).html).toMatch(/<form method="post" action="\/logout"/)
  expect((await open(stock).show()).html).not.toContain('/logout')
})

test('the lines to copy have this address and this token file in place', async () => {
  const stock = openStock()
  const lines = async (change: Change, host?: string) =>
    (await open(stock, change).show({ headers: host === undefined ? {} : { host } })).words

  expect(await lines({}, '127.0.0.1:1876')).toContain(
    `curl -i http://127.0.0.1:1876/api/v2/write \\ -H "Authorization: Token $(cat /var/lib/plimsoll/token)" \\ --data-binary 'deck_load,deck=main value=42'`,
  )
  expect(await lines({}, '[::1]:1876')).toContain('urls = ["http://[::1]:1876"]')
  expect(await lines({ externalUrl: 'https://p.example' }, 'x:1')).toContain(
    'url: https://p.example/api/v1/write',
  )
  expect(await lines({ data: "/it's here" })).toContain(`$(cat '/it'\\''s here/token')`)
  expect(await lines({})).toContain('127.0.0.1:1876 can be reached from this machine only')
  expect(await lines({ listen: { host: '0.0.0.0', port: 1876 } })).not.toContain('this machine only')
  // A caller who is no browser may say any host; nobody shall paste it into a shell.
  const foul = await lines({}, 'a;rm$IFS-rf')
  expect(foul).toContain('http://localhost/api/v2/write')
  expect(foul).not.toContain('rm$')
})

test('names from outside stay text', async () => {
  const stock = openStock()
  const evil = '"><script>alert(1)</script>'
  stock.put('up', { host: evil }, [1])
  stock.put('disk_used_percent', { host: 'harbour', path: evil }, [50])
  const { html } = await open(stock, { agent: { host: 'harbour' } }).show()
  expect(html).not.toContain('<script')
  expect(html).toContain('&lt;script&gt;')
})

test('the pictures show an hour, or less while there is less', async () => {
  const t = async (ageMs: number, span: string) => {
    const stock = openStock()
    stock.put('system_load1', { host: 'harbour' }, [1], ageMs)
    stock.put('system_load1', { host: 'harbour' }, [1])
    expect((await open(stock).show()).words, String(ageMs)).toContain(`pictures: last ${span} `)
  }

  await t(0, '5 min')
  await t(300_000, '5 min')
  await t(300_001, '15 min')
  await t(900_001, '30 min')
  await t(1_800_001, '1 h')
  await t(7_200_000, '5 min')
})

type Alerts = Pick<FrontOptions, 'firing' | 'incidents'>

const showAlerts = async (alerts: Alerts, language = 'en') =>
  open({ ...openStock(), ...alerts }).show({ headers: { 'accept-language': language } })

const alert = (alertname: string, severity: string, sinceMs: number, more: object = {}) => ({
  fingerprint: alertname,
  labels: { alertname, severity, host: '<a>' },
  annotations: {},
  sinceMs,
  ...more,
})

test('what fires stands at the head, the most severe first', async () => {
  expect((await showAlerts({})).words).not.toContain('Alerts')
  expect((await showAlerts({ firing: async () => [] })).words).toContain('Alerts Nothing fires.')
  expect((await showAlerts({ firing: async () => [] }, 'zh')).words).toContain('告警 目前没有告警。')
  const firing = async () => [
    ...Array.from({ length: 1_282 }, (_, at) => alert(`Low${at}`, 'info', nowMs - 1_000)),
    alert('Late', 'warn', nowMs - 60_000),
    alert('Full', 'page', nowMs - 3_600_000, {
      annotations: { summary: 'the disk is full', summary_zh: '磁盘已满' },
    }),
  ]
  const { words, html } = await showAlerts({ firing })
  expect(words).toContain('1,284 firing')
  expect(words).toContain('Full page the disk is full for 1 h Late warn host=&lt;a&gt; for 1 min')
  expect(words).toContain('and 1,234 more')
  const chinese = (await showAlerts({ firing }, 'zh')).words
  expect(chinese).toContain('Full page 磁盘已满')
  expect(chinese).not.toContain('the disk is full')
  expect(html.match(/Low\d+/g)).toHaveLength(48)
})

test('what is held back says so and comes last; who was told finds the incident', async () => {
  const firing = async () => [
    alert('Quiet', 'page', nowMs, { held: 'silenced' }),
    alert('Follows', 'page', nowMs, { held: 'inhibited' }),
    alert('Asleep', 'page', nowMs, { held: 'muted' }),
    alert('Loud', 'info', nowMs - 1_000),
  ]
  const asked: (readonly string[])[] = []
  const incidents = async (fingerprints: readonly string[]) => {
    asked.push(fingerprints)
    return new Map([['Loud', 4711]])
  }
  const { words, html } = await showAlerts({ firing, incidents })
  expect(words).toMatch(
    /Loud info host=&lt;a&gt; for 1 s Incident 4711 Quiet page silenced .*inhibited .*muted /,
  )
  expect(html).toContain('<a href="/i/4711">')
  expect(asked).toEqual([['Loud', 'Quiet', 'Follows', 'Asleep']])
  expect((await showAlerts({ firing, incidents }, 'zh')).words).toMatch(
    /事件 4711 .*已静默 .*已抑制 .*免打扰时段/,
  )
})

test('a label of a megabyte does not make a page of it', async () => {
  const firing = async () => [
    alert('L'.repeat(1_000_000), 'p'.repeat(1_000_000), nowMs, {
      annotations: { summary: 's'.repeat(1_000_000) },
    }),
  ]
  const without = (await showAlerts({ firing: async () => [] })).html.length
  expect((await showAlerts({ firing })).html.length - without).toBeLessThan(2_000)
})

test('it leads to the other pages of this process, and to none that is not there', async () => {
  const stock = openStock()
  const leadsTo = async (pages: readonly Page[], language: string) => {
    const [route] = frontPageRoutes({
      ...{ ...stock, startedMs: nowMs, version: '1', config: () => config, pages },
    })
    const signal = AbortSignal.timeout(10_000)
    const headers = { 'accept-language': language }
    const told = {
      params: {},
      query: {},
      body: undefined,
      url: '/',
      headers,
      principal: reader,
      remote: '',
      readMs: 0,
      signal,
    }
    const html = String((await route!.handle(told)).body)
    return [...html.matchAll(/<a class="small" href="(\/[a-z]+)">([^<]*)</g)].map(found => found.slice(1, 3))
  }
  expect(await leadsTo([], 'en')).toEqual([])
  expect(await leadsTo(pages, 'en')).toEqual([
    ['/capacity', 'Capacity'],
    ['/push', 'Notifications'],
    ['/runbooks', 'Runbooks'],
  ])
  expect(await leadsTo(['/capacity'], 'zh')).toEqual([['/capacity', '容量']])
})
