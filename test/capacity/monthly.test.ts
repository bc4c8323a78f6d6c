// The month's drafts are made when they are due: once, by whoever is there, and after the machine slept.
import { setImmediate } from 'node:timers/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import { SimulatedClock } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import { openLog } from '#core/log.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import { type Due, type Monthly, openMonthly } from '../../capacity/monthly.ts'
import type { Plan } from '../../capacity/plan.ts'
import { keptReport } from '../../capacity/report/kept-reports.ts'
import type { Judgement } from '../../capacity/requests/judged.ts'
import { planOf, pooled } from './requests/made.ts'
import { openRequestWorld } from './requests/world.ts'

const hour = 3_600_000
const day = 24 * hour
const at = (text: string): number => Date.parse(text)

const planners = [{ who: 'bob', count: 1, formulaUnits: 0, askedUnits: 2 }]
const judgement: Judgement = { requests: [], pools: [], planners }

type Asked = Parameters<typeof openMonthly>[0]['requests']

// As it is, but for noting what is not answered yet.
function busily(requests: Asked, underWay: Set<Promise<unknown>>): Asked {
  const noted = <T>(answer: Promise<T>): Promise<T> => {
    underWay.add(answer)
    return answer.finally(() => underWay.delete(answer))
  }
  return {
    dueSince: (...asked) => noted(requests.dueSince(...asked)),
    hasRunOf: (...asked) => noted(requests.hasRunOf(...asked)),
    draft: (...asked) => noted(requests.draft(...asked)),
  }
}

// A state that is kept while processes come and go.
async function world(startMs: number, schedule = '0 9 25 * *') {
  const clock = new SimulatedClock(startMs)
  const w = await openRequestWorld({ clock })
  const lines: string[] = []
  const log = openLog({ write: line => void lines.push(line), clock })
  const asked: Due[] = []
  const underWay = new Set<Promise<unknown>>()
  const requests = busily(w.requests, underWay)
  const settled = async (): Promise<void> => {
    do {
      await Promise.allSettled(underWay)
      await setImmediate()
    } while (underWay.size > 0)
  }
  let ring: () => void = () => {}
  const plan = async (due: Due): Promise<Plan> => {
    asked.push(due)
    return planOf([pooled('web', 2)], { month: '2026-12' })
  }
  const open = (change: Partial<Parameters<typeof openMonthly>[0]> = {}): Monthly => {
    const monthly = openMonthly({
      ...{ schedule, zone: 'UTC', requests, owner: w.state, clock, log, plan },
      judged: async () => judgement,
      bell(_, __, wake) {
        ring = wake
        return { stop: () => {} }
      },
      ...change,
    })
    onTestFinished(() => monthly.close())
    return monthly
  }
  const runs = async () =>
    (await w.requests.runs(99)).map(({ id, dueMs, madeAtMs }) => [id, dueMs, madeAtMs] as const)
  // Whatever is asked of the state is answered before any time passes.
  const settle = (ms = 0): Promise<void> => clock.runFor(ms, settled)
  return { ...w, clock, lines, asked, open, runs, settle, ring: () => ring() }
}

test('a first start makes nothing of the past; the bell makes the month, and no second one', async () => {
  const w = await world(at('2026-11-24T12:00:00Z'))
  w.open()
  await w.settle()
  expect(await w.runs()).toEqual([])
  const dueMs = at('2026-11-25T09:00:00Z')
  await w.settle(dueMs - w.clock.nowMs())
  w.ring()
  await w.settle()
  expect(await w.runs()).toEqual([['schedule/2026-11', dueMs, dueMs]])
  w.ring()
  w.ring()
  await w.settle(hour)
  expect(w.asked).toEqual([{ dueMs, dueMonth: '2026-11' }])
  expect((await w.requests.list({ limit: 9 })).map(({ number, state }) => [number, state])).toEqual([
    [1, 'draft'],
  ])
  // Its report is kept with what past requests were judged by.
  const kept = await keptReport(w.state.db, '2026-12', '2027-01')
  expect(kept.summary).toMatchObject({ orders: [{ units: 2 }], planners: [{ who: 'bob', count: 1 }] })
})

test('what was due while the machine slept is made at the start, of several months the latest alone', async () => {
  const w = await world(at('2026-08-24T12:00:00Z'))
  const first = w.open()
  await w.settle()
  await first.close()
  await w.clock.runUntil(at('2026-12-03T08:00:00Z'))
  w.open()
  await w.settle()
  expect(await w.runs()).toEqual([
    ['schedule/2026-11', at('2026-11-25T09:00:00Z'), at('2026-12-03T08:00:00Z')],
  ])
  expect(w.lines.join('')).toContain('were due while nobody was there')
})

test('nobody hears the bell, and it is made within ten minutes all the same', async () => {
  const w = await world(at('2026-11-25T08:55:00Z'))
  w.open()
  await w.settle()
  await w.settle(10 * 60_000)
  expect((await w.runs()).map(([id]) => id)).toEqual(['schedule/2026-11'])
})

test('two processes at once make one run', async () => {
  const w = await world(at('2026-11-25T08:59:00Z'))
  const first = w.open()
  await w.settle()
  await first.close()
  await w.clock.runFor(2 * 60_000)
  w.open()
  w.open()
  await w.settle()
  expect(w.asked).toHaveLength(2)
  expect(await w.runs()).toHaveLength(1)
  expect(await w.requests.list({ limit: 9 })).toHaveLength(1)
})

test('a clock that was in the future for a while does not hold up the present', async () => {
  const w = await world(at('2030-01-26T00:00:00Z'))
  const [plan, who] = [planOf([pooled('web', 1)], { month: '2030-02' }), 'plimsoll']
  const dueMs = at('2030-01-25T09:00:00Z')
  await w.requests.draft(plan, { trigger: 'schedule', dueMs, dueMonth: '2030-01', who, atMs: dueMs })
  expect(await w.requests.dueSince(w.state.write, at('2026-11-01T00:00:00Z'))).toBe(
    at('2026-11-01T00:00:00Z'),
  )
  expect(await w.requests.dueSince(w.state.write, at('2026-11-09T00:00:00Z'))).toBe(
    at('2026-11-01T00:00:00Z'),
  )
})

test('PostgreSQL goes away in the middle: nothing is half done, and it is done when it is back', async () => {
  const w = await world(at('2026-11-25T08:59:00Z'))
  let isAway = false
  const away = async (): Promise<never> => {
    throw new Failure('state_unavailable', 'PostgreSQL is away')
  }
  const owner = {
    write: w.state.write,
    transaction: (work: never) => (isAway ? away() : w.state.transaction(work)),
  }
  const own = openOwnMetrics()
  w.open({ owner: owner as unknown as typeof w.state, own })
  await w.settle()
  isAway = true
  await w.settle(60_000)
  w.ring()
  await w.settle()
  expect([await w.runs(), await w.requests.list({ limit: 9 }), w.told]).toEqual([[], [], []])
  isAway = false
  await w.settle(60_000)
  expect([(await w.runs()).length, (await w.requests.list({ limit: 9 })).length]).toEqual([1, 1])
  expect(await own.text()).toMatch(
    /runs_total\{outcome="failed"\} \d+\n(?:.*\n)*?.*runs_total\{outcome="made"\} 1\n/,
  )
  await w.quiet()
  expect(w.told.map(({ id }) => id)).toEqual([
    'capacity/run/schedule/2026-11/planners',
    'capacity/run/schedule/2026-11/tickets',
  ])
})

test('what fails is tried again in a minute; while it stops nothing is made', async () => {
  const w = await world(at('2026-11-25T08:59:00Z'))
  let fails = 2
  const plan = async (): Promise<Plan> => {
    if (fails-- > 0) throw new Failure('state_unavailable', 'PostgreSQL is away')
    return planOf([pooled('web', 2)])
  }
  const monthly = w.open({ plan })
  await w.settle()
  await w.settle(60_000)
  w.ring()
  await w.settle()
  expect(await w.runs()).toEqual([])
  expect(w.lines.join('')).toContain('cannot be made; they are tried again')
  await w.settle(60_000)
  await w.settle(60_000)
  expect(await w.runs()).toHaveLength(1)
  await monthly.close()

  const late = w.open({ plan: async () => planOf([pooled('web', 2)]) })
  await w.clock.runUntil(at('2026-12-25T10:00:00Z'))
  await late.close()
  w.ring()
  await w.settle(day)
  expect((await w.runs()).length).toBeLessThanOrEqual(2)
})

test('node-cron rings the bell in the zone of the service, and is quiet when it is told to', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
  onTestFinished(() => void vi.useRealTimers())
  const dueMs = at('2026-11-25T01:00:00Z')
  vi.setSystemTime(dueMs - 1_000)
  const clock = new SimulatedClock(dueMs - 1_000)
  const drafted: number[] = []
  const requests: Asked = {
    dueSince: async () => dueMs - day,
    hasRunOf: async () => drafted.length > 0,
    draft: async (_, { dueMs: due }) => void drafted.push(due),
  }
  const owner = {} as never
  const plan = async () => planOf([])
  const log = openLog({ write: () => {} })
  const monthly = openMonthly({
    ...{ schedule: '0 9 25 * *', zone: 'Asia/Shanghai', requests, owner, clock, log, plan },
  })
  await clock.runFor(1_000)
  expect(drafted).toEqual([])
  vi.advanceTimersByTime(1_000)
  await clock.runFor(0)
  expect(drafted).toEqual([dueMs])
  await monthly.close()
  expect(vi.getTimerCount()).toBe(0)
})
