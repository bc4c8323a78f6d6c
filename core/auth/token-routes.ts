// The addresses at which administrators make, see and revoke tokens. Called by access.ts.
import { z } from 'zod'
import { type Route, route } from '../http/route.ts'
import { scopes } from '../model.ts'
import type { Tokens } from './tokens.ts'

const path = '/api/plimsoll/v1/tokens'
const timeMs = z.number().int().nonnegative()

const wanted = z.strictObject({
  name: z.string(),
  scopes: z.array(z.enum(scopes)).min(1).max(scopes.length),
  expiresAtMs: timeMs.optional(),
})

const token = z.object({
  id: z.string(),
  name: z.string(),
  scopes: z.array(z.enum(scopes)),
  createdAtMs: timeMs,
  createdBy: z.string(),
  expiresAtMs: timeMs.optional(),
  revokedAtMs: timeMs.optional(),
  lastUsedAtMs: timeMs.optional(),
})

// Neither the list nor, above all, the secret may lie in a cache.
const headers = { 'cache-control': 'no-store' }

export const tokenRoutes = (tokens: Tokens): readonly Route[] => [
  route({
    method: 'GET',
    path,
    scope: 'admin',
    summary: 'All tokens, those revoked and expired included, without their secrets.',
    answer: z.object({ tokens: z.array(token) }),
    handle: async () => ({ headers, body: { tokens: await tokens.list() } }),
  }),
  route({
    method: 'POST',
    path,
    scope: 'admin',
    summary: 'Makes a token. Its secret is in this answer and never again.',
    body: wanted,
    answer: token.extend({ secret: z.string() }),
    async handle({ body: { name, scopes: asked, expiresAtMs }, principal }) {
      const until = expiresAtMs === undefined ? {} : { expiresAtMs }
      const made = await tokens.create({ name, scopes: asked, ...until }, principal.name)
      return { status: 201, headers, body: { ...made.token, secret: made.secret.reveal() } }
    },
  }),
  route({
    method: 'DELETE',
    path: `${path}/:id`,
    scope: 'admin',
    summary: 'Revokes a token, at once in this process and within ten seconds in others.',
    answer: token,
    handle: async ({ params, principal }) => ({
      headers,
      body: await tokens.revoke(params.id ?? '', principal.name),
    }),
  }),
]
