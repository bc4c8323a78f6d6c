// Incidents: the list, one with its facts, and its page for people at /i/:number. Called by bin/.
import { z } from 'zod'
import { Failure } from '#core/errors.ts'
import { languageOf } from '#core/http/language.ts'
import { page } from '#core/http/page.ts'
import { type Route, route } from '#core/http/route.ts'
import type { Fact } from '../fact.ts'
import type { IncidentView } from '../facts.ts'
import { firingIn } from './incident-firing.ts'
import { incidentPage } from './incident-page.ts'
import { incidentPicture } from './incident-picture.ts'
import { holdsIn, inhibitorsOf } from './known-facts.ts'
import { labelsIn, silencingsOf, together } from './silencings.ts'
import { factsMax, type PlimsollParts } from './why-routes.ts'

const path = '/api/plimsoll/v1/incidents'

const asked = z.object({
  open: z
    .enum(['true', 'false'])
    .optional()
    .describe('`true`: those of which something fires still; `false`: the others.'),
  limit: z.coerce.number().int().min(1).max(1_000).default(100).describe('The newest so many.'),
})

export const incidentRoutes = (parts: PlimsollParts): readonly Route[] => [
  route({
    method: 'GET',
    path,
    scope: 'read',
    summary:
      'Incidents, the newest first: groups of alerts that people are told of, from the first to the last.',
    query: asked,
    async handle({ query: { open, limit } }) {
      const isOpen = open === undefined ? {} : { isOpen: open === 'true' }
      return { body: { incidents: await parts.view.incidents({ ...isOpen, limit }) } }
    },
  }),
  route({
    method: 'GET',
    path: `${path}/:number`,
    scope: 'read',
    summary: 'One incident, and what happened: its facts, the newest first.',
    async handle({ params }) {
      const incident = await find(params, parts)
      return { body: { incident, facts: await factsOf(incident, parts, factsMax) } }
    },
  }),
  route({
    method: 'GET',
    path: '/i/:number',
    scope: 'read',
    summary: 'The page of an incident.',
    async handle({ params, headers }) {
      const { clock, timeZone } = parts
      const incident = await find(params, parts)
      // One more tells whether there are more.
      const facts = await factsOf(incident, parts, factsMax + 1)
      const language = languageOf(headers['accept-language'], parts.language)
      const picture = await incidentPicture(incident, facts, parts)
      const nowMs = clock.nowMs()
      const inhibitors = await inhibitorsOf(parts.view, holdsIn(facts), nowMs)
      const isCut = facts.length > factsMax
      const firing = await firingIn(incident, parts.view)
      const shown = { incident, firing, facts: facts.slice(0, factsMax), isCut, inhibitors, picture }
      return page(incidentPage(shown, { language, timeZone, nowMs }))
    },
  }),
]

async function find(
  { number = '' }: Readonly<Record<string, string>>,
  { view }: PlimsollParts,
): Promise<IncidentView> {
  const incident = /^[1-9]\d{0,14}$/.test(number) ? await view.incident(Number(number)) : undefined
  if (incident === undefined) throw new Failure('not_found', `there is no incident ${number}`)
  return incident
}

async function factsOf(
  { number, openedAtMs, closedAtMs }: IncidentView,
  { view, clock }: PlimsollParts,
  limit: number,
): Promise<readonly Fact[]> {
  const own = await view.readFacts({ incident: number, sinceMs: openedAtMs - lookBackMs, limit })
  const toMs = closedAtMs ?? clock.nowMs()
  const of = await silencingsOf(view, { labels: labelsIn(own), fromMs: openedAtMs, toMs })
  return together(own, of).slice(0, limit)
}

// Alerts began before anybody was told of them.
const lookBackMs = 30 * 86_400_000
