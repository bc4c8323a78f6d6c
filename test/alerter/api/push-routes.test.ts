// The addresses of web push, as people, administrators, tokens and nobody see them; what the page may load; and what may
// be fetched without a login.
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import type { Authorise } from '#core/http/door.ts'
import { openHttp } from '#core/http/server.ts'
import { openLog } from '#core/log.ts'
import type { Principal } from '#core/model.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import { pushRoutes } from '../../../alerter/api/push-routes.ts'
import { usualTransport } from '../../../alerter/post.ts'
import { openBrowser } from '../web-push/browser.ts'
import { openPeople, openStand } from '../web-push/stand.ts'

const path = '/api/plimsoll/v1/push/devices'

let people: Awaited<ReturnType<typeof openPeople>>
beforeAll(async () => {
  people = await openPeople()
})
afterAll(() => people.close())

type Options = Parameters<typeof openStand>[1] & Readonly<{ receivers?: readonly string[]; prefix?: string }>

async function opened({ receivers = [], prefix = '', ...options }: Options = {}) {
  const stand = await openStand(people.state, options)
  const principals: Readonly<Record<string, Principal>> = {
    anna: { kind: 'user', name: 'anna', scopes: ['read'] },
    bo: { kind: 'user', name: 'bo', scopes: ['admin'] },
    writer: { kind: 'user', name: 'anna', scopes: ['write'] },
    token: { kind: 'token', name: 'anna', scopes: ['admin'] },
    open: { kind: 'anonymous', name: 'anonymous', scopes: ['read'] },
  }
  const authorise: Authorise = async ({ headers }) => principals[String(headers['x-as'])]
  const parts = {
    ...{ push: stand.push, clock: stand.clock, language: 'en' as const },
    receiversOf: (user: string) => (user === 'anna' ? receivers : []),
    way: () => ({ transport: usualTransport, contact: undefined }),
  }
  const http = await openHttp({
    ...{ routes: pushRoutes(parts), listen: { host: '127.0.0.1', port: 0 }, authorise },
    ...{ log: openLog({ write: () => {} }), own: openOwnMetrics(), routePrefix: prefix },
  })
  onTestFinished(async () => {
    await http.close()
    await stand[Symbol.asyncDispose]()
  })
  const ask = async (as: string, method: string, at: string, body?: object) => {
    const answer = await fetch(`${http.origin}${at}`, {
      ...{ method, redirect: 'manual', headers: { 'x-as': as, 'accept-language': 'en' } },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    return { status: answer.status, headers: answer.headers, text, json: () => JSON.parse(text) }
  }
  const page = (as: string, language = 'en') =>
    fetch(`${http.origin}/push`, {
      redirect: 'manual',
      headers: { 'x-as': as, 'accept-language': language, accept: 'text/html' },
    })
  return {
    ...stand,
    ask,
    page,
    browser: (name: string) => openBrowser(`${stand.service.origin}/send/${name}`),
  }
}

test('a browser is added, listed, tried and removed by its owner', async () => {
  const { ask, browser, service, push } = await opened()
  expect((await ask('anna', 'GET', path)).json()).toEqual({
    publicKey: await push.publicKey(),
    devices: [],
  })
  const phone = browser('phone')
  const added = await ask('anna', 'POST', path, { ...phone.subscription('Pixel'), expirationTime: null })
  expect(added.status).toBe(201)
  const { id } = added.json()
  const device = {
    ...{ id, user: 'anna', name: 'Pixel', service: new URL(service.origin).host },
    ...{ createdAtMs: expect.any(Number), deliveredAtMs: null, trouble: null },
  }
  expect(added.json()).toEqual(device)
  expect((await ask('anna', 'GET', path)).json().devices).toEqual([device])
  expect(added.text).not.toContain('/send/')

  expect((await ask('anna', 'POST', `${path}/${id}/test`)).json()).toEqual({ said: null })
  const [asked] = service.asked
  expect(asked!.headers).toMatchObject({ urgency: 'high', ttl: '300' })
  expect(JSON.parse(phone.read(asked!.bytes))).toMatchObject({ title: 'Plimsoll: a test', path: '/push' })

  expect((await ask('anna', 'DELETE', `${path}/${id}`)).status).toBe(204)
  expect((await ask('anna', 'GET', path)).json().devices).toEqual([])
  expect((await ask('anna', 'DELETE', `${path}/${id}`)).status).toBe(404)
})

test('a test says what went wrong, and there are only so many', async () => {
  const { ask, browser, service } = await opened()
  const { id } = (await ask('anna', 'POST', path, browser('phone').subscription())).json()
  await service.close()
  const said = async () => (await ask('anna', 'POST', `${path}/${id}/test`)).json().said
  expect(await said()).toBe('ECONNREFUSED')
  expect((await ask('anna', 'GET', path)).json().devices).toMatchObject([
    { trouble: { text: 'ECONNREFUSED' } },
  ])
  for (let nth = 1; nth < 5; nth++) await said()
  expect(await said()).toBe('too many tests: again in 10 s')
})

test('the devices of others are for administrators, who may remove and not try them', async () => {
  const { ask, browser, audit } = await opened()
  const mine = (await ask('anna', 'POST', path, browser('1').subscription())).json()
  const other = (await ask('bo', 'POST', path, browser('2').subscription())).json()
  const idsOf = async (as: string, query = '') =>
    (await ask(as, 'GET', `${path}${query}`)).json().devices.map((each: { id: string }) => each.id)
  expect(await idsOf('anna')).toEqual([mine.id])
  expect(await idsOf('bo')).toEqual([other.id])
  expect(await idsOf('bo', '?all=true')).toEqual([mine.id, other.id])
  expect(await idsOf('token', '?all=true')).toEqual([mine.id, other.id])
  expect((await ask('anna', 'GET', `${path}?all=true`)).status).toBe(403)
  expect((await ask('anna', 'DELETE', `${path}/${other.id}`)).status).toBe(404)
  expect((await ask('anna', 'POST', `${path}/${other.id}/test`)).status).toBe(404)
  expect((await ask('bo', 'POST', `${path}/${mine.id}/test`)).status).toBe(404)
  expect((await ask('bo', 'DELETE', `${path}/${mine.id}`)).status).toBe(204)
  expect((await audit()).at(-1)).toMatchObject({ who: 'bo', what: 'push device removed', user: 'anna' })
})

test('a token or somebody without a name has no devices', async () => {
  const { ask, page, browser } = await opened()
  const wanted = browser('phone').subscription()
  const t = async (as: string, status: number) => {
    expect((await ask(as, 'GET', path)).status, as).toBe(status)
    expect((await ask(as, 'POST', path, wanted)).status, as).toBe(status)
  }
  await t('nobody', 401)
  await t('open', 401)
  await t('token', 403)
  await t('writer', 403)
  for (const as of ['nobody', 'open']) {
    const led = await page(as)
    expect([led.status, led.headers.get('location')]).toEqual([303, '/login?next=%2Fpush'])
  }
})

test('refuses addresses inside, and bodies that are no subscription', async () => {
  const { ask } = await opened({ trust: 'outsider' })
  const t = async (body: object, said: string) => {
    const answer = await ask('anna', 'POST', path, body)
    expect([answer.status, answer.json().error.detail], said).toEqual([400, expect.stringContaining(said)])
  }
  const at = (endpoint: string) => openBrowser(endpoint).subscription()
  await t(at('https://169.254.169.254/latest'), 'is a metadata service')
  await t(at('https://10.1.2.3/x'), '10.1.2.3 is not on the public Internet')
  await t(at('http://push.example.com/x'), 'found http:')
  await t({ ...at('https://push.example.com/x'), keys: {} }, 'body.keys.p256dh')
  await t({}, 'body.name')
  expect((await ask('anna', 'POST', path, at('https://push.example.com/x'))).status).toBe(201)
})

test('the page runs files of this server and nothing else, in both languages', async () => {
  const { page } = await opened({ receivers: ['on-call', 'ops <b>'] })
  const answer = await page('anna')
  expect(answer.headers.get('content-security-policy')).toMatch(
    /^default-src 'none'; style-src 'sha256-\S+' 'sha256-\S+'; script-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
  )
  const text = await answer.text()
  expect(text).toContain('You are told what goes to: on-call · ops &lt;b&gt;.')
  expect(text.match(/<script/g)).toHaveLength(1)
  expect(text).not.toMatch(/ on\w+="| style="/)
  expect(await (await page('anna', 'zh-CN')).text()).toContain('在此设备上通知我')
  expect(await (await page('bo')).text()).toContain('users: [&quot;bo&quot;]')
})

test('the words that the script needs are on the page', async () => {
  const { page, ask } = await opened()
  const script = (await ask('anna', 'GET', '/push-page.js')).text
  const used = new Set([...script.matchAll(/\bsay\.(\w+)/g)].map(each => each[1]!))
  expect(used.size).toBeGreaterThan(15)
  for (const language of ['en', 'zh']) {
    const text = await (await page('anna', language)).text()
    const [, said = ''] = /data-say="([^"]*)"/.exec(text) ?? []
    const words = JSON.parse(said.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&'))
    expect(Object.keys(words).toSorted(), language).toEqual([...used].toSorted())
    expect(script.match(/at\('(\w+)'\)/g)!.every(each => text.includes(`id="${each.slice(4, -2)}"`))).toBe(
      true,
    )
  }
})

test('its files are what browsers want them to be, below any prefix', async () => {
  const { ask, page } = await opened({ prefix: '/ops' })
  expect(await (await page('anna')).text()).toContain('<script src="/ops/push-page.js">')
  const t = async (name: string, type: string, as = 'anna') => {
    const answer = await ask(as, 'GET', name)
    expect([answer.status, answer.headers.get('content-type')], name).toEqual([200, type])
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    return answer
  }
  await t('/push-page.js', 'text/javascript; charset=utf-8')
  const worker = await t('/push-worker.js', 'text/javascript; charset=utf-8')
  expect(worker.headers.get('content-security-policy')).toBe(
    "default-src 'none'; connect-src 'self'; img-src 'self'",
  )
  expect((await ask('nobody', 'GET', '/push-worker.js')).status).toBe(401)
  // Browsers come for these without the login.
  const manifest = (await t('/push.webmanifest', 'application/manifest+json; charset=utf-8', 'nobody')).json()
  expect(manifest).toMatchObject({ display: 'standalone', start_url: 'push' })
  for (const { src } of manifest.icons) await t(`/${src}`, 'image/png', 'nobody')
})
