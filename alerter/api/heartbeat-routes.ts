// /api/plimsoll/v1/heartbeats: the list, and where others say that they live, or that they failed. Called by bin/.
import { z } from 'zod'
import type { Clock } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import { type Call, type Route, route } from '#core/http/route.ts'
import { overdueMs } from '../heartbeats/judge.ts'
import type { Heard, Heartbeats } from '../heartbeats.ts'

export type HeartbeatParts = Readonly<{ heartbeats: Heartbeats; clock: Clock }>

const path = '/api/plimsoll/v1/heartbeat/:name'
// Of what says why; the rest is not kept.
const bodyMaxBytes = 65_536
// Jobs add what they like to an address; a beat is heard all the same.
const anything = z.looseObject({})

export const heartbeatRoutes = ({ heartbeats, clock }: HeartbeatParts): readonly Route[] => {
  const beat = async ({ params, principal }: Call, isSafe: boolean): Promise<object> => {
    // Pictures on pages of others are asked for with the session of whoever looks at them.
    if (isSafe && principal.kind === 'user')
      throw new Failure('cross_site', 'a beat by GET needs a token; with a session it is a POST')
    await heartbeats.beat(params['name'] ?? '')
    return {}
  }
  return [
    route({
      method: 'GET',
      path: '/api/plimsoll/v1/heartbeats',
      scope: 'read',
      summary: 'Those that must be heard of, when they were last, and which of them are missing.',
      async handle() {
        const heard = await heartbeats.list()
        return { body: { heartbeats: heard.map(each => heardJson(each, clock.nowMs())) } }
      },
    }),
    route({
      method: 'GET',
      path,
      scope: 'write',
      summary: 'A heartbeat is heard of. HEAD does the same, and POST with any body.',
      query: anything,
      handle: call => beat(call, true),
    }),
    route({
      method: 'POST',
      path,
      scope: 'write',
      summary: 'A heartbeat is heard of. The body may be anything.',
      query: anything,
      body: 'bytes',
      bodyMaxBytes,
      handle: call => beat(call, false),
    }),
    route<unknown, Uint8Array | undefined>({
      method: 'POST',
      path: `${path}/fail`,
      scope: 'write',
      summary: 'Says that it failed, which is an alert at once, until the next heartbeat; the body says why.',
      query: anything,
      body: 'bytes',
      bodyMaxBytes,
      async handle({ params, body }) {
        await heartbeats.fail(params['name'] ?? '', new TextDecoder().decode(body ?? new Uint8Array()).trim())
        return {}
      },
    }),
  ]
}

type State = 'waiting' | 'well' | 'late' | 'missing' | 'failed'

// As `plimsoll heartbeats` shows them.
export type HeartbeatLine = Readonly<{
  name: string
  state: State
  lastAtMs: number | null
  // From when on it is missing; nothing where it is not waited for yet.
  dueAtMs: number | null
  everyMs: number
  graceMs: number
  failed: Readonly<{ atMs: number; text: string }> | null
}>

function heardJson({ heartbeat, beats }: Heard, nowMs: number): HeartbeatLine {
  const { name, everyMs, graceMs } = heartbeat
  const dueAtMs = beats === undefined ? null : overdueMs(heartbeat, beats)
  const { beatMs: lastAtMs = null, failed = null } = beats ?? {}
  return { name, state: stateOf({ heartbeat, beats }, nowMs), lastAtMs, dueAtMs, everyMs, graceMs, failed }
}

function stateOf({ heartbeat, beats }: Heard, nowMs: number): State {
  if (beats === undefined) return 'waiting'
  if (beats.failed !== null) return 'failed'
  if (beats.alert !== null) return 'missing'
  if (nowMs > overdueMs(heartbeat, beats) - heartbeat.graceMs) return 'late'
  return beats.beatMs === null ? 'waiting' : 'well'
}
