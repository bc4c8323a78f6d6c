// The pages and addresses of the door, asked over HTTP as a browser would.
import { expect, test } from 'vitest'
import { expectClosedWithoutLogin } from '../http/every-route.ts'
import { dayMs, minuteMs, openWorld, startMs, type World } from './world.ts'

const password = 'nine men out of ten'

type Ask = Readonly<{
  form?: Record<string, string>
  json?: object
  cookie?: string | undefined
  headers?: Record<string, string>
  method?: string
}>

async function browser(w: World) {
  const { origin } = await w.serve()
  // A browser hides the origin of the forms of a page that wants no referrer.
  let shown = origin
  return async (path: string, { form, json, cookie, headers, method }: Ask = {}) => {
    const body = form === undefined ? json && JSON.stringify(json) : new URLSearchParams(form).toString()
    const kind = form === undefined ? 'application/json' : 'application/x-www-form-urlencoded'
    const reply = await fetch(origin + path, {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      redirect: 'manual',
      headers: {
        ...(body === undefined ? {} : { 'content-type': kind }),
        ...(cookie === undefined ? {} : { cookie }),
        origin: shown,
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
    })
    const text = await reply.text()
    shown = reply.headers.get('referrer-policy') === 'no-referrer' ? 'null' : origin
    const set = reply.headers.get('set-cookie') ?? ''
    return { status: reply.status, text, set, cookie: set.split(';')[0] ?? '', headers: reply.headers }
  }
}

async function withUser(w: World, name = 'ann') {
  await w.access.users.create({ name, password, scopes: ['read', 'operate'] }, 'test')
  const ask = await browser(w)
  const logIn = async (more: Record<string, string> = {}, headers = {}) =>
    ask('/login', { form: { name, password, next: '/', ...more }, headers })
  const me = async (cookie: string) => (await ask('/api/plimsoll/v1/me', { cookie })).status
  return { ask, logIn, me }
}

test('the first link makes the administrator, logs in, and is used up', async () => {
  await using w = await openWorld()
  const ask = await browser(w)
  const link = w.access.welcome?.reveal() ?? ''
  const code = new URL(link, 'http://x').searchParams.get('code') ?? ''

  const page = await ask(link)
  expect(page.status).toBe(200)
  expect(page.text).toContain('Welcome aboard')
  expect(page.text).toContain(`value="${code}"`)
  const form = { code, name: '船长', password, again: password }
  const made = await ask('/welcome', { form })
  expect(made.status).toBe(303)
  expect(made.headers.get('location')).toBe('/')
  const me = await ask('/api/plimsoll/v1/me', { cookie: made.cookie })
  expect(JSON.parse(me.text)).toEqual({ kind: 'user', name: '船长', scopes: ['admin'] })

  // Looking does not use it up, acting does.
  expect((await ask(link)).status).toBe(410)
  expect((await ask('/welcome', { form: { ...form, name: 'second' } })).status).toBe(410)
  expect((await w.access.users.list()).map(user => user.name)).toEqual(['船长'])
})

test('two who follow the link at once make one administrator', async () => {
  await using w = await openWorld()
  const ask = await browser(w)
  const code = w.access.welcome?.reveal().split('=')[1] ?? ''
  const follow = (name: string) => ask('/welcome', { form: { code, name, password, again: password } })
  const answers = await Promise.all([follow('ann'), follow('bob')])
  expect(answers.map(answer => answer.status).sort()).toEqual([303, 410])
  expect(await w.access.users.list()).toHaveLength(1)
})

test('the first link ends after a day, and with the next start', async () => {
  await using w = await openWorld()
  const ask = await browser(w)
  const link = w.access.welcome?.reveal() ?? ''
  await w.clock.runUntil(startMs + dayMs - 1)
  expect((await ask(link)).status).toBe(200)
  await w.clock.runUntil(startMs + dayMs)
  expect((await ask(link)).status).toBe(410)
  await w.restart()
  expect((await ask(link)).status).toBe(410)
  expect((await ask(w.access.welcome?.reveal() ?? '')).status).toBe(200)
  expect((await ask('/welcome')).status).toBe(410)
  expect((await ask('/welcome?code=junk')).status).toBe(410)
})

test('a form that is not right comes back with the reason, and the link stays good', async () => {
  await using w = await openWorld()
  const ask = await browser(w)
  const code = w.access.welcome?.reveal().split('=')[1] ?? ''
  const good = { code, name: 'ann', password, again: password }
  const t = async (more: Record<string, string>, reason: string) => {
    const answer = await ask('/welcome', { form: { ...good, ...more } })
    expect(answer.status, reason).toBe(400)
    expect(answer.text).toContain(reason)
    expect(answer.text).not.toContain(password)
  }
  await t({ name: ' ' }, 'visible characters')
  await t({ password: 'short', again: 'short' }, 'at least 10 characters')
  await t({ again: 'another one here' }, 'differ')
  expect((await ask('/welcome', { form: good })).status).toBe(303)
})

test('until there is a user, the login says where the first link is', async () => {
  await using w = await openWorld()
  const ask = await browser(w)
  const t = async (headers: Record<string, string>, text: string) => {
    expect((await ask('/login', { headers })).text).toContain(text)
    const tried = await ask('/login', { headers, form: { name: 'ann', password } })
    expect(tried.status).toBe(401)
    expect(tried.text).toContain(text)
  }
  await t({}, 'There is no user yet.')
  await t({ 'accept-language': 'zh-CN' }, '尚无任何用户')
  await w.access.users.create({ name: 'bob', password, scopes: ['read'] }, 'test')
  await t({}, 'Forgotten?')
})

test('the login sets a cookie that scripts and other sites do not get', async () => {
  await using w = await openWorld()
  const { ask, logIn } = await withUser(w)
  const page = await ask('/login')
  expect(page.status).toBe(200)
  expect(page.text).toContain('<form')
  const answer = await logIn()
  expect(answer.status).toBe(303)
  expect(answer.set).toMatch(/^plimsoll_session=[\w-]{43}; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Lax$/)
  expect((await ask('/login', { cookie: answer.cookie })).headers.get('location')).toBe('/')
})

test('behind https the cookie never travels without', async () => {
  await using w = await openWorld({ externalUrl: 'https://plimsoll.example.org' })
  const { logIn } = await withUser(w)
  expect((await logIn()).set).toMatch(/; Secure$/)
})

test('a wrong password and an unknown name get the same answer', async () => {
  await using w = await openWorld()
  const { ask } = await withUser(w)
  const t = async (name: string, tried: string) => {
    const answer = await ask('/login', { form: { name, password: tried } })
    expect(answer.set, name).toBe('')
    return { status: answer.status, text: answer.text.replace(`value="${name}"`, 'value=""') }
  }
  const wrong = await t('ann', 'not the right one')
  expect(wrong.status).toBe(401)
  expect(wrong.text).toContain('do not belong together')
  expect(await t('mallory', 'not the right one')).toEqual(wrong)
  expect(await t('mallory', password)).toEqual(wrong)
  // The log tells that and from where, never what was typed.
  expect(w.lines.join()).toContain('a login was refused')
  for (const typed of ['mallory', 'ann', password]) expect(w.lines.join()).not.toContain(typed)
})

test('after the login people are where they wanted to be, if that is here', async () => {
  await using w = await openWorld()
  const { ask, logIn } = await withUser(w)
  const t = async (next: string, location: string) =>
    expect((await logIn({ next })).headers.get('location'), next).toBe(location)
  await t('/i/4711?tab=why', '/i/4711?tab=why')
  await t('', '/')
  await t('https://evil.example', '/')
  await t('//evil.example', '/')
  await t('/\\evil.example', '/')
  await t('/\t/evil.example', '/')
  await t('/a\r\nset-cookie: x=1', '/')
  await t('javascript:alert(1)', '/')
  expect((await ask('/login?next=%2Fi%2F1')).text).toContain('value="/i/1"')
})

test('too many wrong passwords for a name have to wait, and the right one too', async () => {
  await using w = await openWorld()
  const { ask, logIn } = await withUser(w)
  const wrong = () => ask('/login', { form: { name: 'ann', password: 'wrong, all wrong' } })
  for (let attempt = 0; attempt < 10; attempt++) expect((await wrong()).status).toBe(401)
  const refused = await wrong()
  expect(refused.status).toBe(429)
  expect(refused.headers.get('retry-after')).toBe('60')
  expect((await logIn()).status).toBe(429)
  // Others go on.
  await w.access.users.create({ name: 'bob', password, scopes: [] }, 'test')
  expect((await logIn({ name: 'bob' })).status).toBe(303)
  // One attempt a minute comes back; a good one brings back all.
  await w.clock.runFor(minuteMs)
  expect((await logIn()).status).toBe(303)
  expect((await wrong()).status).toBe(401)
  expect((await wrong()).status).toBe(401)
})

test('a session ends after seven idle days, and after thirty at most', async () => {
  await using w = await openWorld()
  const { logIn, me } = await withUser(w)
  const idle = (await logIn()).cookie
  expect(await me(idle)).toBe(200)
  await w.clock.runFor(7 * dayMs)
  expect(await me(idle)).toBe(401)

  const busy = (await logIn()).cookie
  for (let day = 0; day < 29; day++) {
    await w.clock.runFor(dayMs)
    expect(await me(busy), `day ${day}`).toBe(200)
  }
  await w.clock.runFor(dayMs)
  expect(await me(busy)).toBe(401)
  // The next login sweeps up what is over.
  await logIn()
  expect(await w.state.db.selectFrom('sessions').selectAll().execute()).toHaveLength(1)
})

test('logging out ends the session, not only the cookie', async () => {
  await using w = await openWorld()
  const { ask, logIn, me } = await withUser(w)
  const { cookie } = await logIn()
  const other = (await logIn()).cookie
  const out = await ask('/logout', { method: 'POST', cookie })
  expect(out.status).toBe(303)
  expect(out.headers.get('location')).toBe('/login')
  expect(out.set).toContain('Max-Age=0')
  expect(await me(cookie)).toBe(401)
  expect(await me(other)).toBe(200)
  expect((await ask('/logout', { method: 'POST' })).status).toBe(303)
  // The page of the login takes a dead cookie away.
  expect((await ask('/login', { cookie })).set).toContain('Max-Age=0')
})

test('a login ends the session that was in the browser before', async () => {
  await using w = await openWorld()
  const { ask, logIn, me } = await withUser(w)
  const planted = (await logIn()).cookie
  const answer = await ask('/login', { form: { name: 'ann', password }, cookie: planted })
  expect(answer.cookie).not.toBe(planted)
  expect(await me(planted)).toBe(401)
})

test('a disabled user is out at once', async () => {
  await using w = await openWorld()
  const { logIn, me } = await withUser(w)
  const { cookie } = await logIn()
  await w.state.write([w.state.db.updateTable('users').set({ disabled_at_ms: startMs })])
  expect(await me(cookie)).toBe(401)
  expect((await logIn()).status).toBe(401)
})

test('a changed password ends all other sessions', async () => {
  await using w = await openWorld()
  const { ask, logIn, me } = await withUser(w)
  const [mine, other] = [(await logIn()).cookie, (await logIn()).cookie]
  const change = (json: object, cookie?: string) =>
    ask('/api/plimsoll/v1/me/password', { json, ...(cookie === undefined ? {} : { cookie }) })
  const wanted = 'ten women out of nine'
  expect((await change({ current: password, wanted })).status).toBe(401)
  expect((await change({ current: 'wrong, all wrong', wanted }, mine)).status).toBe(403)
  expect((await change({ current: password, wanted: 'short' }, mine)).status).toBe(400)
  expect(await me(other)).toBe(200)
  expect((await change({ current: password, wanted }, mine)).status).toBe(204)
  expect(await me(mine)).toBe(200)
  expect(await me(other)).toBe(401)
  expect((await logIn()).status).toBe(401)
  expect((await logIn({ password: wanted })).status).toBe(303)
})

test('a page of another site can neither log in, log out nor use a session', async () => {
  await using w = await openWorld()
  const { ask, logIn, me } = await withUser(w)
  const { cookie } = await logIn()
  const foreign = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
  expect((await logIn({}, foreign)).status).toBe(403)
  expect((await logIn({}, { origin: 'null' })).status).toBe(403)
  expect((await ask('/logout', { method: 'POST', cookie, headers: foreign })).status).toBe(403)
  const json = { current: password, wanted: 'ten women out of nine' }
  const changed = await ask('/api/plimsoll/v1/me/password', { json, cookie, headers: foreign })
  expect(changed.status).toBe(403)
  const made = await ask('/api/plimsoll/v1/tokens', { json: {}, cookie, headers: foreign })
  expect(made.status).toBe(403)
  expect(await me(cookie)).toBe(200)
})

test('tokens are made, listed and revoked by administrators only', async () => {
  await using w = await openWorld()
  const { ask, logIn } = await withUser(w)
  const admin = await w.access.tokens.create({ name: 'root', scopes: ['admin'] }, 'test')
  const headers = { authorization: `Bearer ${admin.secret.reveal()}` }
  const json = { name: '采集', scopes: ['write'] }
  const { cookie } = await logIn()
  const path = '/api/plimsoll/v1/tokens'
  expect((await ask(path, { json })).status).toBe(401)
  expect((await ask(path, { json, cookie })).status).toBe(403)
  expect((await ask(path, { cookie })).status).toBe(403)

  const made = await ask(path, { json, headers })
  expect(made.status).toBe(201)
  const { id, secret, ...rest } = JSON.parse(made.text)
  expect(rest).toEqual({ name: '采集', scopes: ['write'], createdAtMs: startMs, createdBy: 'root' })
  expect(secret).toMatch(/^plm_[\w-]{43}$/)
  const list = await ask(path, { headers })
  expect(JSON.parse(list.text).tokens.map((each: { name: string }) => each.name)).toContain('采集')
  expect(list.text).not.toContain(secret)

  const mine = { authorization: `Bearer ${secret}` }
  expect((await ask('/api/plimsoll/v1/me', { headers: mine })).status).toBe(200)
  expect((await ask(`${path}/${id}`, { method: 'DELETE', headers: mine })).status).toBe(403)
  expect((await ask(`${path}/${id}`, { method: 'DELETE', headers })).status).toBe(200)
  expect((await ask('/api/plimsoll/v1/me', { headers: mine })).status).toBe(401)
  expect((await ask(`${path}/nope`, { method: 'DELETE', headers })).status).toBe(404)

  const t = async (wrong: object) =>
    expect((await ask(path, { json: { ...json, ...wrong }, headers })).status).toBe(400)
  await t({ scopes: [] })
  await t({ scopes: ['root'] })
  await t({ name: '' })
  await t({ colour: 'red' })
})

test('what is open without a login is this, on purpose', async () => {
  await using w = await openWorld()
  const open = w.access.routes.filter(route => route.scope === 'open')
  expect(open.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'GET /login',
    'POST /login',
    'POST /logout',
    'GET /api/plimsoll/v1/me',
    'POST /api/plimsoll/v1/me/password',
    'GET /welcome',
    'POST /welcome',
  ])
  await expectClosedWithoutLogin(w.access.routes)
})

test('nothing that lets anybody in lies in the state', async () => {
  await using w = await openWorld()
  const { logIn } = await withUser(w)
  const code = w.access.welcome?.reveal().split('=')[1] ?? ''
  const { secret } = await w.access.tokens.create({ name: 't', scopes: ['read'] }, 'test')
  const session = (await logIn()).cookie.split('=')[1] ?? ''
  const dump = w.dump()
  // It is the whole state that is looked at.
  for (const known of ['ann', 'token created', 'logged in']) expect(dump).toContain(known)
  for (const hidden of [code, secret.reveal(), session, password]) {
    expect(hidden.length).toBeGreaterThan(10)
    expect(dump).not.toContain(hidden)
    expect(dump).not.toContain(hidden.replace('plm_', ''))
    expect(dump).not.toContain(Buffer.from(hidden).toString('hex'))
  }
})

test('the pages speak the language of the browser, and only that of people', async () => {
  await using w = await openWorld({ language: 'zh' })
  const ask = await browser(w)
  const title = async (accept: string) =>
    (await ask('/login', { headers: { 'accept-language': accept } })).text.match(/<h1>(.*)<\/h1>/)?.[1]
  expect(await title('zh-CN,zh;q=0.9')).toBe('登录')
  expect(await title('de, en;q=0.5')).toBe('Log in')
  expect(await title('fr')).toBe('登录')
})

test('what comes back in a page is text, never markup', async () => {
  await using w = await openWorld()
  const ask = await browser(w)
  const name = '"><script>alert(1)</script>'
  const answer = await ask('/login', { form: { name, password: 'p', next: '/"><b>' } })
  expect(answer.text).not.toContain('<script')
  expect(answer.text).not.toContain('"><b>')
  expect(answer.text).toContain('&lt;script&gt;')
  expect(answer.headers.get('content-security-policy')).toMatch(/default-src 'none'; style-src 'sha256-/)
})
