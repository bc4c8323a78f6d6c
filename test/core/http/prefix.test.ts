// A service below a path: what comes in loses the prefix, and what goes out has it.
import { connect } from 'node:net'
import { text as textOf } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { page } from '#core/http/page.ts'
import { linked, outside, prefixOf, routed } from '#core/http/prefix.ts'
import { type Route, route } from '#core/http/route.ts'
import { standardRoutes } from '#core/http/standard.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import { ask, bearer, openStand } from './ask.ts'

const routes: Route[] = [
  route({
    method: 'GET',
    path: '/',
    scope: 'read',
    summary: 'a page',
    handle: () =>
      page('<a href="/i/3">3</a> <form method="post" action="/logout"></form> <a href="//x/">x</a>'),
  }),
  route({
    method: 'GET',
    path: '/i/:n',
    scope: 'read',
    summary: 'one',
    handle: ({ params }) => ({ body: params }),
  }),
  route({
    method: 'POST',
    path: '/go',
    scope: 'open',
    summary: 'goes',
    handle: () => ({ status: 303, headers: { location: '/login' } }),
  }),
]

test('the prefix is that of the external URL where none is stated, and both may differ', () => {
  const t = (given: Parameters<typeof prefixOf>[0], [routes, links]: [string, string]) =>
    expect(prefixOf(given)).toEqual({ routes, links })
  t({}, ['', ''])
  t({ externalUrl: 'https://p.example.org' }, ['', ''])
  t({ externalUrl: 'https://p.example.org/plimsoll/' }, ['/plimsoll', '/plimsoll'])
  t({ externalUrl: 'https://p.example.org/plimsoll', routePrefix: '' }, ['', '/plimsoll'])
  t({ externalUrl: 'https://p.example.org', routePrefix: '/x' }, ['/x', ''])
  t({ routePrefix: '/x' }, ['/x', '/x'])
})

test('only what stands below the prefix comes in', () => {
  const t = (url: string, found: string) =>
    expect(routed(url, { routes: '/am', links: '/am' }), url).toBe(found)
  t('/am/api/v2/alerts?a=1', '/api/v2/alerts?a=1')
  t('/am/', '/')
  t('/am', '/')
  t('/am?hold', '/?hold')
  t('/amtool', outside)
  t('/', outside)
  t('/api/v2/alerts', outside)
  t('/x/am/api', outside)
  // As proxies ask that are told of a whole address.
  t('http://other.example/am/api?a=/am', '/api?a=/am')
  t('HTTP://other.example', outside)
  expect(routed('/am', { routes: '', links: '' })).toBe('/am')
})

test('links of pages and of redirects get it, and nothing else does', () => {
  const prefix = { routes: '', links: '/am' }
  const html = (body: string) => linked(page(body), prefix).body
  expect(html('<a href="/">home</a><img src="/x.png"><a href="//other.example/">')).toBe(
    '<a href="/am/">home</a><img src="/am/x.png"><a href="//other.example/">',
  )
  expect(html('<p>say href=&quot;/&quot;</p><a href="https://x/">')).toBe(
    '<p>say href=&quot;/&quot;</p><a href="https://x/">',
  )
  const json = { body: { text: ' href="/' } }
  expect(linked(json, prefix)).toEqual(json)
  const text = { headers: { 'content-type': 'text/plain' }, body: '<a href="/">' }
  expect(linked(text, prefix).body).toBe('<a href="/">')
  expect(linked({ headers: { location: 'https://x/' } }, prefix).headers).toEqual({ location: 'https://x/' })
})

test('the session goes to what stands below it alone', () => {
  const answer = { headers: { 'set-cookie': 'plimsoll_session=x; Path=/; HttpOnly' } }
  const t = (links: string, cookie: string) =>
    expect(linked(answer, { routes: '', links }).headers?.['set-cookie']).toBe(cookie)
  t('', 'plimsoll_session=x; Path=/; HttpOnly')
  t('/am', 'plimsoll_session=x; Path=/am; HttpOnly')
})

test('everything is below it: pages, redirects, probes and the login; the root leads there', async () => {
  const own = openOwnMetrics()
  own.gauge('plimsoll_alerter_outbox_entries').set(7)
  const standard = standardRoutes({
    own,
    foreign: async () => 'alertmanager_alerts 1\n',
    checks: {},
    reload: async () => [],
    version: '0',
    routes,
  })
  await using stand = await openStand([...routes, ...standard], {
    externalUrl: 'https://p.example.org/am',
  })
  const get = (path: string, headers: Record<string, string> = bearer('read')) =>
    ask(stand.http, path, { headers })
  expect(stand.http.origin.endsWith('/am')).toBe(true)
  expect((await get('/am/')).text).toContain(
    '<a href="/am/i/3">3</a> <form method="post" action="/am/logout">',
  )
  expect((await get('/am/i/3')).json).toEqual({ n: '3' })
  expect((await get('/am/-/healthy')).status).toBe(200)
  expect((await get('/am/metrics')).text).toMatch(/outbox_entries 7\nalertmanager_alerts 1\n$/)
  expect((await ask(stand.http, '/am/go', { method: 'POST' })).headers.location).toBe('/am/login')
  // A person is led to the login, which is below it too, and back from there.
  const stranger = await get('/am/i/3', { accept: 'text/html' })
  expect(stranger.headers.location).toBe('/am/login?next=%2Fi%2F3')
  expect(await get('/')).toMatchObject({ status: 302, headers: { location: '/am/' } })
  const away = await get('/-/healthy')
  expect([away.status, away.json.error.detail]).toEqual([404, 'GET /-/healthy'])
})

test('a slash too many finds the way', async () => {
  await using stand = await openStand(routes)
  const t = async (path: string, status: number) =>
    expect((await ask(stand.http, path, { headers: bearer('read') })).status, path).toBe(status)
  await t('/i/3/', 200)
  await t('//i/3', 200)
  await t('/i//3', 200)
  await t('/i', 404)
})

test('one server listens at several addresses, and leaves all of them', async () => {
  const stand = await openStand(routes, { alsoListen: [{ host: '127.0.0.2', port: 0 }] })
  const [other = 0] = stand.http.alsoPorts
  const get = (host: string, port: number): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect(port, host, () =>
        socket.write(
          `GET /i/3 HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer read\r\nconnection: close\r\n\r\n`,
        ),
      )
      textOf(socket).then(resolve, reject)
    })
  expect(await get('127.0.0.1', stand.http.port)).toContain('{"n":"3"}')
  expect(await get('127.0.0.2', other)).toContain('{"n":"3"}')
  await stand[Symbol.asyncDispose]()
  await expect(get('127.0.0.2', other)).rejects.toThrow('ECONNREFUSED')
})

test('an address that is taken stops the start, and frees the others', async () => {
  await using first = await openStand(routes, { listen: { host: '127.0.0.3', port: 0 } })
  const { port } = first.http
  const both = { listen: { host: '127.0.0.4', port }, alsoListen: [{ host: '127.0.0.3', port }] }
  await expect(openStand(routes, both)).rejects.toMatchObject({ code: 'port_in_use' })
  await using third = await openStand(routes, { listen: { host: '127.0.0.4', port } })
  expect(third.http.port).toBe(port)
})
