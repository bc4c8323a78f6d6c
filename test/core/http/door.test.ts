// Who is let in: logins and scopes, pages of other sites, and names that are not ours.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Failure } from '#core/errors.ts'
import { cookiesOf } from '#core/http/cookies.ts'
import { admit, type House, nobody } from '#core/http/door.ts'
import type { Principal, Scope } from '#core/model.ts'
import { ask, bearer, byWord, holder, openStand } from './ask.ts'
import { expectClosedWithoutLogin } from './every-route.ts'

const house = (more: Partial<House> = {}): House => ({
  loopback: true,
  externalHost: 'plimsoll.example.org',
  authorise: async () => undefined,
  ...more,
})
const user = (...scopes: Scope[]): Principal => ({ kind: 'user', name: 'ann', scopes })

type Visit = Readonly<{ method?: string; headers?: Record<string, string>; as?: Principal; scope?: Scope }>

async function enter({ method = 'GET', headers = {}, as, scope = 'read' }: Visit): Promise<string> {
  const asking = { method, headers: { host: 'localhost:1876', ...headers }, query: {}, remote: '' }
  try {
    return (await admit(asking, scope, house({ authorise: async () => as }))).name
  } catch (error) {
    if (error instanceof Failure) return error.code
    throw error
  }
}

test('a scope opens its addresses, admin opens all, and nothing else opens anything', async () => {
  const t = async (has: Scope[], scope: Scope, answer: string) => {
    expect(await enter({ as: holder(...has), scope }), `${has} to ${scope}`).toBe(answer)
  }
  await t(['read'], 'read', 'test')
  await t(['read'], 'write', 'forbidden')
  await t(['write'], 'read', 'forbidden')
  await t(['operate'], 'read', 'forbidden')
  await t(['read', 'write'], 'write', 'test')
  await t(['read', 'write', 'operate'], 'admin', 'forbidden')
  await t(['admin'], 'operate', 'test')
  await t([], 'read', 'forbidden')
})

test('without a login it is a login that is missing, not a scope', async () => {
  const anonymous = (...scopes: Scope[]): Principal => ({ kind: 'anonymous', name: 'anyone', scopes })
  expect(await enter({})).toBe('unauthorised')
  expect(await enter({ as: anonymous('write') })).toBe('unauthorised')
  expect(await enter({ as: anonymous('read') })).toBe('anyone')
})

test('an open address asks nobody', async () => {
  const asking = { method: 'GET', headers: {}, query: {}, remote: '' }
  const authorise = async () => {
    throw new Error('asked')
  }
  expect(await admit(asking, 'open', house({ authorise }))).toBe(nobody)
  expect(nobody.scopes).toEqual([])
})

test('a refusal says what is there and what is wanted', async () => {
  const asking = { method: 'GET', headers: {}, query: {}, remote: '' }
  const open = admit(asking, 'admin', house({ authorise: async () => holder('read', 'write') }))
  await expect(open).rejects.toThrow('test has the scopes read, write; this address wants admin')
})

test('what a session changes must come from our own pages', async () => {
  const cookie = { cookie: 'session=x' }
  const t = async (method: string, headers: Record<string, string>, answer: string) => {
    const visit = { method, headers: { ...cookie, ...headers }, as: user('admin') }
    expect(await enter(visit), `${method} ${JSON.stringify(headers)}`).toBe(answer)
  }
  // Looking changes nothing.
  await t('GET', {}, 'ann')
  await t('HEAD', { origin: 'https://evil.example' }, 'ann')
  await t('GET', { 'sec-fetch-site': 'cross-site' }, 'ann')
  for (const method of ['POST', 'PUT', 'DELETE']) {
    await t(method, { origin: 'http://localhost:1876' }, 'ann')
    await t(method, { origin: 'https://plimsoll.example.org' }, 'ann')
    await t(method, { 'sec-fetch-site': 'same-origin' }, 'ann')
    await t(method, {}, 'cross_site')
    await t(method, { origin: 'null' }, 'cross_site')
    await t(method, { 'sec-fetch-site': 'cross-site', origin: 'null' }, 'cross_site')
    await t(method, { 'sec-fetch-site': 'none', origin: 'null' }, 'cross_site')
    await t(method, { 'sec-fetch-site': 'same-origin', origin: 'null' }, 'ann')
    await t(method, { origin: 'https://evil.example' }, 'cross_site')
    await t(method, { origin: 'http://localhost:1877' }, 'cross_site')
    await t(method, { origin: 'http://localhost:1876.evil.example' }, 'cross_site')
    await t(method, { 'sec-fetch-site': 'same-site' }, 'cross_site')
    await t(method, { 'sec-fetch-site': 'cross-site', origin: 'http://localhost:1876' }, 'cross_site')
    await t(method, { 'sec-fetch-site': 'same-origin', origin: 'https://evil.example' }, 'cross_site')
  }
})

test('a token needs no origin, as no page of another site can send it', async () => {
  const t = async (headers: Record<string, string>, as: Principal, answer: string) => {
    expect(await enter({ method: 'POST', headers, as }), JSON.stringify(headers)).toBe(answer)
  }
  await t({ authorization: 'Bearer x' }, holder('read'), 'test')
  await t({ authorization: 'Bearer x', cookie: 'a=b' }, holder('read'), 'test')
  await t({ authorization: 'Bearer x', origin: 'https://grafana.example' }, holder('read'), 'test')
  await t({}, holder('read'), 'test')
})

test('a browser sends Basic along by itself, so it needs an origin like a cookie', async () => {
  const t = async (headers: Record<string, string>, answer: string) => {
    const all = { authorization: 'Basic eDp5', ...headers }
    expect(await enter({ method: 'POST', headers: all, as: holder('read') }), JSON.stringify(headers)).toBe(
      answer,
    )
  }
  await t({}, 'test')
  await t({ origin: 'https://evil.example' }, 'cross_site')
  await t({ 'sec-fetch-site': 'cross-site' }, 'cross_site')
})

test('what is open to all is still not open to pages of other sites', async () => {
  const anyone: Principal = { kind: 'anonymous', name: 'anyone', scopes: ['read', 'write'] }
  const t = async (headers: Record<string, string>, answer: string) => {
    expect(await enter({ method: 'POST', headers, as: anyone }), JSON.stringify(headers)).toBe(answer)
  }
  await t({}, 'anyone')
  await t({ cookie: 'theme=dark' }, 'anyone')
  await t({ origin: 'https://evil.example' }, 'cross_site')
  await t({ 'sec-fetch-site': 'cross-site' }, 'cross_site')
  // A heartbeat by GET, as the picture of a page.
  const picture = { headers: { 'sec-fetch-site': 'cross-site' }, as: anyone }
  expect(await enter({ ...picture, scope: 'write' })).toBe('cross_site')
  expect(await enter({ ...picture, scope: 'write', method: 'HEAD' })).toBe('cross_site')
  expect(await enter({ as: anyone, scope: 'write' })).toBe('anyone')
  expect(await enter({ ...picture, scope: 'read' })).toBe('anyone')
  // The login form too: nobody is logged in as somebody else.
  const login = { method: 'POST', headers: { origin: 'https://evil.example' }, query: {}, remote: '' }
  await expect(admit(login, 'open', house())).rejects.toThrow('https://evil.example')
})

test('on loopback only our own names are answered', async () => {
  const t = async (host: string, answer: string) => {
    expect(await enter({ headers: { host }, as: holder('read') }), host).toBe(answer)
  }
  for (const host of ['localhost', 'localhost:1876', 'LOCALHOST:1', 'plimsoll.localhost:1876'])
    await t(host, 'test')
  for (const host of ['127.0.0.1:1876', '127.0.0.9', '[::1]:1876', '[::1]', '10.1.2.3:80'])
    await t(host, 'test')
  await t('plimsoll.example.org', 'test')
  for (const host of [
    'evil.example',
    'evil.example:1876',
    'localhost.evil.example',
    'xlocalhost',
    '',
    '127.0.0.1.evil.example',
  ]) {
    await t(host, 'wrong_host')
  }
})

test('elsewhere every name is answered, and without a name as well', async () => {
  const asking = (headers: Record<string, string>) => ({ method: 'GET', headers, query: {}, remote: '' })
  const authorise = async () => holder('read')
  const t = async (headers: Record<string, string>, loopback: boolean) =>
    expect((await admit(asking(headers), 'read', house({ loopback, authorise }))).name).toBe('test')
  await t({ host: 'monitor.lan' }, false)
  await t({}, true)
})

test('cookies are read as browsers write them, and never fail', () => {
  const t = (header: string | undefined, cookies: object) =>
    expect({ ...cookiesOf(header) }, header).toEqual(cookies)
  t(undefined, {})
  t('a=1; b=2', { a: '1', b: '2' })
  t('a=1;b="x=y";; c ; =d', { a: '1', b: '"x=y"', '': 'd' })
  t('session=narrow; session=wide', { session: 'narrow' })
  expect(Object.entries(cookiesOf('__proto__=x'))).toEqual([['__proto__', 'x']])
  expect(cookiesOf('a=1')['constructor']).toBeUndefined()
  fc.assert(fc.property(fc.string(), text => typeof cookiesOf(text) === 'object'))
})

test('over the wire: 401 asks programs, sends browsers to the login, and leaves scripts of pages alone', async () => {
  const seen: object[] = []
  const routes = (['GET', 'POST'] as const).map(method => ({
    method,
    path: '/silence/:id',
    scope: 'operate' as const,
    summary: 'x',
    handle: () => {
      seen.push({})
      return {}
    },
  }))
  await using stand = await openStand(routes)
  const t = async (headers: Record<string, string>, status: number, method = 'GET') => {
    const reply = await ask(stand.http, '/silence/4?a=b&c', { method, headers })
    expect(reply.status, JSON.stringify(headers)).toBe(status)
    return reply.headers
  }
  expect((await t({}, 401))['www-authenticate']).toBe('Basic realm="plimsoll"')
  expect((await t({ 'sec-fetch-mode': 'cors', accept: '*/*' }, 401))['www-authenticate']).toBeUndefined()
  const html = { accept: 'text/html,application/xhtml+xml' }
  expect((await t(html, 303)).location).toBe('/login?next=%2Fsilence%2F4%3Fa%3Db%26c')
  // A form cannot be sent again by a link.
  expect((await t(html, 303, 'POST')).location).toBe('/login?next=%2F')
  await t(bearer('read'), 403)
  expect(seen).toEqual([])
  await t(bearer('operate'), 204)
  await t({ cookie: 'session=operate' }, 204)
  await t({ cookie: 'session=operate' }, 403, 'POST')
  await t({ cookie: 'session=operate', origin: stand.http.origin }, 204, 'POST')
  await t({ host: 'evil.example', ...bearer('operate') }, 421)
  expect(seen).toHaveLength(3)
})

test('the name of external_url is ours too', async () => {
  const routes = [{ method: 'GET', path: '/', scope: 'read', summary: 'x', handle: () => ({}) } as const]
  await using stand = await openStand(routes, { externalUrl: 'https://plimsoll.example.org:8443/' })
  const t = async (host: string, status: number) =>
    expect((await ask(stand.http, '/', { headers: { host, ...bearer('read') } })).status, host).toBe(status)
  await t('plimsoll.example.org:8443', 204)
  await t('plimsoll.example.net:8443', 421)
})

test('a body is not read before its sender was let in', async () => {
  let handled = 0
  const routes = [
    {
      method: 'POST',
      path: '/write',
      scope: 'write',
      summary: 'x',
      body: 'bytes',
      bodyMaxBytes: 1e9,
      handle: () => {
        handled += 1
        return {}
      },
    } as const,
  ]
  await using stand = await openStand(routes)
  const { status } = await ask(stand.http, '/write', { method: 'POST', headers: { 'content-length': '0' } })
  expect(status).toBe(401)
  // The answer comes although the body never does.
  const { request } = await import('node:http')
  const early = await new Promise<number>((resolve, reject) => {
    const sent = request(`${stand.http.origin}/write`, {
      method: 'POST',
      headers: { 'content-length': '900000000' },
    })
    sent.on('response', reply => resolve(reply.statusCode ?? 0)).on('error', reject)
    sent.flushHeaders()
  })
  expect(early).toBe(401)
  expect(handled).toBe(0)
})

test('the walk over every route finds one that is open by mistake', async () => {
  const closed = {
    method: 'GET',
    path: '/a/:b',
    scope: 'read',
    summary: 'x',
    alsoForm: true,
    handle: () => ({}),
  } as const
  await expectClosedWithoutLogin([closed, { ...closed, path: '/open', scope: 'open' }])
  expect(await byWord({ method: 'GET', headers: {}, query: {}, cookies: {}, remote: '' })).toBeUndefined()
})
