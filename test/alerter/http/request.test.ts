import { expect, test } from 'vitest'
import { piecesOf, type Request } from '../../../alerter/http/request.ts'

const request = (more: Partial<Request> = {}): Request => ({
  method: 'POST',
  url: new URL('http://hooks.example.org:8080/a?b=c#d'),
  headers: { 'content-type': 'text/plain' },
  body: 'héllo',
  ...more,
})
const said = (asked: Request, proxy?: string): string =>
  Buffer.concat(piecesOf(asked, proxy === undefined ? undefined : new URL(proxy))).toString()

test('a request leaves in one piece', () => {
  expect(said(request())).toBe(
    [
      'POST /a?b=c HTTP/1.1',
      'host: hooks.example.org:8080',
      'content-type: text/plain',
      'user-agent: plimsoll',
      'content-length: 6',
      'connection: keep-alive',
      '',
      'héllo',
    ].join('\r\n'),
  )
  expect(said(request({ method: 'GET', body: '' }))).not.toContain('content-length')
  expect(said(request({ body: new Uint8Array([104, 105]) }))).toMatch(
    /content-length: 2\r\n[\s\S]*\r\n\r\nhi$/,
  )
})

test('a long body is not copied', () => {
  const body = Buffer.alloc(20_000, 'x')
  const pieces = piecesOf(request({ body }), undefined)
  expect(pieces.map(({ length }) => length)).toEqual([expect.any(Number), 20_000])
  expect(pieces[1]).toBe(body)
  expect(said(request({ body }))).toMatch(/content-length: 20000\r\n[\s\S]*\r\n\r\nx{20000}$/)
})

test('what frames it is ours to say, the rest is the settings', () => {
  const headers = {
    Host: 'evil',
    'Content-Length': '1',
    'transfer-encoding': 'chunked',
    Connection: 'close',
    'User-Agent': 'mine',
  }
  const text = said(request({ headers }))
  expect(text).toContain('\r\nUser-Agent: mine\r\n')
  expect(text).not.toMatch(/evil|chunked|close|plimsoll/)
})

test('a login in the address is told, unless the settings tell another', () => {
  const url = new URL('http://user:pass@hooks.example.org/')
  expect(said(request({ url }))).toContain(`\r\nauthorization: Basic ${btoa('user:pass')}\r\n`)
  const text = said(request({ url, headers: { Authorization: 'Bearer x' } }))
  expect(text).toContain('Authorization: Bearer x')
  expect(text).not.toContain('Basic')
  expect(text).not.toContain('user:pass@')
})

test('a proxy is told the whole address, and its own login', () => {
  const text = said(request(), 'http://me:secret@proxy:3128')
  expect(text).toMatch(/^POST http:\/\/hooks\.example\.org:8080\/a\?b=c HTTP\/1\.1\r\nhost: hooks/)
  expect(text).toContain(`\r\nproxy-authorization: Basic ${btoa('me:secret')}\r\n`)
  // By a tunnel it is told before.
  const secure = said(request({ url: new URL('https://hooks.example.org/') }), 'http://me:secret@proxy:3128')
  expect(secure).toMatch(/^POST \/ HTTP/)
  expect(secure).not.toContain('proxy-authorization')
})

test('nothing in a header begins another one', () => {
  const t = (headers: Record<string, string>, code: string) =>
    expect(() => piecesOf(request({ headers }), undefined), JSON.stringify(headers)).toThrow(code)

  t({ a: 'x\r\ny: z' }, 'ERR_INVALID_CHAR')
  t({ a: 'x\ny' }, 'ERR_INVALID_CHAR')
  t({ a: '\u0000' }, 'ERR_INVALID_CHAR')
  t({ a: '微信' }, 'ERR_INVALID_CHAR')
  t({ 'a b': 'x' }, 'ERR_INVALID_HTTP_TOKEN')
  t({ 'a:': 'x' }, 'ERR_INVALID_HTTP_TOKEN')
  t({ '': 'x' }, 'ERR_INVALID_HTTP_TOKEN')
})
