// What people and programs see of incidents and of why, over HTTP.
import { expect, test } from 'vitest'
import { SimulatedClock } from '#core/clock.ts'
import type { Fact, FactKind } from '../../../alerter/fact.ts'
import type { IncidentView } from '../../../alerter/facts.ts'
import { openApiServer } from './server.ts'

const nowMs = Date.UTC(2026, 10, 20, 4)
const min = 60_000
const print = '017450e4f997c04e'
const group = 'base\n{}/{team="base"}:{alertname="Down"}'

const incident = (rest: Partial<IncidentView> = {}): IncidentView => ({
  ...{ number: 12, group, groupKey: '{}', receiver: 'base', labels: { alertname: 'Down' } },
  ...{ openedAtMs: nowMs - 10 * min, closedAtMs: null },
  ...rest,
})

const fact = (kind: FactKind, minute: number, rest: Partial<Fact> = {}): Fact => ({
  ...{ id: `${kind}${minute}`, kind, atMs: nowMs - minute * min, incident: 12, group },
  ...{ fingerprint: null, who: 'base/dingtalk/0', details: null },
  ...rest,
})

const labels = { alertname: 'Down', host: 'web-1<script>' }
const facts: readonly Fact[] = [
  fact('fired', 10, {
    ...{ fingerprint: print, who: 'hosts Down' },
    details: { labels, annotations: { summary: 'gone & dark\u202e' }, startsAtMs: 0 },
  }),
  fact('failed', 9, { details: { integration: 'base/dingtalk/0', firing: [print], why: 'over budget' } }),
  fact('told', 8, {
    details: { telling: 't', integration: 'base/dingtalk/0', firing: [print], resolved: [], isCertain: true },
  }),
  fact('acknowledged', 5, { who: 'ann' }),
  fact('resolved', 1, { fingerprint: print, details: { labels, stale: true } }),
]

async function server() {
  const opened = await openApiServer({ clock: new SimulatedClock(nowMs) })
  opened.incidents.push(incident(), incident({ number: 11, closedAtMs: nowMs - 20 * min }))
  opened.facts.push(...facts)
  return opened
}

test('the page of an incident tells what happened, newest first, in the language of the reader', async () => {
  await using s = await server()
  const at = (language: string) => fetch(`${s.url}/i/12`, { headers: { 'accept-language': language } })
  const response = await at('en')
  const text = await response.text()
  const lines = [...text.matchAll(/<li>(.*?)<\/li>/gs)].map(found =>
    found[1]!
      .replaceAll(/<[^>]+>/g, ' ')
      .replaceAll(/\s+/g, ' ')
      .trim(),
  )

  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect(text).toContain('<meta name="viewport"')
  expect(text).toContain('<h1>Incident 12</h1>')
  expect(text).toContain('open since <time datetime="2026-11-20T03:50:00.000Z">11:50:00</time>')
  expect(text.split('Asia/Shanghai')).toHaveLength(2)
  expect(text).toContain('Times: Asia/Shanghai')
  expect(lines).toEqual([
    '11:59:00 works again web-1&lt;script&gt;: Down its data stopped coming; whether it works nobody knows',
    '11:55:00 acknowledged ann',
    '11:52:00 told base/dingtalk/0 1 firing, delivered',
    '11:51:00 not told base/dingtalk/0 over budget, the next way or another try follows',
    '11:50:00 fires web-1&lt;script&gt;: Down gone &amp; dark',
  ])
  // Styles are named in the policy by their hashes, and there is nothing else.
  expect(response.headers.get('content-security-policy')).toMatch(/style-src 'sha256-[^']+' 'sha256-/)
  expect(text).not.toMatch(/<script|style="/)
  expect(await (await at('zh-CN')).text()).toContain('<h1>事件 12</h1>')
})

test('the page leads to the runbook of what broke last, and only to where a link may lead', async () => {
  await using s = await openApiServer({ clock: new SimulatedClock(nowMs) })
  s.incidents.push(incident({ openedAtMs: nowMs - 26 * 60 * min }))
  const page = async (language = 'en') =>
    (await fetch(`${s.url}/i/12`, { headers: { 'accept-language': language } })).text()
  const fires = (minute: number, annotations: object, more: object = {}) =>
    s.facts.push(
      fact('fired', minute, {
        fingerprint: print,
        details: { labels: { ...labels, severity: 'page', ...more }, annotations: { ...annotations } },
      }),
    )
  fires(9, { runbook_url: 'https://wiki/en?a=1&b=2', runbook_url_zh: 'https://wiki/zh' })
  expect(await page()).toContain('Runbook</span> <a href="https://wiki/en?a=1&amp;b=2">https://wiki/en')
  expect(await page('zh')).toContain('处理手册</span> <a href="https://wiki/zh">')
  // Of yesterday.
  expect(await page()).toContain('>2026-11-19 10:00:00</time>')
  expect(await page()).toContain('<p class="soft">severity=page</p>')

  fires(8, { summary: 'no runbook' }, { long: 'x'.repeat(300) })
  expect(await page()).toContain('href="https://wiki/en')
  expect(await page()).not.toContain('xxx')
  fires(7, { runbook_url: '/runbooks/disk-full' })
  expect(await page()).toContain('<a href="/runbooks/disk-full">')
  const told = ['javascript:alert(1)', '//elsewhere/x', '/\\elsewhere/x', 'https://', 'see the wiki']
  for (const [at, text] of told.entries()) {
    fires(6 - at, { runbook_url: text })
    const shown = await page()
    expect(shown).toContain(`Runbook</span> ${text}</p>`)
    expect(shown).not.toContain(`href="${text}`)
  }
})

test('why is answered in an incident of many others, too', async () => {
  await using s = await server()
  for (let at = 0; at < 600; at++)
    s.facts.push(fact('fired', 0, { id: `o${at}`, fingerprint: '00000000000000bb', details: { labels } }))
  const found = await fetch(`${s.url}/api/plimsoll/v1/why?alert=${print}&language=en`)
  expect(await found.json()).toMatchObject({ groups: [{ ways: [{ text: 'told at 11:52:00, delivered' }] }] })
})

test('a long story is cut at its old end, and says so', async () => {
  await using s = await server()
  for (let at = 0; at < 600; at++) s.facts.push(fact('receipt', 100 + at, { id: `r${at}` }))
  const text = await (await fetch(`${s.url}/i/12`)).text()
  expect([...text.matchAll(/<li>/g)].length).toBe(500)
  expect(text).toContain('Only the newest 500 are shown.')
})

test('incidents come as JSON too, all or one with its facts', async () => {
  await using s = await server()
  const ask = async (path: string) => (await fetch(s.url + path)).json()
  expect(await ask('/api/plimsoll/v1/incidents')).toMatchObject({
    incidents: [{ number: 12 }, { number: 11 }],
  })
  expect(await ask('/api/plimsoll/v1/incidents?open=true')).toEqual({ incidents: [incident()] })
  expect(await ask('/api/plimsoll/v1/incidents?limit=1&open=false')).toMatchObject({
    incidents: [{ number: 11 }],
  })
  const one = (await ask('/api/plimsoll/v1/incidents/12')) as { facts: Fact[] }
  expect(one).toEqual({ incident: incident(), facts: facts.toReversed() })
})

test('what is no incident, or no fingerprint, is refused', async () => {
  await using s = await server()
  const t = async (path: string) => expect((await fetch(s.url + path)).status, path)

  ;(await t('/i/13')).toBe(404)
  ;(await t('/i/0')).toBe(404)
  ;(await t('/i/1e1')).toBe(404)
  ;(await t('/i/99999999999999999999')).toBe(404)
  ;(await t('/api/plimsoll/v1/incidents/x')).toBe(404)
  ;(await t('/api/plimsoll/v1/incidents?limit=0')).toBe(400)
  ;(await t('/api/plimsoll/v1/incidents?open=maybe')).toBe(400)
  ;(await t('/api/plimsoll/v1/why')).toBe(400)
  ;(await t('/api/plimsoll/v1/why?alert=Down')).toBe(400)
  ;(await t('/api/plimsoll/v1/why?alert=00000000000000aa')).toBe(404)
})

test('why: of an alert that is gone by its facts, of one that is silenced by the silence', async () => {
  await using s = await server()
  const why = async (alert: string, language: string) =>
    (await (await fetch(`${s.url}/api/plimsoll/v1/why?alert=${alert}&language=${language}`)).json()) as {
      alert: object | null
      groups: { ways: { text: string }[]; text: string }[]
      facts: Fact[]
    }
  const gone = await why(print, 'en')
  expect(gone.alert).toBeNull()
  expect(gone.groups).toMatchObject([
    { receiver: 'base', incident: 12, ways: [{ is: 'told', text: 'told at 11:52:00, delivered' }] },
  ])
  expect(gone.facts.map(({ kind }) => kind)).toEqual(['resolved', 'acknowledged', 'told', 'failed', 'fired'])
  expect(gone.groups).toMatchObject([{ acknowledgedText: 'acknowledged by ann at 11:55:00' }])

  const silence = await s.silences.put(
    {
      ...{ id: '', startsAtMs: nowMs, endsAtMs: nowMs + 60 * min, createdBy: 'ann', comment: 'disk swap' },
      matchers: [{ name: 'alertname', op: '=', value: 'Slow' }],
    },
    'ann',
  )
  const body = JSON.stringify([{ labels: { alertname: 'Slow' } }])
  await fetch(`${s.url}/api/v2/alerts`, { method: 'POST', body })
  s.timeline.advanceTo(nowMs + min)
  const [
    {
      alert: { fingerprint },
    } = { alert: { fingerprint: '' } },
  ] = s.published
  const held = await why(fingerprint, 'zh')
  expect(held).toMatchObject({
    alert: { state: 'firing', labels: { alertname: 'Slow' } },
    // The receiver has nobody to tell: that comes before what a person asked for.
    groups: [{ receiver: 'default', text: '未告知：接收者 default 没有任何通知方式' }],
  })
  expect(s.silences.silencedBy({ alertname: 'Slow' }, nowMs)).toEqual([silence.id])
})
