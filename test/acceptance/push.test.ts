// Web push in the whole service: the page of somebody who has logged in, and a message that goes by a device or past it.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openSqliteState } from '#core/state/sqlite.ts'
import { openBrowser } from '../alerter/web-push/browser.ts'
import { type World, world } from './world.ts'

async function openHook() {
  const bodies: string[] = []
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const part of request.setEncoding('utf8')) text += part
    bodies.push(text)
    response.end()
    server.emit('heard')
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const heard = async (count: number): Promise<string> => {
    while (bodies.length < count) await once(server, 'heard')
    return bodies[count - 1]!
  }
  return { url: `http://127.0.0.1:${port}/`, heard }
}

async function cookieOf({ service }: World, name: string): Promise<string> {
  const link = service.origin + service.welcome?.reveal()
  const code = new URL(link).searchParams.get('code') ?? ''
  const form = { code, name, password: 'a long enough one', again: 'a long enough one' }
  const made = await fetch(link, {
    ...{ method: 'POST', body: new URLSearchParams(form), redirect: 'manual' },
    headers: { origin: service.origin },
  })
  return made.headers.get('set-cookie')?.split(';')[0] ?? ''
}

test('whoever has no device, or one that leads inside, is told by the next way, and the facts say why', async () => {
  const hook = await openHook()
  await using w = await world(
    {},
    {
      'plimsoll.yml': `packs: false
external_url: https://plimsoll.example.org
channels:
  phone: {web-push: {users: [anna]}}
  hook: {webhook: {url: "${hook.url}"}}
  ops: {failover: [phone, hook]}
alertmanager: {route: {receiver: ops, group_by: [alertname], group_interval: 1s}}
`,
    },
  )
  const cookie = await cookieOf(w, 'anna')
  const headers = { cookie, origin: w.service.origin, 'content-type': 'application/json' }
  const ask = (path: string, init: RequestInit = {}) => fetch(w.service.origin + path, { ...init, headers })
  const page = await ask('/push')
  expect([page.status, await page.text()]).toEqual([200, expect.stringMatching(/ops · phone|phone · ops/)])

  const alert = async (name: string) => {
    const body = JSON.stringify([{ labels: { alertname: name, severity: 'page' } }])
    await w.ask('/api/v2/alerts', { method: 'POST', body })
  }
  const facts = async (number: number) =>
    JSON.stringify(await (await w.ask(`/api/plimsoll/v1/incidents/${number}`)).json())
  await alert('First')
  expect(await hook.heard(1)).toContain('First')
  expect(await facts(1)).toContain('anna has no device: it is added at /push')

  // As if somebody had found a way around what is refused when a device is added.
  const subscription = openBrowser(`${hook.url}inside`).subscription()
  const body = JSON.stringify(subscription)
  const path = '/api/plimsoll/v1/push/devices'
  expect((await ask(path, { method: 'POST', body })).status).toBe(400)
  const state = await openSqliteState({ file: join(w.data, 'state.sqlite') })
  const user = await state.db.selectFrom('users').select('id').executeTakeFirstOrThrow()
  const { name, endpoint, keys } = subscription
  await state.write([
    state.db.insertInto('web_push_devices').values({
      ...{ id: 'inside', user_id: user.id, name, endpoint, ...keys, created_at_ms: 1 },
      ...{ delivered_at_ms: null, trouble_at_ms: null, trouble: '""' },
    }),
  ])
  await state.close()
  const { said } = (await (await ask(`${path}/inside/test`, { method: 'POST' })).json()) as { said: string }
  expect(said).toBe('127.0.0.1 is not on the public Internet')
})
