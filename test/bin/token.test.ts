import { expect, test } from 'vitest'
import { nowMs, serviceThat, world } from './world.ts'

const day = 86_400_000

test('a new token goes out alone, and what it is beside it', async () => {
  const { url, asked } = await serviceThat(() => ({ body: { id: 't7', secret: 'plim_abc' } }))
  const { exit, out, err } = await world().run(
    'token',
    'create',
    'telegraf',
    '--scopes',
    'write,read,write',
    '--expires',
    '90d',
    '--url',
    url,
  )
  expect([exit, out]).toEqual([0, 'plim_abc\n'])
  expect(err).toBe(
    'This is the token telegraf (t7). It is shown this once; `plimsoll token revoke t7` ends it.\n',
  )
  expect(asked[0]).toMatchObject({
    method: 'POST',
    url: '/api/plimsoll/v1/tokens',
    body: { name: 'telegraf', scopes: ['write', 'read'], expiresAtMs: nowMs + 90 * day },
  })
  const json = await world().run('token', 'create', 'x', '--scopes', 'read', '--json', '--url', url)
  expect([json.out, json.err]).toEqual(['{"id":"t7","secret":"plim_abc"}\n', ''])
  expect(asked[1]?.body).toEqual({ name: 'x', scopes: ['read'] })
})

test('a token needs scopes, and a duration that is one', async () => {
  const { url, asked } = await serviceThat(() => ({ body: {} }))
  const none = await world().run('token', 'create', 'x', '--url', url)
  expect([none.exit, none.err]).toEqual([
    2,
    'plimsoll token create: wanted --scopes, like --scopes read,write\n',
  ])
  const odd = await world().run(
    'token',
    'create',
    'x',
    '--scopes',
    'read',
    '--expires',
    'never',
    '--url',
    url,
  )
  expect([odd.exit, odd.err]).toEqual([
    2,
    'plimsoll token create: --expires: wanted a duration like 90d, found never\n',
  ])
  expect(asked).toEqual([])
})

test('the list tells what each may do and whether it is good', async () => {
  const one = {
    scopes: ['read', 'write'],
    createdAtMs: nowMs - day,
    expiresAtMs: null,
    lastUsedAtMs: null,
    revokedAtMs: null,
  }
  const tokens = [
    { ...one, id: 'a', name: 'telegraf', lastUsedAtMs: nowMs - 1_500 },
    { ...one, id: 'b', name: 'grafana', scopes: ['read'], expiresAtMs: nowMs + day },
    { ...one, id: 'c', name: 'old', expiresAtMs: nowMs },
    { ...one, id: 'd', name: 'lost', revokedAtMs: nowMs - 1_000, expiresAtMs: nowMs + day },
  ]
  const { url } = await serviceThat(() => ({ body: { tokens } }))
  const { out } = await world().run('token', 'list', '--url', url)
  expect(out).toBe(`id  name      scopes      state                           made                 last used
a   telegraf  read,write  good                            2026-11-19 12:00:00  2026-11-20 11:59:58
b   grafana   read        good until 2026-11-21 12:00:00  2026-11-19 12:00:00  never
c   old       read,write  expired 2026-11-20 12:00:00     2026-11-19 12:00:00  never
d   lost      read,write  revoked 2026-11-20 11:59:59     2026-11-19 12:00:00  never
`)
  expect(JSON.parse((await world().run('token', 'list', '--json', '--url', url)).out)).toEqual({ tokens })
})

test('revoking names the token in the address', async () => {
  const { url, asked } = await serviceThat(() => ({ status: 204 }))
  const { exit, err } = await world().run('token', 'revoke', 'a/b', '--url', url)
  expect([exit, err]).toEqual([0, 'The token a/b opens nothing any more.\n'])
  expect(asked[0]).toMatchObject({ method: 'DELETE', url: '/api/plimsoll/v1/tokens/a/b' })
})
