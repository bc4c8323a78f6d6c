// /api/plimsoll/v1/capacity/requests: what planners read, change and sign. Who does something is whoever asks;
// which version he saw stands in what he sends. Called by bin/.
import type { z } from 'zod'
import type { Clock } from '#core/clock.ts'
import { errors, Failure } from '#core/errors.ts'
import { type Language, languageOf } from '#core/http/language.ts'
import { type Answer, type Call, type Route, route } from '#core/http/route.ts'
import { labelsOf } from '#core/labels.ts'
import type { History } from '../history.ts'
import { type Request, requestStates } from '../request.ts'
import { Changed } from '../requests/book.ts'
import { factJson, requestJson } from '../requests/json.ts'
import { judgementJson } from '../requests/judged-json.ts'
import type { Act, Deed } from '../requests/life.ts'
import type { Requests } from '../requests.ts'
import { acted, asked, edited, merged, own, pieces, story } from './request-asked.ts'
import { type RunParts, runRoutes } from './run-routes.ts'

export type RequestParts = RunParts &
  Readonly<{
    requests: Requests
    history: Pick<History, 'demand'>
    clock: Clock
    // Of readers who do not say.
    language: Language
  }>

const path = '/api/plimsoll/v1/capacity/requests'
const one = `${path}/:number`

export const requestRoutes = (parts: RequestParts): readonly Route[] => [
  ...readingRoutes(parts),
  ...changingRoutes(parts),
  ...runRoutes(parts),
]

const readerOf = ({ headers }: Pick<Call, 'headers'>, { language }: RequestParts): Language =>
  languageOf(headers['accept-language'], language)

const readingRoutes = (parts: RequestParts): readonly Route[] => [
  route<z.output<typeof asked>, unknown>({
    method: 'GET',
    path,
    scope: 'read',
    summary: 'Requests for capacity, the newest first.',
    query: asked,
    async handle(call) {
      const { month, state, pool, below, limit, language = readerOf(call, parts) } = call.query
      const found = await parts.requests.list({ month, states: statesOf(state), pool, below, limit })
      return { body: { requests: found.map(each => requestJson(each, language)) } }
    },
  }),
  route<z.output<typeof story>, unknown>({
    method: 'GET',
    path: one,
    scope: 'read',
    summary: 'One request, and all that happened to it, the oldest first.',
    query: story,
    async handle(call) {
      const number = numberOf(call.params)
      const found = await parts.requests.get(number)
      if (found === undefined) throw new Failure('not_found', `there is no request ${number}`)
      const { language = readerOf(call, parts) } = call.query
      const facts = found.facts.map(each => factJson(each, language))
      return { body: { request: requestJson(found.request, language), facts } }
    },
  }),
  route({
    method: 'GET',
    path: '/api/plimsoll/v1/capacity/judged',
    scope: 'read',
    summary:
      'Requests of past months against what was used: what was forecast, asked for and enough, and the bias of each pool and planner.',
    async handle() {
      return { body: judgementJson(await parts.requests.judged(parts.history)) }
    },
  }),
]

const changingRoutes = (parts: RequestParts): readonly Route[] => {
  const { requests, clock } = parts
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
        const made = await requests.make(wanted, deedOf(call, rest.why))
        return { status: 201, body: { request: requestJson(made, readerOf(call, parts)) } }
      },
    }),
    route<unknown, z.output<typeof edited>>({
      method: 'POST',
      path: `${one}/edit`,
      scope: 'operate',
      summary:
        'Changes a request, with a reason: all of a draft and of what is submitted, later the day alone, and the pool of one that is planned no more.',
      body: edited,
      handle: answered(parts, async call => {
        const { version: seen, why: reason, needed: neededDay, due: dueDay, text, units, pool } = call.body
        const change = { units, neededDay, dueDay, why: text, pool }
        return requests.act(seenIn(call, seen), { do: 'edit', change }, deedOf(call, reason))
      }),
    }),
    route<unknown, z.output<typeof acted>>({
      method: 'POST',
      path: `${one}/act`,
      scope: 'operate',
      summary:
        'Submits, approves, rejects, reopens, orders, delivers, closes or withdraws a request, or corrects a delivery.',
      body: acted,
      handle: answered(parts, async call => {
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
      handle: answered(parts, call => {
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
      handle: answered(parts, call => {
        const { version: seen, why: reason, into, into_version } = call.body
        const months = { number: into, version: into_version }
        return requests.merge(seenIn(call, seen), months, deedOf(call, reason))
      }),
    }),
  ]
}

function actOf({ act, due: dueDay, units }: z.output<typeof acted>): Act {
  if (act === 'deliver' || act === 'correct') return { do: act, units }
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
  <Body>(parts: RequestParts, handle: (call: Call<unknown, Body>) => Promise<Request | readonly Request[]>) =>
  async (call: Call<unknown, Body>): Promise<Answer> => {
    const shown = (each: Request) => requestJson(each, readerOf(call, parts))
    try {
      const found = await handle(call)
      if (Array.isArray(found)) return { body: { requests: found.map(shown) } }
      return { body: { request: shown(found as Request) } }
    } catch (cause) {
      if (!(cause instanceof Changed)) throw cause
      const { status, means, todo } = errors[cause.code]
      const error = { code: cause.code, detail: cause.detail, means, todo }
      return { status, body: { error, request: shown(cause.present) } }
    }
  }
