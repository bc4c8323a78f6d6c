// What planners and programs ask of a process about capacity, and do there. Called by the crash and the live tests.
import type { PlanJson, PoolJson } from '../capacity/api/plan-json.ts'
import type { LineBody } from '../capacity/import/wire-rows.ts'
import type { RequestFact } from '../capacity/request.ts'
import type { RequestJson } from '../capacity/requests/json.ts'
import type { RunJson } from '../capacity/requests/run-json.ts'
import type { Running } from './running.ts'

type Access = Pick<Running, 'origin' | 'token'>

const path = '/api/plimsoll/v1/capacity'
export const dayMs = 86_400_000

// The status is 0 where the connection broke.
export async function sent<T>({ origin, token }: Access, at: string, body?: object): Promise<[number, T]> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const asked = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }
  try {
    const answer = await fetch(`${origin}${path}${at}`, { headers, ...asked })
    return [answer.status, (await answer.json()) as T]
  } catch {
    return [0, undefined as T]
  }
}

async function found<T>(of: Access, at: string, body?: object): Promise<T> {
  const [status, answer] = await sent<T>(of, at, body)
  if (status !== 200 && status !== 201) throw new Error(`${at}: ${status} ${JSON.stringify(answer)}`)
  return answer
}

export const poolsOf = (of: Access): Promise<PlanJson> => found(of, '/pools')
export const poolOf = (of: Access, name: string): Promise<PoolJson> => found(of, `/pools/${name}`)
export const runsOf = async (of: Access): Promise<readonly RunJson[]> =>
  (await found<{ runs: readonly RunJson[] }>(of, '/runs')).runs
export const requestsOf = async (of: Access): Promise<readonly RequestJson[]> =>
  (await found<{ requests: readonly RequestJson[] }>(of, '/requests')).requests
export const storyOf = (
  of: Access,
  number: number,
): Promise<Readonly<{ request: RequestJson; facts: readonly RequestFact[] }>> =>
  found(of, `/requests/${number}`)
export const runNow = (of: Access): Promise<{ run: RunJson }> => found(of, '/runs', {})
export const act = async (of: Access, { number, version }: RequestJson, what: string): Promise<RequestJson> =>
  (await found<{ request: RequestJson }>(of, `/requests/${number}/act`, { act: what, version, why: 'test' }))
    .request

// So many days up to yesterday, of which usage rises by a number each day.
export function rising(
  pool: string,
  { days, from, by, supply }: Readonly<{ days: number; from: number; by: number; supply: number }>,
): readonly LineBody[] {
  const yesterday = Math.floor(Date.now() / dayMs) - 1
  const rows = (valueAt: (nth: number) => number): LineBody['rows'] =>
    Array.from({ length: days }, (_, nth) => {
      const [day, value] = [yesterday - days + 1 + nth, valueAt(nth)]
      return [day, 288, value, value, value * 288, value, (day + 1) * dayMs - 300_000, value, value] as const
    })
  const line = { pool, resource: 'cpu', part: {} }
  return [
    { ...line, track: 'usage', rows: rows(nth => from + by * nth) },
    { ...line, track: 'supply', rows: rows(() => supply) },
  ]
}

export const importInto = (of: Access, lines: readonly LineBody[]): Promise<{ taken: number }> =>
  found(of, '/import', { lines, how: 'fill' })
