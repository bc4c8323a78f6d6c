// The page of an alerter that stands alone.
import { expect, test } from 'vitest'
import { SimulatedClock } from '#core/clock.ts'
import type { Answer, Call } from '#core/http/route.ts'
import { frontPageRoute } from '../../../alerter/api/front-page.ts'
import { openApiServer } from './server.ts'

async function pageOf(alerts: readonly object[], language = 'en'): Promise<Answer> {
  const clock = new SimulatedClock(Date.UTC(2026, 10, 21, 8))
  await using server = await openApiServer({ clock })
  server.incidents.push({
    number: 4711,
    group: 'g',
    groupKey: 'k',
    receiver: 'default',
    labels: { alertname: 'Down' },
    openedAtMs: clock.nowMs() - 60_000,
    closedAtMs: null,
  })
  const matchers = [{ name: 'held', value: 'yes', isRegex: false }]
  const [startsAt, endsAt] = [0, 3_600_000].map(ms => new Date(clock.nowMs() + ms).toISOString())
  for (const [path, body] of [
    ['/api/v2/alerts', alerts],
    ['/api/v2/silences', { matchers, startsAt, endsAt, createdBy: 'me', comment: 'x' }],
  ] as const)
    await fetch(server.url + path, { method: 'POST', body: JSON.stringify(body) })
  const route = frontPageRoute({
    view: {
      alerts: async () => server.timeline.alerts(clock.nowMs()),
      incidents: async () => server.incidents,
    } as unknown as Parameters<typeof frontPageRoute>[0]['view'],
    ...{ silences: server.silences, clock, language: 'en', timeZone: 'UTC', version: '0.1.0' },
  })
  const call = { headers: { 'accept-language': language } } as unknown as Call
  return route.handle(call)
}

test('it says what it is, what fires, what is held back, and which incidents are open', async () => {
  const { body, headers } = await pageOf([
    { labels: { alertname: 'Down', host: 'web-1' } },
    { labels: { alertname: 'Slow' }, annotations: { summary: '<b>slow</b>' } },
    { labels: { alertname: 'Quiet', held: 'yes' } },
    { labels: { alertname: 'Gone' }, startsAt: '2026-11-21T06:00:00Z', endsAt: '2026-11-21T07:00:00Z' },
  ])
  const text = String(body)
  expect(headers).toMatchObject({ refresh: '10', 'content-type': 'text/html; charset=utf-8' })
  expect(text).toContain('stands in for Alertmanager')
  expect(text).toContain('Firing: 3')
  expect(text).toContain('host=web-1')
  expect(text).toContain('&lt;b&gt;slow&lt;/b&gt;')
  expect(text).toMatch(/<b>Quiet<\/b> <span class="soft">held back/)
  expect(text).not.toContain('Gone')
  expect(text).toContain('since <time datetime="2026-11-21T07:59:00.000Z">07:59:00</time>')
  expect(text).toContain('Times: UTC')
  expect(text).toContain('<a href="/i/4711">4711</a> alertname=Down')
})

test('what broke is said in the language of the reader', async () => {
  const alerts = [
    { labels: { alertname: 'Full' }, annotations: { summary: 'the disk is full', summary_zh: '磁盘已满' } },
  ]
  const [english, chinese] = [String((await pageOf(alerts)).body), String((await pageOf(alerts, 'zh')).body)]
  expect(english).toContain('the disk is full')
  expect(english).not.toContain('磁盘已满')
  expect(chinese).toContain('磁盘已满')
  expect(chinese).not.toContain('the disk is full')
})

test('nothing is good news, and a storm fits on it', async () => {
  expect(String((await pageOf([])).body)).toContain('Nothing fires.')
  const storm = Array.from({ length: 130 }, (_, at) => ({ labels: { alertname: 'Down', host: `h${at}` } }))
  const text = String((await pageOf(storm, 'zh-CN')).body)
  expect(text).toContain('正在告警：130')
  expect(text).toContain('另有 30 条')
  const long = [{ labels: { alertname: 'n'.repeat(9_000), ['l'.repeat(9_000)]: 'v' } }]
  expect(String((await pageOf(long)).body).length).toBeLessThan(10_000)
})
