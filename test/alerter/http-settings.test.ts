import { expect, test } from 'vitest'
import { at, hook, http, jsonHeaders } from '../../alerter/http-settings.ts'

const read = (given?: unknown) => http.parse(given)

test('left out, it is ten seconds, good certificates and no redirects', () => {
  expect(read()).toEqual({
    headers: {},
    transport: { timeoutMs: 10_000, followsRedirects: false, tls: { verify: true } },
  })
})

test('credentials become a header that prints as stars', () => {
  const t = (given: unknown, authorization: string) => {
    const found = read(given)
    expect(jsonHeaders(found)).toEqual({ 'content-type': 'application/json', authorization })
    expect(JSON.stringify(found)).not.toContain('s3cret')
  }

  t({ basic_auth: { username: 'ann', password: 's3cret' } }, 'Basic YW5uOnMzY3JldA==')
  t({ basic_auth: { username: 'änn', password: 's3cret' } }, 'Basic w6RubjpzM2NyZXQ=')
  t({ authorization: { credentials: 's3cret' } }, 'Bearer s3cret')
  t({ authorization: { type: 'ApiKey', credentials: 's3cret' } }, 'ApiKey s3cret')
  t({ bearer_token: 's3cret' }, 'Bearer s3cret')
})

test('headers go with every request', () => {
  const found = read({ http_headers: { 'X-Team': { values: ['a', 'b'] }, 'X-Key': { secrets: ['s3cret'] } } })
  expect(jsonHeaders(found, { 'x-own': '1' })).toEqual({
    'content-type': 'application/json',
    'x-own': '1',
    'x-team': 'a, b',
    'x-key': 's3cret',
  })
})

test('certificates, proxies and patience are those that are stated', () => {
  const { transport } = read({
    tls_config: {
      ca_file: '/ca',
      key: 's3cret',
      server_name: 'a',
      insecure_skip_verify: true,
      max_version: 'TLS13',
    },
    proxy_url: 'http://proxy:3128',
    no_proxy: '127.0.0.1',
    follow_redirects: true,
    timeout: '3s',
  })
  expect(transport).toMatchObject({
    timeoutMs: 3_000,
    followsRedirects: true,
    tls: { caFile: '/ca', serverName: 'a', verify: false, maxVersion: 'TLSv1.3' },
    proxy: { except: '127.0.0.1' },
  })
  expect(JSON.stringify(transport)).not.toContain('s3cret')
  expect(read({ proxy_from_environment: true }).transport.proxy).toBe('environment')
})

test('refuses what would not work, and lines that would add a header', () => {
  const t = (given: unknown) => expect(() => read(given), JSON.stringify(given)).toThrow()

  t({ bearer_token: 'a', basic_auth: {} })
  t({ http_headers: { 'X-A': { values: ['a\r\nX-B: c'] } } })
  t({ http_headers: { 'X A': { values: ['a'] } } })
  t({ tls_config: { min_version: 'SSL3' } })
  t({ proxy_url: 'socks' })
  t({ timeout: 10 })
  t({ oauth2: {} })
  t({ basic_auth: { username: 'a', colour: 'red' } })
})

test('a hook is an address, and secret', () => {
  expect(hook.parse('https://a.example.org/x?key=1#y').reveal()).toBe('https://a.example.org/x?key=1#y')
  for (const bad of ['', 'a.example.org', 'ftp://a', 'javascript:alert(1)', 3])
    expect(() => hook.parse(bad)).toThrow()
})

test('who is called is named by an id or a number, with nothing in it that could be more', () => {
  expect(at.parse(undefined)).toEqual({ mobiles: [], users: [], all: false })
  expect(
    at.parse({ mobiles: ['+86-138'], users: ['ou_1', 'ann@example.org', 'role:1'], all: true }),
  ).toBeDefined()
  const t = (given: unknown) => expect(() => at.parse(given), JSON.stringify(given)).toThrow()

  t({ users: ['a b'] })
  t({ users: ['<!channel>'] })
  t({ users: ['a></at>'] })
  t({ mobiles: ['all'] })
  t({ everybody: true })
})
