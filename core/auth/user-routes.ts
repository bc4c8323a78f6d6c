// The addresses at which administrators see people and help those who have forgotten their password. Called by
// access.ts.
import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { Failure } from '../errors.ts'
import { type Route, route } from '../http/route.ts'
import { scopes } from '../model.ts'
import type { Users } from './users.ts'

const path = '/api/plimsoll/v1/users'
const timeMs = z.number().int().nonnegative()

const user = z.object({
  id: z.string(),
  name: z.string(),
  scopes: z.array(z.enum(scopes)),
  createdAtMs: timeMs,
  disabledAtMs: timeMs.optional(),
})

const headers = { 'cache-control': 'no-store' }

export const userRoutes = (users: Users): readonly Route[] => [
  route({
    method: 'GET',
    path,
    scope: 'admin',
    summary: 'Everyone who may log in.',
    answer: z.object({ users: z.array(user) }),
    handle: async () => ({ headers, body: { users: await users.list() } }),
  }),
  route({
    method: 'POST',
    path: `${path}/:name/password`,
    scope: 'admin',
    summary:
      'Gives somebody a new password and ends their sessions. The password is in this answer and never again.',
    answer: z.object({ name: z.string(), password: z.string() }),
    async handle({ params, principal }) {
      const wanted = (await users.list()).find(({ name }) => name === params['name'])
      if (wanted === undefined) throw new Failure('not_found', `nobody is called ${params['name']}`)
      // Eighty bits, in groups that can be read out.
      const password = randomBytes(10)
        .toString('hex')
        .replace(/^(.{5})(.{5})(.{5})/, '$1-$2-$3-')
      await users.setPassword(wanted.id, password, { by: principal.name })
      return { headers, body: { name: wanted.name, password } }
    },
  }),
]
