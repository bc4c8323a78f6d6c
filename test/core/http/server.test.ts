// What a caller sees of the server itself: answers, refusals, limits, and no more than it should.
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, expect, test } from 'vitest'
import { z } from 'zod'
import { errors, Failure } from '#core/errors.ts'
import { page } from '#core/http/page.ts'
import { type Route, route } from '#core/http/route.ts'
import { openHttp } from '#core/http/server.ts'
import { ask, bearer, byWord, openStand, rawly } from './ask.ts'

const filter = z.object({ limit: z.coerce.number().int().max(10).optional(), 'match[]': z.any().optional() })
const person = z.strictObject({ name: z.string(), age: z.number().min(0), kind: z.enum(['a', 'b']) })
const failing = (path: string, handle: Route['handle'], more: Partial<Route> = {}): Route =>
  route({ method: 'GET', path, scope: 'open', summary: 'fails', handle, ...more })

const routes: Route[] = [
  route({
    method: 'GET',
    path: '/list',
    scope: 'open',
    summary: 'lists',
    query: filter,
    alsoForm: true,
    handle: ({ query }) => ({ body: query }),
  }),
  route({
    method: 'GET',
    path: '/label/:name/values',
    scope: 'open',
    summary: 'a label',
    handle: ({ params, query }) => ({ body: { params, query } }),
  }),
  route({
    method: 'POST',
    path: '/person',
    scope: 'open',
    summary: 'takes a person',
    body: person,
    bodyMaxBytes: 1_000,
    handle: ({ body }) => ({ status: 201, body: { hello: body.name } }),
  }),
  route({
    method: 'POST',
    path: '/write',
    scope: 'write',
    summary: 'takes bytes',
    body: 'bytes',
    bodyMaxBytes: 5_000_000,
    handle: ({ body }) => ({ body: { length: (body as Buffer).length, last: (body as Buffer).at(-1) } }),
  }),
  route({ method: 'DELETE', path: '/list', scope: 'admin', summary: 'deletes', handle: () => ({}) }),
  failing('/bug', () => {
    throw new TypeError('cannot read the s3cret of undefined')
  }),
  failing('/strange', () => Promise.reject('just text')),
  failing('/full', () => {
    throw new Failure('store_full', '/data has 0 bytes left')
  }),
  failing(
    '/shaped',
    () => {
      throw new Failure('store_full', 'no room')
    },
    { failure: (failure, status) => ({ status: 'error', errorType: failure.code, at: status }) },
  ),
  failing('/page', () => page('<style>p{color:red}</style><p>hello')),
  failing('/bytes', () => ({ body: new Uint8Array([104, 105]), headers: { 'content-type': 'text/x' } })),
]

const stand = await openStand(routes)
afterAll(() => stand[Symbol.asyncDispose]())
const { http } = stand

test('objects go out as JSON, text and bytes as they are, nothing as 204', async () => {
  const list = await ask(http, '/list?limit=3')
  expect([list.status, list.json]).toEqual([200, { limit: 3 }])
  expect(list.headers['content-type']).toBe('application/json; charset=utf-8')
  const bytes = await ask(http, '/bytes')
  expect([bytes.text, bytes.headers['content-type']]).toEqual(['hi', 'text/x'])
  const deleted = await ask(http, '/list', { method: 'DELETE', headers: bearer('admin') })
  expect([deleted.status, deleted.text]).toEqual([204, ''])
  const head = await ask(http, '/list?limit=3', { method: 'HEAD' })
  expect([head.status, head.text]).toEqual([200, ''])
})

test('params and repeated query names arrive as they were meant', async () => {
  const { json } = await ask(http, '/label/a%2Fb%20%C3%A9/values?x=1&x=2&__proto__=3&y=')
  expect(json.params).toEqual({ name: 'a/b é' })
  expect(json.query).toMatchObject({ x: ['1', '2'], y: '' })
  expect((await ask(http, `/label/${'x'.repeat(900)}/values`)).status).toBe(200)
})

test('a long query may come as a form, and joins the one in the address', async () => {
  const t = async (path: string, body: string, query: object) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }
    const reply = await ask(http, path, { body, headers })
    expect(reply.json, path + body).toEqual(query)
  }
  await t('/list', 'limit=4', { limit: 4 })
  await t('/list?match[]=a', 'match[]=b&match%5B%5D=c+d', { 'match[]': ['b', 'c d', 'a'] })
  await t('/list?limit=2', '', { limit: 2 })
})

test('every problem of a body is told at once: where, what was wanted, what was found', async () => {
  const t = async (body: string, detail: string) => {
    const { status, json } = await ask(http, '/person', { body })
    expect([status, json.error?.code], body).toEqual([400, 'bad_request'])
    expect(json.error.detail, body).toBe(detail)
    expect(json.error.todo, body).toBe(errors.bad_request.todo)
  }
  await t(
    '{"name":5,"age":-1,"kind":"c","hots":1}',
    'body.name: wanted string, found 5; body.age: wanted at least 0, found -1; ' +
      'body.kind: wanted one of "a", "b", found "c"; body: unknown: hots',
  )
  await t('[]', 'body: wanted object, found []')
  await t('', 'body: wanted object, found nothing')
  await t('{"name":', 'body: wanted JSON, Unexpected end of JSON input')
  const { json } = await ask(http, '/list?limit=eleven')
  expect(json.error.detail).toBe('query.limit: wanted number, found "eleven"')
  expect((await ask(http, '/list?limit=11')).json.error.detail).toBe(
    'query.limit: wanted at most 10, found "11"',
  )
})

test('a body is JSON unless it says that it is a form', async () => {
  const body = '{"name":"ann","age":3,"kind":"a"}'
  for (const type of ['application/json', 'text/plain', 'application/x-unknown+json; charset=utf-8']) {
    const reply = await ask(http, '/person', { body, headers: { 'content-type': type } })
    expect([reply.status, reply.json], type).toEqual([201, { hello: 'ann' }])
  }
  expect((await ask(http, '/person', { body })).status).toBe(201)
})

test('bytes arrive whole, compressed or not, with a stated length or in pieces', async () => {
  const headers = bearer('write')
  const t = async (body: Uint8Array, more: Record<string, string>) => {
    const reply = await ask(http, '/write', { body, headers: { ...headers, ...more } })
    expect(reply.json, JSON.stringify(more)).toEqual({ length: body.length, last: body.at(-1) })
  }
  const large = Buffer.alloc(3_000_000, 'abc')
  await t(large, { 'content-length': '3000000' })
  await t(large, { 'transfer-encoding': 'chunked' })
  await t(gzipSync('cpu v=1'), { 'content-encoding': 'gzip', 'content-type': 'text/plain' })
  await t(Buffer.from('x'), {})
  const empty = await ask(http, '/write', { method: 'POST', headers })
  expect(empty.json).toEqual({ length: 0 })
})

test('a body over the limit is refused, stated or not, and before it is read where it is stated', async () => {
  const body = JSON.stringify({ name: 'x'.repeat(2_000), age: 1, kind: 'a' })
  const t = async (headers: Record<string, string>, found: string) => {
    const { status, json } = await ask(http, '/person', { body, headers })
    expect([status, json.error.code]).toEqual([413, 'too_large'])
    expect(json.error.detail).toBe(`found ${found}, wanted at most 1000 bytes`)
  }
  await t({}, `${body.length} bytes`)
  await t({ 'transfer-encoding': 'chunked' }, 'more than 1000 bytes')
  const answer = await rawly(
    http,
    'POST /person HTTP/1.1\r\nhost: localhost\r\ncontent-length: 99999999\r\n\r\n',
  )
  expect(answer).toMatch(/^HTTP\/1.1 413 /)
  expect(answer).toMatch(/connection: close/i)
})

test('an unknown address is 404, a known one with another method 405 and says which', async () => {
  const t = async (method: string, path: string, status: number, allow?: string) => {
    const reply = await ask(http, path, { method })
    expect([reply.status, reply.headers.allow], `${method} ${path}`).toEqual([status, allow])
    expect(reply.json.error.code).toBe(status === 404 ? 'not_found' : 'method_not_allowed')
  }
  await t('GET', '/nothing?x=1', 404)
  await t('POST', '/label/a', 404)
  await t('PUT', '/list', 405, 'GET, HEAD, POST, DELETE')
  await t('OPTIONS', '/write', 405, 'POST')
  await t('DELETE', '/label/a/values', 405, 'GET, HEAD')
  // A dot in a path is a dot.
  await t('PUT', '/lisp', 404)
})

test('what cannot be a request is refused in our words, and the connection ends', async () => {
  const t = async (bytes: string, status: number, code: string) => {
    const answer = await rawly(http, bytes)
    expect(answer, bytes.slice(0, 40)).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(JSON.parse(answer.split('\r\n\r\n')[1]!).error.code, bytes.slice(0, 40)).toBe(code)
  }
  await t('hello\r\n\r\n', 400, 'bad_request')
  await t(`GET / HTTP/1.1\r\nhost: x\r\nx-long: ${'y'.repeat(20_000)}\r\n\r\n`, 431, 'headers_too_large')
  await t(`GET /${'y'.repeat(20_000)} HTTP/1.1\r\nhost: localhost\r\n\r\n`, 431, 'headers_too_large')
  await t('GET /%zz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n', 400, 'bad_request')
  // Two lengths are the classic way to smuggle one request inside another.
  await t(
    'POST /person HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab',
    400,
    'bad_request',
  )
  await t(
    'POST /person HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    400,
    'bad_request',
  )
})

test('who sends too slowly is cut off', async () => {
  await using slow = await openStand(routes, { limits: { headersTimeoutMs: 40, requestTimeoutMs: 80 } })
  const head = await rawly(slow.http, 'GET /list HTTP/1.1\r\nhost: localh')
  expect(head).toMatch(/^HTTP\/1.1 408 .*request_timeout/s)
  const body = await rawly(
    slow.http,
    'POST /person HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n\r\n{',
  )
  expect(body).toMatch(/^HTTP\/1.1 408 /)
})

test('who is told that it is too slow and never closes is gone all the same', async () => {
  await using slow = await openStand(routes, { limits: { headersTimeoutMs: 40 } })
  const silent = connect({ port: slow.http.port, host: '127.0.0.1', allowHalfOpen: true })
  // What is written to a connection that is gone comes back as an error.
  silent.on('error', () => {})
  silent.write('POST /person HTTP/1.1\r\nhost: 127.0.0.1\r\nx: ')
  const closed = new Promise(resolve => silent.once('close', resolve))
  silent.resume()
  await once(silent, 'end')
  const again = setInterval(() => silent.write('y'), 50)
  await closed
  clearInterval(again)
})

test('an expected failure has its status, code, meaning and what to do', async () => {
  const { status, headers, json } = await ask(http, '/full')
  expect(status).toBe(503)
  expect(headers['retry-after']).toBe('5')
  expect(json).toEqual({
    error: {
      code: 'store_full',
      detail: '/data has 0 bytes left',
      means: errors.store_full.means,
      todo: errors.store_full.todo,
    },
  })
  expect(stand.lines).toEqual([])
})

test('a route may have failures of its own shape, with the same status and Retry-After', async () => {
  const { status, headers, json } = await ask(http, '/shaped')
  expect([status, headers['retry-after']]).toEqual([503, '5'])
  expect(json).toEqual({ status: 'error', errorType: 'store_full', at: 503 })
})

test('Retry-After comes with everything that works later, and with nothing else', async () => {
  const codes = Object.keys(errors) as (keyof typeof errors)[]
  const each = codes.map(code =>
    failing(`/${code}`, () => {
      throw new Failure(code, 'x')
    }),
  )
  await using all = await openStand(each)
  for (const code of codes) {
    const { status, headers } = await ask(all.http, `/${code}`)
    const isLater = status === 429 || status === 503
    expect([code, headers['retry-after']]).toEqual([code, isLater ? '5' : undefined])
    expect(status).toBe(errors[code].status)
  }
})

test('a method that wants a content type is refused without one, and is no bug of ours', async () => {
  const before = stand.lines.length
  const { status, json } = await ask(http, '/list', { method: 'QUERY' })
  expect([status, json.error.code]).toEqual([400, 'bad_request'])
  expect(stand.lines.slice(before)).toEqual([])
})

test('an unexpected error shows a number that the log explains, and nothing else', async () => {
  const { status, json, text } = await ask(http, '/bug')
  expect([status, json.error.code]).toEqual([500, 'internal'])
  expect(text).not.toContain('s3cret')
  expect(text).not.toContain('server.test.ts')
  const id = /[0-9a-f]{8}/.exec(json.error.detail)?.[0]
  const logged = stand.lines.map(line => JSON.parse(line)).find(each => each.code === id)
  expect(logged).toMatchObject({ level: 'error', room: 'http', route: '/bug' })
  expect(logged.error.stack).toContain('server.test.ts')
  // The same bug has the same number, so that a folded line still explains it.
  expect((await ask(http, '/bug')).json.error.detail).toBe(json.error.detail)
  expect((await ask(http, '/strange')).json.error.detail).not.toBe(json.error.detail)
})

test('every answer carries the headers that keep browsers safe', async () => {
  const replies = [
    await ask(http, '/list'),
    await ask(http, '/full'),
    await ask(http, '/nothing'),
    await ask(http, '/%zz'),
    await ask(http, '/write', { body: 'x' }),
  ]
  for (const { headers } of replies) {
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; .*frame-ancestors 'none'$/)
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['referrer-policy']).toBe('same-origin')
    expect(headers['cache-control']).toBe('no-store')
    expect(headers['x-powered-by']).toBeUndefined()
  }
})

test("a page's own style is allowed by its hash, and nothing else is", async () => {
  const { headers, text } = await ask(http, '/page')
  expect(headers['content-type']).toBe('text/html; charset=utf-8')
  // printf 'p{color:red}' | openssl dgst -sha256 -binary | base64
  expect(headers['content-security-policy']).toContain(
    "style-src 'sha256-p0bF+un5yUb9MBO6xRb8kPHlY2BdpHVtLiFkDrZPF64='; ",
  )
  expect(headers['content-security-policy']).not.toContain('unsafe')
  expect(headers['content-security-policy']).not.toContain('script-src')
  expect(text).toContain('<p>hello')
})

test('requests are counted by route and class, and what they brought', async () => {
  await using one = await openStand(routes)
  await ask(one.http, '/list')
  await ask(one.http, '/list?limit=x')
  await ask(one.http, '/label/secret-name/values')
  await ask(one.http, '/write', { body: 'x'.repeat(70), headers: bearer('write') })
  await ask(one.http, '/nothing/at/all')
  const text = await one.own.text()
  expect(text).toContain('plimsoll_http_requests_total{class="2xx",route="/list"} 1\n')
  expect(text).toContain('plimsoll_http_requests_total{class="4xx",route="/list"} 1\n')
  expect(text).toContain('plimsoll_http_requests_total{class="2xx",route="/label/:name/values"} 1\n')
  expect(text).toContain('plimsoll_http_requests_total{class="4xx",route="unknown"} 1\n')
  expect(text).toContain('plimsoll_http_received_bytes_total{route="/write"} 70\n')
  expect(text).toContain('plimsoll_http_request_seconds_count{route="/list"} 2\n')
  expect(text).toContain('plimsoll_http_in_flight_bytes 0\n')
  expect(text).not.toContain('secret-name')
})

test('a route that names no scope is not registered', async () => {
  const open = (bad: object) => openStand([{ ...routes[0]!, ...bad } as Route])
  await expect(open({ scope: undefined })).rejects.toThrow('GET /list names no scope')
  await expect(open({ scope: 'everyone' })).rejects.toThrow('names no scope')
  await expect(open({ method: 'DELETE' })).rejects.toThrow('alsoForm is for GET')
})

test('an address that cannot be had says which and why', async () => {
  const open = (host: string, port: number) =>
    openHttp({ routes: [], listen: { host, port }, authorise: byWord, log: undefined!, own: stand.own })
  await expect(open('127.0.0.1', http.port)).rejects.toMatchObject({
    code: 'port_in_use',
    detail: `127.0.0.1:${http.port}`,
  })
  // 192.0.2.0/24 is for documentation, so no machine has it.
  await expect(open('192.0.2.1', 0)).rejects.toMatchObject({ code: 'address_not_ours' })
  expect(errors.port_in_use.todo).toContain('PLIMSOLL_LISTEN')
  // In Alertmanager's place, flags are what an operator has.
  for (const { todo } of Object.values(errors)) {
    if (todo.includes('PLIMSOLL_LISTEN')) expect(todo).toContain('`--web.listen-address`')
    if (todo.includes('PLIMSOLL_DATA')) expect(todo).toContain('`--storage.path`')
  }
})

test('a port that this user may not have says so', async context => {
  const first = Number(readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8'))
  const mayAll = await new Promise<boolean>(resolve => {
    const probe = createServer().once('error', () => resolve(false))
    probe.listen(1, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
  if (mayAll || first === 0) context.skip('this user may listen everywhere')
  await expect(openStand([], { listen: { host: '127.0.0.1', port: 1 } })).rejects.toMatchObject({
    code: 'port_forbidden',
  })
})

test('a loopback address in version 6 has an origin that can be asked', async context => {
  const six = await openStand(routes, { listen: { host: '::1', port: 0 } }).catch(() => undefined)
  if (six === undefined) return context.skip('no IPv6 here')
  expect(six.http.origin).toBe(`http://[::1]:${six.http.port}`)
  expect((await ask(six.http, '/list')).status).toBe(200)
  await six.http.close()
})
