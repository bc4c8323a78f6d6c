// /api/v2/silences and /api/v2/silence/:id, as Alertmanager 0.31 answers them. Called by alertmanager-routes.ts.
import { z } from 'zod'
import type { Clock } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import { texts } from '#core/http/parameters.ts'
import { type Answer, type Route, route } from '#core/http/route.ts'
import type { Matcher } from '#core/model.ts'
import type { Silence } from '../silences/silence.ts'
import type { Silences } from '../silences.ts'
import { filtersOf } from './filters.ts'
import { bodyOf } from './form.ts'
import { answered, codes, failureJson, refuseForm, textAnswer } from './refusal.ts'
import { inOrder, readWanted, silenceJson } from './silence-json.ts'

const asked = z.object({
  filter: texts('A matcher like severity="page"; only silences that have each of these as it stands.'),
})

export type SilenceParts = Readonly<{ silences: Silences; clock: Clock }>

export function silenceRoutes({ silences, clock }: SilenceParts): readonly Route[] {
  const [list, one] = ['/api/v2/silences', '/api/v2/silence/:id']
  const shape = { failure: failureJson } as const
  return [
    route({
      ...shape,
      method: 'GET',
      path: list,
      scope: 'read',
      summary: 'The silences: those that hold, those to come, those that are over. As Alertmanager.',
      query: asked,
      handle: answered(async ({ query }) => {
        const filters = filtersOf(query.filter)
        const nowMs = clock.nowMs()
        const found = silences.all().filter(each => filters.every(matcher => has(each, matcher)))
        return { body: inOrder(found, nowMs).map(each => silenceJson(each, nowMs)) }
      }),
    }),
    route<unknown, Uint8Array>({
      ...shape,
      method: 'POST',
      path: list,
      scope: 'operate',
      summary: 'Makes a silence, or changes the one whose id is given. As Alertmanager.',
      body: 'bytes',
      handle: answered(async ({ body, principal }) => {
        const wanted = readWanted(bodyOf(body, 'silence'), clock.nowMs())
        try {
          const { id } = await silences.put(wanted, principal.name)
          return { body: { silenceID: id } }
        } catch (cause) {
          return refusedBy(cause)
        }
      }),
    }),
    route({
      ...shape,
      method: 'GET',
      path: one,
      scope: 'read',
      summary: 'One silence. As Alertmanager.',
      handle: answered(async ({ params }) => {
        const silence = silences.get(idOf(params))
        return silence === undefined ? { status: 404 } : { body: silenceJson(silence, clock.nowMs()) }
      }),
    }),
    route({
      ...shape,
      method: 'DELETE',
      path: one,
      scope: 'operate',
      summary: 'Ends a silence now. As Alertmanager.',
      handle: answered(async ({ params, principal }) => {
        try {
          await silences.expire(idOf(params), principal.name)
          return { status: 200 }
        } catch (cause) {
          if (cause instanceof Failure && cause.code === 'not_found') return { status: 404 }
          throw cause
        }
      }),
    }),
  ]
}

function refusedBy(cause: unknown): Answer {
  if (!(cause instanceof Failure)) throw cause
  if (cause.code === 'not_found') return textAnswer(404, cause.detail)
  if (cause.code === 'bad_request') return textAnswer(400, cause.detail)
  throw cause
}

const has = ({ matchers }: Silence, { name, op, value }: Matcher): boolean =>
  matchers.some(each => each.name === name && each.op === op && each.value === value)

const uuid = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i

function idOf({ id = '' }: Readonly<Record<string, string>>): string {
  if (uuid.test(id)) return id.toLowerCase()
  throw refuseForm(codes.wrongFormat, `silenceID in path must be of type uuid: ${JSON.stringify(id)}`)
}
