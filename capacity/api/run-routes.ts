// /api/plimsoll/v1/capacity/runs: when drafts were made and what they came to, and making them now. Called by
// request-routes.ts.
import { z } from 'zod'
import { type Route, route } from '#core/http/route.ts'
import { type RunMadeJson, runJson } from '../requests/run-json.ts'
import type { RunMade } from '../requests/runs.ts'
import type { Requests } from '../requests.ts'

export type RunParts = Readonly<{
  requests: Pick<Requests, 'runs'>
  // Makes the drafts of now.
  run: (who: string, signal: AbortSignal) => Promise<RunMade>
}>

const path = '/api/plimsoll/v1/capacity/runs'

const asked = z.object({
  limit: z.coerce.number().int().min(1).max(1_000).default(24).describe('The newest so many.'),
})

export const runRoutes = ({ requests, run }: RunParts): readonly Route[] => [
  route<z.output<typeof asked>, unknown>({
    method: 'GET',
    path,
    scope: 'read',
    summary: 'When drafts were made and what they came to, the newest first.',
    query: asked,
    async handle({ query }) {
      return { body: { runs: (await requests.runs(query.limit)).map(runJson) } }
    },
  }),
  route({
    method: 'POST',
    path,
    scope: 'operate',
    summary: 'Makes the drafts of now, and tells the planners. What somebody has changed stays.',
    async handle({ principal, signal }) {
      const made = await run(principal.name, signal)
      return { status: 201, body: { ...made, run: runJson(made.run) } satisfies RunMadeJson }
    },
  }),
]
