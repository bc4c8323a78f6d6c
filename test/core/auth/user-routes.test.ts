import { expect, test } from 'vitest'
import { world } from '../../acceptance/world.ts'

test('a forgotten password is replaced: the new one works, the old one and its session do not', async () => {
  await using w = await world()
  const { origin, welcome } = w.service
  const link = origin + welcome?.reveal()
  const code = new URL(link).searchParams.get('code') ?? ''
  const post = (path: string, form: Record<string, string>) =>
    fetch(origin + path, {
      method: 'POST',
      body: new URLSearchParams(form),
      redirect: 'manual',
      headers: { origin },
    })
  const login = async (password: string) => (await post('/login', { name: 'keeper', password })).status
  const old = 'a long enough one'
  const made = await post('/welcome', { code, name: 'keeper', password: old, again: old })
  const cookie = made.headers.get('set-cookie')?.split(';')[0] ?? ''

  const { users } = (await (await w.ask('/api/plimsoll/v1/users')).json()) as { users: object[] }
  expect(users).toEqual([expect.objectContaining({ name: 'keeper', scopes: ['admin'] })])
  expect(JSON.stringify(users)).not.toMatch(/argon2|hash/)
  const answer = await w.ask('/api/plimsoll/v1/users/keeper/password', { method: 'POST' })
  const { password } = (await answer.json()) as { password: string }

  expect(password).toMatch(/^([\da-f]{5}-){3}[\da-f]{5}$/)
  expect(await login(password)).toBe(303)
  expect(await login(old)).not.toBe(303)
  expect((await fetch(`${origin}/api/plimsoll/v1/me`, { headers: { cookie } })).status).toBe(401)
  expect((await w.ask('/api/plimsoll/v1/users/nobody/password', { method: 'POST' })).status).toBe(404)
})
