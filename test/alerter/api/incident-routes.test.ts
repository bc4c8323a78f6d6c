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
  expect(text).toContain('<p>acknowledged by ann at 11:55:00</p>')
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

test('at its head the page says what fires still: where, since when, the value against what it is compared with', async () => {
  await using s = await openApiServer({ clock: new SimulatedClock(nowMs) })
  const graph = 'https://prom/graph?g0.expr=busy_percent+%3E+90'
  const known = (host: string, more: object = {}) => ({
    ...{ fingerprint: `00000000000000${host}`, labels: { alertname: 'Hot', host }, state: 'firing' },
    ...{ annotations: { summary: `${host} is hot`, description: 'For long.', unit: '%' }, value: '97.25' },
    ...{ startsAtMs: nowMs - 5 * min, endsAtMs: null, stale: false, updatedAtMs: nowMs },
    ...{ generatorUrl: graph, ...more },
  })
  const alerts = [
    known('aa'),
    known('bb', { endsAtMs: nowMs - min }),
    known('cc', { generatorUrl: 'javascript:alert(1)//https://', value: '', annotations: {} }),
    known('dd', { value: '', annotations: { summary: '<b>\u202eodd' }, startsAtMs: nowMs - min }),
  ]
  const take = (found: object[]) => s.timeline.take(found as never, nowMs)
  take(alerts)
  const [{ id: ofHot } = { id: '' }] = s.timeline.groups(nowMs)
  s.incidents.push(incident({ group: ofHot }))
  const head = async (language: string) => {
    const text = await (await fetch(`${s.url}/i/12`, { headers: { 'accept-language': language } })).text()
    return /<h2>(?:Fires now|正在告警)<.*?<h2>/s.exec(text)?.[0] ?? ''
  }
  const text = await head('en')
  expect(text.match(/<li>/g)).toHaveLength(3)
  expect(text).toContain('<b class="bad">aa is hot</b> <span class="soft">since <time datetime')
  expect(text).toContain('>11:55:00</time>')
  expect(text).toContain('For long.')
  expect(text).toContain('When it began: 97.3 % (alerts if &gt; 90 %)')
  // The link of whoever posted it, where that is one; our own graphs are not there.
  expect(text.match(/<a /g)).toHaveLength(1)
  expect(text).toMatch(
    /dd: &lt;b&gt;odd<.*?<a href="https:\/\/prom\/graph[^"]*" rel="noreferrer">.*?aa is hot/s,
  )
  expect(text).not.toContain('javascript')
  expect(await head('zh')).toContain('触发时：')

  take(Array.from({ length: 30 }, (_, at) => known(`e${at}`, { fingerprint: `e${at}` })))
  expect(await head('en')).toContain('and 13 more')
  take(Array.from({ length: 1_200 }, (_, at) => known(`f${at}`, { fingerprint: `f${at}` })))
  expect(await head('en')).toContain('and 980+ more')
  s.incidents.splice(0, 1, incident({ group: ofHot, closedAtMs: nowMs }))
  expect(await head('en')).toBe('')
})

test('what several alerts are called alike, their labels tell apart, at their end too', async () => {
  await using s = await openApiServer({ clock: new SimulatedClock(nowMs) })
  s.incidents.push(incident())
  const ends = (print: string, own: object) =>
    s.facts.push(fact('resolved', 1, { id: print, fingerprint: print, details: { labels: own } as never }))
  ends('a1', { alertname: 'Down', shard: '1' })
  const page = async () => (await fetch(`${s.url}/i/12`)).text()
  expect(await page()).not.toContain('shard')
  ends('a2', { alertname: 'Down', shard: '2' })
  expect(await page()).toMatch(/shard=2.*shard=1|shard=1.*shard=2/s)
})

test('what holds an alert is called by its name on the page and in why, and by its number where nobody knows it', async () => {
  await using s = await openApiServer({ clock: new SimulatedClock(nowMs) })
  s.incidents.push(incident())
  const source = '00000000000000cc'
  s.facts.push(
    ...[fact('fired', 3, { fingerprint: print, details: { labels } })],
    ...[fact('held', 2, { fingerprint: print, details: { kind: 'inhibited', by: [source] } })],
  )
  const page = async () => (await fetch(`${s.url}/i/12`, { headers: { 'accept-language': 'en' } })).text()
  const why = async () => (await fetch(`${s.url}/api/plimsoll/v1/why?alert=${print}&language=en`)).text()
  expect(await page()).toContain(`(inhibited by Alert ${source})`)
  expect(await why()).toContain(`(inhibited by Alert ${source})`)
  const details = { labels: { alertname: 'RackDown', host: 'rack-3' } }
  s.facts.push(fact('fired', 60, { incident: 3, group: 'other', fingerprint: source, details }))
  expect(await page()).toContain('(inhibited by rack-3: RackDown)')
  expect(await why()).toContain('(inhibited by rack-3: RackDown)')
})

test('why is answered in an incident of many others, too', async () => {
  await using s = await server()
  for (let at = 0; at < 600; at++)
    s.facts.push(fact('fired', 0, { id: `o${at}`, fingerprint: '00000000000000bb', details: { labels } }))
  const found = await fetch(`${s.url}/api/plimsoll/v1/why?alert=${print}&language=en`)
  expect(await found.json()).toMatchObject({ groups: [{ ways: [{ text: 'told at 11:52:00, delivered' }] }] })
})

test('long labels leave room on the page, and none turns the writing around', async () => {
  await using s = await openApiServer({ clock: new SimulatedClock(nowMs) })
  s.incidents.push(incident({ labels: { a: 'x\u202ey', long: 'z'.repeat(9_000) } }))
  const text = await (await fetch(`${s.url}/i/12`)).text()
  expect(text).toContain('<p class="labels">a=xy · long=zzz')
  expect(text).not.toContain('z'.repeat(500))
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
