// /api/plimsoll/v1/facts: what has happened, by kind and by group: how notices and canaries are found, which belong to no
// alert. Called by bin/.
import { z } from 'zod'
import { type Route, route } from '#core/http/route.ts'
import { factKinds } from '../fact.ts'
import { factsMax, type PlimsollParts } from './why-routes.ts'

const asked = z.object({
  kind: z.enum(factKinds).optional().describe('Only of this kind, like `noticed`.'),
  group: z.string().optional().describe('Only of this group, as `group` of a fact names it.'),
  since: z.iso
    .datetime({ offset: true })
    .optional()
    .describe('Not older than this, like 2026-11-21T09:00:00Z; left out: a day.'),
  limit: z.coerce.number().int().min(1).max(factsMax).default(100).describe('The newest so many.'),
})

const dayMs = 86_400_000

export const factRoutes = ({ view, clock }: Pick<PlimsollParts, 'view' | 'clock'>): readonly Route[] => [
  route({
    method: 'GET',
    path: '/api/plimsoll/v1/facts',
    scope: 'read',
    summary: 'What has happened, the newest first: alerts, notices, messages and what became of them.',
    query: asked,
    async handle({ query: { since, limit, kind, group } }) {
      const sinceMs = since === undefined ? clock.nowMs() - dayMs : Date.parse(since)
      const which = { ...(kind !== undefined && { kind }), ...(group !== undefined && { group }) }
      return { body: { facts: await view.readFacts({ ...which, sinceMs, limit }) } }
    },
  }),
]
