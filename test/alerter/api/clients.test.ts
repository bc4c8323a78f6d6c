// What Prometheus and amtool sent, as it was captured (samples/clients.json), and what became of it.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { SimulatedClock } from '#core/clock.ts'
import { openApiServer } from './server.ts'

type Sent = Readonly<{ agent: string; method: string; path: string; type?: string; body?: unknown }>

const sample = new URL('samples/clients.json', import.meta.url)
const sent = JSON.parse(readFileSync(sample, 'utf8')) as Sent[]

const from = (agent: string): Sent[] => sent.filter(each => each.agent.startsWith(agent))

const send = (url: string, { method, path, type, body }: Sent): Promise<Response> =>
  fetch(url + path, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': type ?? '' } }),
  })

test('Prometheus tells beginnings and ends, and says again that something fires', async () => {
  const clock = new SimulatedClock(Date.parse('2026-11-21T10:50:41.700Z'))
  await using server = await openApiServer({ clock })
  for (const each of from('Prometheus')) {
    expect((await send(server.url, each)).status).toBe(200)
    await clock.runFor(8_000)
  }
  const said = server.published.map(({ alert }) => {
    const { labels, state, startsAtMs, endsAtMs, expiresAtMs } = alert
    const seconds = [startsAtMs, endsAtMs ?? null, expiresAtMs ?? null].map(
      ms => ms && (ms - Date.parse('2026-11-21T10:50:41.632Z')) / 1_000,
    )
    return [labels['alertname'], state, ...seconds]
  })
  expect(said).toEqual([
    ['Always', 'firing', 0, null, 26],
    ['Sometimes', 'firing', 0, null, 26],
    ['Sometimes', 'resolved', 0, 7, null],
    ['Always', 'firing', 0, null, 32],
  ])
  // The same beginning, told twice.
  expect(server.published[3]?.id).toBe(server.published[0]?.id)
  const shown = (await (await fetch(`${server.url}/api/v2/alerts`)).json()) as { endsAt: string }[]
  expect(shown.map(({ endsAt }) => endsAt)).toEqual(['2026-11-21T10:51:13.632Z'])
})

test('amtool adds an alert and silences another one', async () => {
  const clock = new SimulatedClock(Date.parse('2026-11-21T10:49:49.658Z'))
  await using server = await openApiServer({ clock })
  for (const each of from('Go-http-client').filter(({ method }) => method !== 'DELETE')) {
    const { status } = await send(server.url, each)
    // The silence that was looked for was another server's.
    expect(status, each.path).toBe(each.path.startsWith('/api/v2/silence/') ? 404 : 200)
  }
  expect(server.published).toMatchObject([{ alert: { state: 'firing', isEndAssumed: true } }])
  expect(server.silences.all()).toMatchObject([
    { createdBy: 'me', comment: 'x', matchers: [{ name: 'alertname', op: '=', value: 'Always' }] },
  ])
})

test('amtool is told what of a matcher is wrong as a text, which is all that it reads', async () => {
  await using server = await openApiServer({ clock: new SimulatedClock(0) })
  const t = async (path: string, wanted: string) => {
    const answer = await fetch(server.url + path)
    expect([answer.status, await answer.json()], path).toEqual([400, expect.stringContaining(wanted)])
  }

  const broken = `filter=${encodeURIComponent('a=~"("')}`
  await t(`/api/v2/alerts?${broken}`, 'missing closing )')
  await t(`/api/v2/alerts/groups?${broken}`, 'missing closing )')
  await t(`/api/v2/silences?${broken}`, 'missing closing )')
  await t('/api/v2/alerts?filter=nonsense', 'wanted a name')
})
