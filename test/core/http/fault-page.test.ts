// What people see who followed an address that fails; programs see JSON.
import { expect, test } from 'vitest'
import { errors, Failure } from '#core/errors.ts'
import { type Route, route } from '#core/http/route.ts'
import { ask, openStand } from './ask.ts'

const failing = (path: string, failure: Failure, more: Partial<Route> = {}): Route =>
  route({
    method: 'GET',
    path,
    scope: 'open',
    summary: 'fails',
    handle: () => {
      throw failure
    },
    ...more,
  })

const routes: Route[] = [
  failing('/i/:number', new Failure('not_found', 'there is no incident <9>')),
  failing('/busy', new Failure('overloaded', 'this process is late')),
  failing('/api/plimsoll/v1/i/:number', new Failure('not_found', 'no')),
  failing('/api/plimsoll/v1/mine', new Failure('unauthorised', 'who?')),
  failing('/theirs', new Failure('not_found', 'no'), { failure: () => ({ status: 'error' }) }),
]

const html = 'text/html,application/xhtml+xml,*/*;q=0.8'
const inBrowser = (language: string) => ({ headers: { accept: html, 'accept-language': language } })

test('a failure is a page in a browser, in the language of its reader, with a way home', async () => {
  await using stand = await openStand(routes, { externalUrl: 'https://p.example.org/below' })
  const { http } = stand
  const reply = await ask(http, '/below/i/9', inBrowser('en'))
  expect([reply.status, reply.headers['content-type']]).toEqual([404, 'text/html; charset=utf-8'])
  expect(reply.text).toContain('<h1>Nothing is here</h1>')
  expect(reply.text).toContain('there is no incident &lt;9&gt;')
  expect(reply.text).toContain('<a href="/below/">To the front page</a>')
  expect(reply.headers['content-security-policy']).toContain("default-src 'none'; style-src 'sha256-")
  const chinese = await ask(http, '/below/i/9', inBrowser('zh-CN,zh;q=0.9'))
  expect(chinese.text).toContain('<h1>这里没有内容</h1>')
  expect(chinese.text).toContain('此地址没有内容，或内容已不存在。')
  // It speaks to whoever reads it, not to whoever writes programs.
  expect(reply.text + chinese.text).not.toContain('openapi.json')
  // Addresses that nobody answers, and other methods.
  const nowhere = await ask(http, '/below/nowhere', inBrowser('en'))
  expect([nowhere.status, nowhere.json]).toEqual([404, undefined])
  expect(nowhere.text).toContain('GET /below/nowhere')
  const method = await ask(http, '/below/busy', { method: 'DELETE', ...inBrowser('en') })
  expect([method.status, method.headers.allow]).toEqual([405, 'GET, HEAD'])
})

test('what else goes with a failure goes with its page', async () => {
  await using stand = await openStand(routes)
  const reply = await ask(stand.http, '/busy', inBrowser('en'))
  expect([reply.status, reply.headers['retry-after']]).toEqual([503, '5'])
  expect(reply.text).toContain('<h1>That did not work</h1>')
  expect(reply.text).toContain('503 overloaded')
  expect(reply.text).toContain(errors.overloaded.todo)
})

test('programs get JSON, and clients of others what those would answer, whatever they accept', async () => {
  await using stand = await openStand(routes)
  const t = async (path: string, accept: string, found: object) =>
    expect((await ask(stand.http, path, { headers: { accept } })).json).toMatchObject(found)
  await t('/i/9', '*/*', { error: { code: 'not_found' } })
  await t('/i/9', 'application/json', { error: { code: 'not_found' } })
  await t('/nowhere', '*/*', { error: { code: 'not_found' } })
  await t('/theirs', html, { status: 'error' })
})

test('below /api/ nobody gets a page, whatever it accepts, and people still come to the login', async () => {
  await using stand = await openStand(routes, { externalUrl: 'https://p.example.org/below' })
  // What HttpURLConnection of Java says when nobody told it what to say.
  const java = 'text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2'
  const t = async (path: string, status: number, code: string, method = 'GET') => {
    const reply = await ask(stand.http, path, { method, headers: { accept: java } })
    expect([reply.status, reply.json], path).toMatchObject([status, { error: { code } }])
  }
  await t('/below/api/plimsoll/v1/i/9', 404, 'not_found')
  await t('/below//api/plimsoll/v1/i/9', 404, 'not_found')
  await t('/below/api/plimsoll/v1/nowhere', 404, 'not_found')
  await t('/below/api/plimsoll/v1/i/9', 405, 'method_not_allowed', 'DELETE')
  const login = await ask(stand.http, '/below/api/plimsoll/v1/mine', { headers: { accept: html } })
  expect([login.status, login.headers.location]).toEqual([
    303,
    '/below/login?next=%2Fapi%2Fplimsoll%2Fv1%2Fmine',
  ])
})
