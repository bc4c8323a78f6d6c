// The addresses that every process has, and what programs learn from the description of all.
import { afterAll, expect, test } from 'vitest'
import { z } from 'zod'
import { Failure } from '#core/errors.ts'
import { openApi } from '#core/http/open-api.ts'
import { type Route, route } from '#core/http/route.ts'
import { type Check, standardRoutes } from '#core/http/standard.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import { ask, bearer, openStand } from './ask.ts'
import { expectClosedWithoutLogin } from './every-route.ts'

const room: Route[] = [
  route({
    method: 'GET',
    path: '/label/:name/values',
    scope: 'read',
    summary: 'the values of a label',
    query: z.object({ limit: z.coerce.number().optional().describe('at most so many'), start: z.string() }),
    alsoForm: true,
    answer: z.object({ status: z.literal('success'), data: z.array(z.string()) }),
    failure: () => ({}),
    handle: () => ({}),
  }),
  route({
    method: 'POST',
    path: '/write',
    scope: 'write',
    summary: 'takes bytes',
    body: 'bytes',
    handle: () => ({}),
  }),
  route({
    method: 'POST',
    path: '/people',
    scope: 'admin',
    summary: 'adds a person',
    body: z.strictObject({ name: z.string(), born: z.string().transform(text => new Date(text)) }),
    handle: () => ({}),
  }),
]

const own = openOwnMetrics()
const checks: Record<string, Check> = {}
let reload = async (): Promise<readonly string[]> => []
let foreign = async (): Promise<string> => ''
const standard = standardRoutes({
  own,
  foreign: () => foreign(),
  checks,
  reload: () => reload(),
  version: '1.2.3',
  routes: room,
})
const stand = await openStand(standard, { own })
afterAll(() => stand[Symbol.asyncDispose]())

test('own numbers are shown in the text format, to whoever may read', async () => {
  own.counter('plimsoll_gateway_lines_total').inc(7)
  const { status, headers, text } = await ask(stand.http, '/metrics', { headers: bearer('read') })
  expect([status, headers['content-type']]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8'])
  expect(text).toContain('\nplimsoll_gateway_lines_total 7\n')
})

test('numbers under names of others follow them, and take them not along when they fail', async () => {
  const text = async () => (await ask(stand.http, '/metrics', { headers: bearer('read') })).text
  foreign = async () => 'alertmanager_alerts 3\n'
  expect(await text()).toMatch(/plimsoll_gateway_lines_total 7\n.*alertmanager_alerts 3\n$/s)
  foreign = () => Promise.reject(new Failure('state_unavailable', 'away'))
  expect(await text()).toMatch(/plimsoll_gateway_lines_total 7\n/)
  expect(await text()).not.toContain('alertmanager')
})

test('healthy is open and always 200', async () => {
  const { status, text } = await ask(stand.http, '/-/healthy')
  expect([status, text]).toEqual([200, 'healthy\n'])
})

test('ready names what does not work, and shows no more than that', async () => {
  Object.assign(checks, { store: () => undefined, state: async () => undefined })
  expect((await ask(stand.http, '/-/ready')).status).toBe(200)
  Object.assign(checks, {
    store: () => 'is warming up',
    state: async () => undefined,
    bus: () => {
      throw new Error('s3cret')
    },
    disk: async () => {
      throw new Failure('store_full', '/secret/path')
    },
  })
  const { status, headers, json, text } = await ask(stand.http, '/-/ready')
  expect([status, headers['retry-after']]).toEqual([503, '5'])
  expect(json).toEqual({
    ready: false,
    code: 'not_ready',
    detail:
      'store: is warming up; bus: its check failed; disk: The disk of the data folder is full. Writes are refused, reads go on, and nothing is damaged.',
  })
  expect(text).not.toMatch(/s3cret|path/)
})

test('a reload is for administrators, and a bad configuration is refused with its problems', async () => {
  const t = async (headers: Record<string, string>, status: number) => {
    const reply = await ask(stand.http, '/-/reload', { method: 'POST', headers })
    expect(reply.status).toBe(status)
    return reply
  }
  await t(bearer('operate'), 403)
  expect((await t(bearer('admin'), 200)).text).toBe('reloaded\n')
  expect((await ask(stand.http, '/-/reload', { method: 'PUT', headers: bearer('admin') })).status).toBe(200)
  reload = async () => ['listen', 'data']
  expect((await t(bearer('admin'), 200)).text).toBe(
    'reloaded; these keys change only with a restart: listen, data\n',
  )
  reload = async () => {
    throw new Failure('bad_config', 'plimsoll.yml:3:1: unknown key hots')
  }
  expect((await t(bearer('admin'), 400)).json.error).toMatchObject({
    code: 'bad_config',
    detail: 'plimsoll.yml:3:1: unknown key hots',
  })
})

test('nothing but the probes is open', async () => {
  expect(standard.filter(each => each.scope === 'open').map(each => each.path)).toEqual([
    '/-/healthy',
    '/-/ready',
  ])
  await expectClosedWithoutLogin(standard)
})

test('every route is described, its own address included', async () => {
  const { json } = await ask(stand.http, '/api/plimsoll/v1/openapi.json', { headers: bearer('read') })
  expect(json.openapi).toBe('3.1.0')
  expect(json.info.version).toBe('1.2.3')
  expect(Object.keys(json.paths)).toEqual([
    '/label/{name}/values',
    '/write',
    '/people',
    '/metrics',
    '/-/healthy',
    '/-/ready',
    '/-/reload',
    '/api/plimsoll/v1/openapi.json',
  ])
})

test('a reload may be for others too', () => {
  const scopeOf = (more: object) =>
    standardRoutes({
      own: openOwnMetrics(),
      checks: {},
      reload: async () => [],
      version: '0',
      routes: [],
      ...more,
    }).find(({ path }) => path === '/-/reload')?.scope
  expect([scopeOf({}), scopeOf({ reloadScope: 'operate' })]).toEqual(['admin', 'operate'])
})

test('parameters, forms, bodies and answers are described by their schemas', () => {
  const { paths } = openApi(room, '1') as { paths: Record<string, Record<string, Record<string, unknown>>> }
  const values = paths['/label/{name}/values']
  expect(values?.['get']).toMatchObject({
    summary: 'the values of a label',
    'x-scope': 'read',
    parameters: [
      { name: 'name', in: 'path', required: true },
      { name: 'limit', in: 'query', required: false, description: 'at most so many' },
      { name: 'start', in: 'query', required: true, schema: { type: 'string' } },
    ],
    responses: {
      '2XX': { content: { 'application/json': { schema: { required: ['status', 'data'] } } } },
      default: { content: { 'application/json': { schema: { type: 'object' } } } },
    },
  })
  expect(values?.['get']?.['requestBody']).toBeUndefined()
  expect(values?.['post']).toMatchObject({
    parameters: [{ name: 'name' }],
    requestBody: { content: { 'application/x-www-form-urlencoded': { schema: { required: ['start'] } } } },
  })
  expect(paths['/write']?.['post']?.['requestBody']).toEqual({ content: { 'application/octet-stream': {} } })
  expect(paths['/people']?.['post']?.['requestBody']).toMatchObject({
    content: { 'application/json': { schema: { required: ['name', 'born'], additionalProperties: false } } },
  })
})
