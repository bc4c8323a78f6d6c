// Requests over a state of their own, a bus that notes what it is told, and a second process beside. Used by the tests of
// requests/, of the monthly job and of the routes.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { SimulatedClock } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import { openLog } from '#core/log.ts'
import type { Notice } from '#core/model.ts'
import { openSqliteState } from '#core/state/sqlite.ts'
import type { State } from '#core/state.ts'
import type { Plan } from '../../../capacity/plan.ts'
import type { RunMade } from '../../../capacity/requests/runs.ts'
import { openRequests, type Requests, type RequestsOptions } from '../../../capacity/requests.ts'
import { nowMs, poolOf } from './made.ts'

export type TwoStates = Readonly<{ state: State; other: State; dispose: () => Promise<void> }>

export type WorldOptions = Readonly<{
  clock?: SimulatedClock
  states?: () => Promise<TwoStates>
  language?: 'en' | 'zh'
}>

export async function sqliteStates(): Promise<TwoStates> {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-requests-'))
  const state = await openSqliteState({ file: join(folder, 'state.db') })
  const dispose = async (): Promise<void> => {
    await state.close()
    rmSync(folder, { recursive: true })
  }
  return { state, other: state, dispose }
}

export async function openRequestWorld(options: WorldOptions = {}) {
  const { clock = new SimulatedClock(nowMs), language = 'en' } = options
  const { state, other, dispose } = await (options.states ?? sqliteStates)()
  const told: Notice[] = []
  const bus = {
    isAway: false,
    async publish(_: string, notices: readonly unknown[]): Promise<void> {
      if (bus.isAway) throw new Failure('bus_unavailable', 'Kafka is away')
      told.push(...(notices as Notice[]))
    },
  }
  const lines: string[] = []
  const log = openLog({ write: line => void lines.push(line), clock })
  const opened: Requests[] = []
  onTestFinished(async () => {
    for (const each of opened) await each.close()
    await dispose()
  })
  const settings = {
    pools: [poolOf('web', { by: ['zone'] }), poolOf('db', { cost: undefined, by: ['zone'] })],
    planners: ['planners'],
    tickets: 'tickets' as string | undefined,
  }
  const open = async (of: State = state, change: Partial<RequestsOptions> = {}): Promise<Requests> => {
    const requests = await openRequests({
      ...{ state: of, bus: bus as RequestsOptions['bus'], clock, log, zone: 'UTC', language },
      ...{ settings: () => settings, isShared: true },
      ...change,
    })
    opened.push(requests)
    return requests
  }
  const requests = await open()
  const run = async (plan: Plan, change: object = {}): Promise<RunMade> => {
    const atMs = clock.nowMs()
    const asked = { trigger: 'person' as const, dueMs: atMs, dueMonth: '2026-11', who: 'bob', atMs }
    return (await requests.draft(plan, { ...asked, ...change }))!
  }
  // Until all that waits has been told: whoever does something does not wait for that.
  const quiet = async (): Promise<void> => {
    const left = () => state.db.selectFrom('capacity_notices').select('id').execute()
    while ((await left()).length > 0);
  }
  return { clock, state, other, told, bus, lines, settings, requests, open, run, quiet }
}
