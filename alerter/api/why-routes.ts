// /api/plimsoll/v1/why: who was told of an alert, and who was not, and why. Called by bin/.
import { z } from 'zod'
import type { Clock } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import { type Language, languageOf, languages } from '#core/http/language.ts'
import { type Route, route } from '#core/http/route.ts'
import type { Fact } from '../fact.ts'
import type { LastHour } from '../last-hour.ts'
import type { Silences } from '../silences.ts'
import { holdsIn, inhibitorsOf, knownIn } from './known-facts.ts'
import { labelsIn, silencingsOf, together } from './silencings.ts'
import type { AlerterView } from './view.ts'
import { type Way, type Why, whyOf } from './why.ts'
import { acknowledgedText, groupText, type Speech, wayText } from './why-words.ts'

export type PlimsollParts = Readonly<{
  view: AlerterView
  silences: Silences
  clock: Clock
  language: Language
  timeZone: string
  // Left out: pages show no picture.
  lastHour?: LastHour | undefined
}>

const asked = z.object({
  alert: z
    .string()
    .regex(/^[\da-f]{16}$/, 'a fingerprint of 16 hexadecimal digits')
    .describe('The fingerprint of an alert, as /api/v2/alerts shows it.'),
  language: z
    .enum(languages)
    .optional()
    .describe('Of the sentences. Left out: as the header accept-language says, else that of the service.'),
})

// What a person looks through; beyond that the oldest are left out.
export const factsMax = 500
const incidentsMax = 5
// As long as incidents are asked about.
const lookBackMs = 30 * 86_400_000

export const whyRoutes = (parts: PlimsollParts): readonly Route[] => [
  route({
    method: 'GET',
    path: '/api/plimsoll/v1/why',
    scope: 'read',
    summary: 'Who was told of an alert, by what and when; who was not, and why.',
    query: asked,
    async handle({ query, headers }) {
      const { clock, timeZone } = parts
      const language = query.language ?? languageOf(headers['accept-language'], parts.language)
      const why = await readWhy(query.alert, parts)
      return { body: whyJson(why, { language, timeZone, nowMs: clock.nowMs() }) }
    },
  }),
]

async function readWhy(fingerprint: string, { view, silences, clock }: PlimsollParts): Promise<Why> {
  const nowMs = clock.nowMs()
  const alert = await view.alert(fingerprint)
  // Before the facts: what is delivered meanwhile is then in both, and not in neither.
  const seats = await view.seats(fingerprint)
  const waiting = await view.waiting(fingerprint)
  const facts = await factsOf(fingerprint, view, nowMs)
  if (alert === undefined && facts.length === 0)
    throw new Failure('not_found', `no alert with the fingerprint ${fingerprint} is known`)
  const { receivers } = view.config()
  const held = [...seats.map(({ held }) => held ?? undefined), ...holdsIn(facts)]
  const { labelsOf } = knownIn(await inhibitorsOf(view, held, nowMs))
  return whyOf({
    fingerprint,
    alert,
    seats,
    waiting,
    waitOf: view.waitOf,
    facts,
    integrationsOf: receiver => receivers.get(receiver)?.integrations ?? [],
    labelsOf,
    silence: id => silences.get(id),
    nowMs,
  })
}

// Its own, and those of the messages of its incidents: what happened to others of a large one would leave no room.
async function factsOf(fingerprint: string, view: AlerterView, nowMs: number): Promise<readonly Fact[]> {
  const sinceMs = nowMs - lookBackMs
  const limit = factsMax
  const incidents = await view.incidents({ fingerprint, limit: incidentsMax })
  const found = await Promise.all([
    view.readFacts({ fingerprint, sinceMs, limit }),
    ...incidents.map(({ number }) => view.readFacts({ incident: number, fingerprint: null, sinceMs, limit })),
  ])
  const byId = new Map(found.flat().map(fact => [fact.id, fact] as const))
  const own = [...byId.values()].toSorted((a, b) => b.atMs - a.atMs)
  const labels = labelsIn(own.filter(each => each.fingerprint === fingerprint))
  const of = await silencingsOf(view, {
    labels,
    fromMs: Math.min(...own.map(each => each.atMs)),
    toMs: nowMs,
  })
  return together(own, of).slice(0, limit)
}

function whyJson({ fingerprint, alert, groups, facts }: Why, speech: Speech): object {
  return {
    fingerprint,
    // Of the times in the sentences.
    timeZone: speech.timeZone,
    alert: alert && {
      ...alert.alert,
      state: alert.alert.endsAtMs !== null && alert.alert.endsAtMs <= speech.nowMs ? 'resolved' : 'firing',
    },
    groups: groups.map(({ ways, ...group }) => ({
      ...group,
      text: groupText({ hold: group.hold, ways }, speech),
      acknowledgedText: acknowledgedText(group, speech),
      ways: ways.map((way: Way) => ({ ...way, text: wayText(way, group.hold, speech) })),
    })),
    facts,
  }
}
