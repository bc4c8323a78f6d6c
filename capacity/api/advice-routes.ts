// /api/plimsoll/v1/capacity/advice: what the rule of the minute says of each pool now and why, and what it would have said
// in a time that is over. The first reads the state, so any process can answer it. Called by bin/.
import { z } from 'zod'
import type { Clock } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import type { Language } from '#core/http/language.ts'
import { texts } from '#core/http/parameters.ts'
import { type Route, route } from '#core/http/route.ts'
import type { Log } from '#core/log.ts'
import { guessed } from '#core/nearest.ts'
import type { State } from '#core/state.ts'
import type { Source } from '#promql/source.ts'
import { openAdviceBook } from '../advice/book.ts'
import { type AdvisedPool, isAdvised, type Judged } from '../advice/judged.ts'
import { type Replay, type ReplayProgress, replayAdvice } from '../advice/replay.ts'
import { placedLines, reasonText } from '../advice/words.ts'
import type { Pool } from '../pool.ts'
import { type Line, lineAnswer } from './line-answer.ts'

export type AdviceRouteOptions = Readonly<{
  pools: () => readonly Pool[]
  state: Pick<State, 'db'>
  source: Source
  language: Language
  clock: Clock
  log: Log
}>

export type AdviceLine = Omit<Judged, 'atMs'> &
  Readonly<{
    // Null where no minute has been looked at yet.
    atMs: number | null
    reason: string
    where: readonly string[]
  }>

export type ReplayLine = Line<ReplayProgress, Replay>

const dayMs = 86_400_000
const longestMs = 366 * dayMs
const replaysMax = 4

const ofPools = z.object({ pool: texts('Only these.').optional() })
const ofReplay = z.strictObject({
  pool: z.string().describe('One that has `advice` in the configuration.'),
  fromMs: z.number().int().min(0).describe('Milliseconds since 1970.'),
  toMs: z.number().int().min(0).describe('Milliseconds since 1970; belongs to the time.'),
})

export function adviceRoutes(options: AdviceRouteOptions): readonly Route[] {
  const { state, source, language, clock, log } = options
  const advised = () => options.pools().filter(isAdvised)
  const book = openAdviceBook(state, log)
  const replays = openReplays()
  return [
    route<z.output<typeof ofPools>, unknown>({
      method: 'GET',
      path: '/api/plimsoll/v1/capacity/advice',
      scope: 'read',
      summary: 'How many processes each pool should have by the rule of the minute, and why.',
      query: ofPools,
      async handle({ query }) {
        const { pool: names = [] } = query
        const pools = advised()
        const wanted = names.length === 0 ? pools : names.map(name => poolOf(pools, name))
        const kept = await book.read()
        return { body: { advice: wanted.map(pool => lineOf(pool, kept.get(pool.name)?.judged, language)) } }
      },
    }),
    route({
      method: 'POST',
      path: '/api/plimsoll/v1/capacity/advice/replay',
      scope: 'read',
      summary:
        'What the rule of the minute would have said with the samples that are stored; the answer is JSON line by line.',
      body: ofReplay,
      handle({ body, signal, principal }) {
        const { fromMs, toMs } = body
        const pool = poolOf(advised(), body.pool)
        if (toMs <= fromMs) throw new Failure('bad_request', 'body.toMs: wanted a time after fromMs')
        if (toMs - fromMs > longestMs) {
          throw new Failure('too_many_steps', 'wanted a year at most between body.fromMs and body.toMs')
        }
        const { inTurn, end } = replays.begin(principal.name)
        return lineAnswer<ReplayProgress, Replay>({
          ...{ clock, log, signal },
          first: { share: 0, atMs: fromMs, given: 0 },
          work: (onProgress, until) =>
            replayAdvice({ pool, source, fromMs, toMs, signal: until, inTurn, onProgress }),
          ended: end,
        })
      },
    }),
  ]
}

type Replaying = Readonly<{ inTurn<T>(piece: () => Promise<T>): Promise<T>; end(): void }>

// One of each asker, and a few in all. They take turns piece by piece, so that a year of one is no wait for the day of
// another.
function openReplays(): Readonly<{ begin(who: string): Replaying }> {
  const running = new Set<string>()
  let turn: Promise<unknown> = Promise.resolve()
  return {
    begin(who) {
      if (running.has(who) || running.size >= replaysMax) {
        const what = running.has(who)
          ? 'another replay of yours is running, and each has one at a time'
          : `${replaysMax} replays are running, and there are no more at a time`
        throw new Failure('overloaded', `${what}: ask again when it is done`, { retryAfterMs: 10_000 })
      }
      running.add(who)
      return {
        inTurn(piece) {
          const mine = turn.then(piece)
          turn = mine.catch(() => undefined)
          return mine
        },
        end: () => void running.delete(who),
      }
    },
  }
}

function lineOf(pool: AdvisedPool, judged: Judged | undefined, language: Language): AdviceLine {
  const { advice, placed } = judged ?? {}
  const where = advice && placed ? placedLines(advice.way, placed, language) : []
  if (judged !== undefined) return { ...judged, reason: reasonText(pool, judged, language), where }
  const nothing = { missing: 'no minute has passed yet', busySeconds: null, processes: null, share: null }
  const fresh = { pool: pool.name, why: 'unmeasured', ...nothing, wanted: null, advice: null } as const
  const reason = reasonText(pool, { ...fresh, atMs: 0, placed: null }, language)
  return { ...fresh, atMs: null, placed: null, reason, where }
}

function poolOf(pools: readonly AdvisedPool[], name: string): AdvisedPool {
  const found = pools.find(each => each.name === name)
  if (found !== undefined) return found
  const names = pools.map(each => each.name)
  throw new Failure('not_found', `no pool with advice is called ${name}${guessed(name, names)}`)
}
