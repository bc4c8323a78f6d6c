// From a sample to a message: through the rules, the alerter and its outbox, to a server that hears it.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type World, world } from './world.ts'

type Heard = Readonly<{
  status: string
  receiver: string
  alerts: readonly Readonly<{
    status: string
    labels: Record<string, string>
    annotations: Record<string, string>
    generatorURL: string
  }>[]
}>

let heard: Heard[] = []
let hear: () => void = () => {}
const server = createServer(async (request, response) => {
  let text = ''
  for await (const part of request.setEncoding('utf8')) text += part
  heard.push(JSON.parse(text) as Heard)
  response.end()
  hear()
})
beforeEach(async () => {
  heard = []
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
})
afterEach(async () => {
  server.closeAllConnections()
  await new Promise(resolve => server.close(resolve))
})

// Until so many have come.
async function messages(count: number): Promise<readonly Heard[]> {
  while (heard.length < count) await new Promise<void>(resolve => (hear = resolve))
  return heard
}

const open = (routing: string): Promise<World> =>
  world(
    {},
    {
      'plimsoll.yml': `packs: false
rules: [rules.yml]
external_url: http://plimsoll.example.org
channels:
  ops: {webhook: {url: "http://127.0.0.1:${(server.address() as AddressInfo).port}/"}}
${routing}`,
      'rules.yml': `groups:
- name: g
  rules:
  - alert: Hot
    expr: heat > 90
    labels: {severity: page}
    annotations: {summary: "{{ $labels.host }} is hot: {{ $value }}"}
`,
    },
  )

test('a sample becomes a message, its end another one, and why is told', async () => {
  await using w = await open('alertmanager: {route: {receiver: ops, group_interval: 1s}}')
  await w.write('heat,host=a value=95')
  const [first] = await messages(1)
  expect(first).toMatchObject({
    ...{ status: 'firing', receiver: 'ops' },
    alerts: [
      {
        status: 'firing',
        labels: { alertname: 'Hot', host: 'a', severity: 'page' },
        annotations: { summary: 'a is hot: 95' },
        generatorURL: 'http://plimsoll.example.org/graph?g0.expr=heat+%3E+90&g0.tab=1',
      },
    ],
  })
  await w.write('heat,host=a value=5')
  const [, second] = await messages(2)
  expect(second).toMatchObject({
    status: 'resolved',
    alerts: [{ status: 'resolved', labels: { host: 'a' } }],
  })

  const incidents = await (await w.ask('/api/plimsoll/v1/incidents')).json()
  expect(incidents).toMatchObject({ incidents: [{ number: 1, receiver: 'ops' }] })
  const page = await w.ask('/i/1')
  expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('a is hot: 95')])
})

test('an alert that somebody posts takes the same road; a silence holds it back, and a restart forgets neither', async () => {
  await using w = await open('alertmanager: {route: {receiver: ops, group_wait: 1s, group_by: [alertname]}}')
  const post = (path: string, body: unknown): Promise<Response> =>
    w.ask(path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    })
  const now = Date.now()
  const silence = {
    matchers: [{ name: 'alertname', value: 'Held', isRegex: false, isEqual: true }],
    ...{ startsAt: new Date(now - 1_000).toISOString(), endsAt: new Date(now + 3_600_000).toISOString() },
    ...{ createdBy: 'a test', comment: 'held' },
  }
  expect((await post('/api/v2/silences', silence)).status).toBe(200)
  const alerts = ['Held', 'Free'].map(alertname => ({ labels: { alertname } }))
  expect((await post('/api/v2/alerts', alerts)).status).toBe(200)
  await w.restart()
  expect(await messages(1)).toMatchObject([{ alerts: [{ labels: { alertname: 'Free' } }] }])
  const shown = (await (await w.ask('/api/v2/alerts')).json()) as {
    labels: { alertname: string }
    status: { state: string }
  }[]
  expect(shown.map(({ labels, status }) => `${labels.alertname} ${status.state}`).sort()).toEqual([
    'Free active',
    'Held suppressed',
  ])
})
