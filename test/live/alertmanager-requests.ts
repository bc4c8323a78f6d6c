// Requests that Alertmanager 0.31 and our drop-in are both sent, one after the other, and what of their answers must be
// the same. Called by alertmanager.test.ts.
import { type IncomingHttpHeaders, request } from 'node:http'
import { text as textOf } from 'node:stream/consumers'

export type Asked = Readonly<{
  method: string
  path: string
  body?: unknown
  headers?: Readonly<Record<string, string>>
}>

export type Answered = Readonly<{ status: number; headers: IncomingHttpHeaders; text: string }>

export function ask(url: string, { method, path, body, headers }: Asked): Promise<Answered> {
  const text = typeof body === 'string' ? body : body === undefined ? undefined : JSON.stringify(body)
  const stated = text === undefined ? {} : { 'content-type': 'application/json' }
  return new Promise((resolve, reject) => {
    const options = { method, path, agent: false, headers: { ...stated, ...headers } }
    const sent = request(url, options, reply => {
      textOf(reply).then(
        text => resolve({ status: reply.statusCode ?? 0, headers: reply.headers, text }),
        reject,
      )
    })
    sent.on('error', reject)
    sent.end(text)
  })
}

// Times and ids differ from one server to the other, and one of them ends JSON with a newline more often.
export const bare = (text: string): string =>
  text
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)/g, 'TIME')
    .replaceAll(/[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/g, 'ID')
    .trimEnd()

const minutes = (count: number): string => new Date(Date.now() + count * 60_000).toISOString()

const alert = (more: object = {}) => ({
  labels: { alertname: 'Down', instance: 'a', severity: 'critical' },
  annotations: { summary: 'is down' },
  startsAt: minutes(-1),
  endsAt: minutes(60),
  generatorURL: 'http://prometheus/graph',
  ...more,
})

const silence = (more: object = {}) => ({
  matchers: [{ name: 'alertname', value: 'Slow', isRegex: false, isEqual: true }],
  startsAt: minutes(0.02),
  endsAt: minutes(60),
  createdBy: 'me',
  comment: 'why',
  ...more,
})

const get = (path: string, headers?: Record<string, string>): Asked => ({
  method: 'GET',
  path,
  ...(headers && { headers }),
})
const post = (path: string, body: unknown): Asked => ({ method: 'POST', path, body })
const nobody = 'c23de908-3033-4f36-b499-4d66e9088869'
const matching = (value: string) => [{ name: 'a', value, isRegex: true }]

// In this order; each changes what the next ones see.
export const alike: readonly Asked[] = [
  get('/api/v2/receivers'),
  get('/api/v2/alerts'),
  get('/api/v2/silences'),
  post('/api/v2/alerts', ''),
  post('/api/v2/alerts', []),
  post('/api/v2/alerts', [{ annotations: { a: 'b' } }]),
  post('/api/v2/alerts', [{ labels: {} }]),
  post('/api/v2/alerts', [alert({ endsAt: minutes(-9) })]),
  post('/api/v2/alerts', [alert({ startsAt: minutes(60), endsAt: undefined })]),
  post('/api/v2/alerts', [alert()]),
  post('/api/v2/alerts', [alert({ labels: { alertname: 'Slow', instance: 'b', team: 'base' } })]),
  get('/api/v2/alerts'),
  get('/api/v2/alerts/'),
  get('/api/v2/alerts?filter=alertname%3D%22Down%22&receiver=tea.*'),
  get('/api/v2/alerts?filter=team%3Dbase'),
  get('/api/v2/alerts?filter=team%3Dbase%2Cops'),
  // Texts that are none.
  post('/api/v2/alerts', [
    { labels: { alertname: 'Until', a: null }, annotations: { b: '' }, endsAt: minutes(60) },
  ]),
  get('/api/v2/alerts'),
  get('/api/v2/alerts?active=maybe'),
  get('/api/v2/alerts?unknown=1'),
  get('/api/v2/alerts/groups'),
  get('/api/v2/alerts/groups?receiver=everyone'),
  get('/api/v2/alerts', { 'accept-encoding': 'gzip' }),
  post('/api/v2/silences', silence()),
  post('/api/v2/silences', silence({ comment: '' })),
  post('/api/v2/silences', silence({ endsAt: minutes(-1) })),
  post('/api/v2/silences', silence({ matchers: [] })),
  post('/api/v2/silences', silence({ matchers: matching('.*') })),
  post('/api/v2/silences', silence({ id: nobody })),
  post('/api/v2/silences', silence({ id: 'nonsense' })),
  post('/api/v2/silences', silence({ createdBy: undefined })),
  get('/api/v2/silences?filter=alertname%3D%22Down%22'),
  get('/api/v2/silences?filter=alertname%3D%22Slow%22'),
  get('/api/v2/alerts?silenced=false'),
  get('/api/v2/alerts/groups?silenced=false'),
  get(`/api/v2/silence/${nobody}`),
  { method: 'DELETE', path: `/api/v2/silence/${nobody}` },
]

// The same status; the words of a refusal are each one's own.
export const alikeByStatus: readonly Asked[] = [
  get('/-/healthy'),
  get('/-/ready'),
  { method: 'HEAD', path: '/-/ready' },
  { method: 'POST', path: '/-/healthy' },
  get('/-/reload'),
  { method: 'POST', path: '/-/reload' },
  get('/'),
  get('/nowhere'),
  get('/metrics'),
  get('/api/v2/status'),
  get('/api/v2/nowhere'),
  post('/api/v2/status', {}),
  { method: 'DELETE', path: '/api/v2/alerts' },
  { method: 'PUT', path: '/api/v2/silences' },
  { method: 'OPTIONS', path: '/api/v2/alerts' },
  post('/api/v2/alerts', '{bad'),
  post('/api/v2/alerts', {}),
  get('/api/v2/alerts?filter=bad%20filter'),
  get('/api/v2/alerts?filter=%7B'),
  get('/api/v2/alerts?receiver=('),
  post('/api/v2/silences', 'nope'),
  post('/api/v2/silences', silence({ matchers: matching('(') })),
  get('/api/v2/silences?filter=%7B'),
  get('/api/v2/silence/nonsense'),
  { method: 'DELETE', path: '/api/v2/silence/nonsense' },
]
