// /api/plimsoll/v1/capacity/requests: what planners read, change and sign. Who does something is whoever asks;
// which version he saw stands in what he sends. Called by bin/.
import { z } from 'zod'
import type { Clock } from '#core/clock.ts'
import { errors, Failure } from '#core/errors.ts'
import { texts } from '#core/http/parameters.ts'
import { type Answer, type Call, type Route, route } from '#core/http/route.ts'
import { labelsOf } from '#core/labels.ts'
import { readDay } from '../days.ts'
import type { History } from '../history.ts'
import { requestStates } from '../request.ts'
import { Changed } from '../requests/book.ts'
import { factJson, requestJson } from '../requests/json.ts'
import { judgementJson } from '../requests/judged-json.ts'
import { type Act, type Deed, textMax } from '../requests/life.ts'
import type { Requests } from '../requests.ts'
import { type RunParts, runRoutes } from './run-routes.ts'

export type RequestParts = RunParts &
  Readonly<{
    requests: Requests
    history: Pick<History, 'demand'>
    clock: Clock
  }>

const path = '/api/plimsoll/v1/capacity/requests'
const one = `${path}/:number`

const dayText = z.string().transform((text, context) => {
  const day = readDay(text)
  if (day !== undefined) return day
  context.addIssue({ code: 'custom', message: `wanted a day like 2026-12-31, found ${JSON.stringify(text)}` })
  return z.NEVER
})
const whole = z.number().int().min(1)
const part = z.record(z.string().max(1_000), z.string().max(1_000))
const why = z
  .string()
  .max(textMax)
  .default('')
  .describe('The reason; wanted where something is refused or edited.')
const version = whole.describe('The version that you saw; another one is refused, and the answer shows it.')
const due = dayText.optional().describe('The day on which it is expected.')

const asked = z.object({
  month: z.string().optional().describe('Those for this month, like 2026-12.'),
  state: texts(`One of ${requestStates.join(', ')}; said again, any of them.`),
  pool: z.string().optional().describe('Those of this pool.'),
  below: z.coerce.number().int().min(1).optional().describe('Those with a lower number: the next page.'),
  limit: z.coerce.number().int().min(1).max(10_000).default(1_000).describe('The newest so many.'),
})

const own = z.strictObject({
  pool: z.string().describe('The pool that it is for.'),
  part: part.default({}).describe('The part of it, like {"zone": "a"}; left out: the whole.'),
  kind: z.enum(['expand', 'reclaim']).default('expand').describe('More units, or some to give back.'),
  units: whole.describe('How many.'),
  application: z.string().max(1_000).optional().describe('What it is for.'),
  month: z.string().optional().describe('Like 2026-12; left out: the next one.'),
  needed: dayText.describe('The day on which it must serve.'),
  why: z.string().max(textMax).default('').describe('What for, for whoever approves it.'),
})
const edited = z.strictObject({
  ...{ version, why },
  units: whole.optional().describe('How many instead.'),
  needed: dayText.optional().describe('The day on which it must serve.'),
  due: dayText.nullable().optional().describe('The day on which it is expected; null: not known.'),
  text: z.string().max(textMax).optional().describe('What stands in the request as its reason.'),
})
const acted = z.strictObject({
  ...{ version, why, due },
  act: z
    .enum(['submit', 'approve', 'reject', 'reopen', 'order', 'deliver', 'close', 'withdraw'])
    .describe('What is done to it.'),
  units: whole.optional().describe('Of a delivery: how many came; left out: all that were missing.'),
})
const pieces = z.strictObject({
  ...{ version, why },
  pieces: z
    .array(z.strictObject({ units: whole, part: part.optional() }))
    .describe('Together as many as before; the first keeps the number. `part` narrows a piece, to a zone.'),
})
const merged = z.strictObject({
  ...{ version, why },
  into: whole.describe("The number of the month's request."),
  into_version: whole.describe('The version of that one.'),
})

export const requestRoutes = (parts: RequestParts): readonly Route[] => [
  ...readingRoutes(parts),
  ...changingRoutes(parts),
  ...runRoutes(parts),
]

const readingRoutes = ({ requests, history }: RequestParts): readonly Route[] => [
  route<z.output<typeof asked>, unknown>({
    method: 'GET',
    path,
    scope: 'read',
    summary: 'Requests for capacity, the newest first.',
    query: asked,
    async handle({ query: { month, state, pool, below, limit } }) {
      const found = await requests.list({ month, states: statesOf(state), pool, below, limit })
      return { body: { requests: found.map(requestJson) } }
    },
  }),
  route({
    method: 'GET',
    path: one,
    scope: 'read',
    summary: 'One request, and all that happened to it, the oldest first.',
    async handle({ params }) {
      const number = numberOf(params)
      const found = await requests.get(number)
      if (found === undefined) throw new Failure('not_found', `there is no request ${number}`)
      return { body: { request: requestJson(found.request), facts: found.facts.map(factJson) } }
    },
  }),
  route({
    method: 'GET',
    path: '/api/plimsoll/v1/capacity/judged',
    scope: 'read',
    summary:
      'Requests of past months against what was used: what was forecast, asked for and enough, and the bias of each pool and planner.',
    async handle() {
      return { body: judgementJson(await requests.judged(history)) }
    },
  }),
]

const changingRoutes = ({ requests, clock }: RequestParts): readonly Route[] => {
  const deedOf = ({ principal }: Call, reason: string): Deed => ({
    ...{ who: principal.name, why: reason, atMs: clock.nowMs() },
  })
  return [
    route<unknown, z.output<typeof own>>({
      method: 'POST',
      path,
      scope: 'operate',
      summary: 'Files a request of your own, as a draft.',
      body: own,
      async handle(call) {
        const { needed: neededDay, part: found, application = null, ...rest } = call.body
        const wanted = { ...rest, neededDay, application, part: labelsOf(Object.entries(found)) }
        return {
          status: 201,
          body: { request: requestJson(await requests.make(wanted, deedOf(call, rest.why))) },
        }
      },
    }),
    route<unknown, z.output<typeof edited>>({
      method: 'POST',
      path: `${one}/edit`,
      scope: 'operate',
      summary:
        'Changes a request, with a reason: all of a draft and of what is submitted, later the day alone.',
      body: edited,
      handle: answered(async call => {
        const { version: seen, why: reason, needed: neededDay, due: dueDay, text, units } = call.body
        const change = { units, neededDay, dueDay, why: text }
        return requests.act(seenIn(call, seen), { do: 'edit', change }, deedOf(call, reason))
      }),
    }),
    route<unknown, z.output<typeof acted>>({
      method: 'POST',
      path: `${one}/act`,
      scope: 'operate',
      summary: 'Submits, approves, rejects, reopens, orders, delivers, closes or withdraws a request.',
      body: acted,
      handle: answered(async call => {
        const { version: seen, why: reason } = call.body
        return requests.act(seenIn(call, seen), actOf(call.body), deedOf(call, reason))
      }),
    }),
    route<unknown, z.output<typeof pieces>>({
      method: 'POST',
      path: `${one}/split`,
      scope: 'operate',
      summary: 'Makes several of a request. The answer has all of them.',
      body: pieces,
      handle: answered(call => {
        const { version: seen, why: reason, pieces: found } = call.body
        const narrowed = found.map(each => ({
          units: each.units,
          part: each.part && labelsOf(Object.entries(each.part)),
        }))
        return requests.split(seenIn(call, seen), narrowed, deedOf(call, reason))
      }),
    }),
    route<unknown, z.output<typeof merged>>({
      method: 'POST',
      path: `${one}/merge`,
      scope: 'operate',
      summary: "Adds a person's request to the month's for the same pool and part. The answer has both.",
      body: merged,
      handle: answered(call => {
        const { version: seen, why: reason, into, into_version } = call.body
        const months = { number: into, version: into_version }
        return requests.merge(seenIn(call, seen), months, deedOf(call, reason))
      }),
    }),
  ]
}

function actOf({ act, due: dueDay, units }: z.output<typeof acted>): Act {
  if (act === 'deliver') return { do: act, units }
  if (act === 'approve' || act === 'order') return { do: act, dueDay }
  return { do: act }
}

const statesOf = (said: readonly string[]): (typeof requestStates)[number][] | undefined => {
  const stray = said.find(each => !(requestStates as readonly string[]).includes(each))
  if (stray !== undefined)
    throw new Failure('bad_request', `state: wanted one of ${requestStates.join(', ')}, found ${stray}`)
  return said.length === 0 ? undefined : (said as (typeof requestStates)[number][])
}

function numberOf({ number = '' }: Call['params']): number {
  if (/^[1-9]\d{0,14}$/.test(number)) return Number(number)
  throw new Failure('not_found', `there is no request ${number}`)
}

const seenIn = ({ params }: Call, version: number) => ({ number: numberOf(params), version })

// Who was too late is shown what is there now.
const answered =
  <Body>(handle: (call: Call<unknown, Body>) => Promise<unknown>) =>
  async (call: Call<unknown, Body>): Promise<Answer> => {
    try {
      const found = await handle(call)
      if (Array.isArray(found)) return { body: { requests: found.map(requestJson) } }
      return { body: { request: requestJson(found as Parameters<typeof requestJson>[0]) } }
    } catch (cause) {
      if (!(cause instanceof Changed)) throw cause
      const { status, means, todo } = errors[cause.code]
      const error = { code: cause.code, detail: cause.detail, means, todo }
      return { status, body: { error, request: requestJson(cause.present) } }
    }
  }
