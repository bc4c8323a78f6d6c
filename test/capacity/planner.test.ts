// One plan for all who ask, until something that it stands on has changed.
import { expect, test } from 'vitest'
import { SimulatedClock } from '#core/clock.ts'
import { openPlanner } from '../../capacity/planner.ts'
import { historyOf, pool, straight } from './planned.ts'

const dayMs = 86_400_000

function opened() {
  const clock = new SimulatedClock(Date.parse('2026-11-25T04:00:00Z'))
  const state = {
    pools: [pool()],
    history: 1,
    orders: 1,
    made: 0,
    patience: [] as boolean[],
    fails: false,
    waits: undefined as Promise<void> | undefined,
  }
  const line = { pool: 'web', resource: 'cpu', part: {} }
  const told = [{ line, demand: () => 50, supply: () => 100 }]
  const planner = openPlanner({
    pools: () => state.pools,
    history: {
      ...historyOf(told),
      get version() {
        return state.history
      },
    },
    orders: {
      coming: () => [],
      past: () => null,
      get version() {
        return state.orders
      },
    },
    forecaster: {
      async forecast(asked, { onProgress, canWait = false } = {}) {
        state.made++
        state.patience.push(canWait)
        onProgress?.(0, asked.length)
        await state.waits
        if (state.fails) throw new Error('a worker died')
        return asked.map(straight)
      },
      close: async () => {},
    },
    clock,
    zone: 'UTC',
  })
  return { clock, state, planner }
}

test('a plan is made once for all, and again when something has changed', async () => {
  const { clock, state, planner } = opened()
  const made = async () => {
    await Promise.all([planner.present(), planner.present()])
    return state.made
  }

  expect(await made()).toBe(1)
  await clock.runFor(3_600_000)
  expect(await made()).toBe(1)
  state.history++
  expect(await made()).toBe(2)
  // Whatever was ordered, the same will be used.
  const before = await planner.present()
  state.orders++
  expect(await made()).toBe(2)
  expect(await planner.present()).not.toBe(before)
  state.pools = [pool({ waterline: 0.5 } as object)]
  expect(await made()).toBe(3)
  await clock.runFor(dayMs)
  expect(await made()).toBe(4)
})

test('one that failed is tried again', async () => {
  const { state, planner } = opened()
  state.fails = true
  await expect(planner.present()).rejects.toThrow('a worker died')
  state.fails = false
  expect((await planner.present()).pools).toHaveLength(1)
})

test('whoever goes away takes the plan from nobody else', async () => {
  const { state, planner } = opened()
  const left = planner.present({ signal: AbortSignal.abort(new Error('gone')) })
  const stayed = planner.present()
  await expect(left).rejects.toThrow('gone')
  expect((await stayed).pools).toHaveLength(1)
  expect(state.made).toBe(1)
})

const settled = () => new Promise<void>(resolve => setImmediate(resolve))

test('says how far it is while it is being made', async () => {
  const { state, planner } = opened()
  expect(planner.making()).toBeNull()
  const gate = Promise.withResolvers<void>()
  state.waits = gate.promise
  const plan = planner.present()
  await expect.poll(planner.making).toEqual({ done: 0, of: 1 })
  gate.resolve()
  await plan
  expect(planner.making()).toBeNull()
})

test('what is supposed is not kept', async () => {
  const { planner } = opened()
  const [supposed, present] = [await planner.suppose({ growth: 2 }), await planner.present()]
  expect(supposed.pools[0]!.units).toBeGreaterThan(present.pools[0]!.units)
  expect((await planner.present()).pools[0]!.units).toBe(present.pools[0]!.units)
})

test('what nothing is called is refused, since it would change nothing', async () => {
  const { planner, state } = opened()
  const t = (whatIf: Parameters<typeof planner.suppose>[0], said: string) =>
    expect(planner.suppose(whatIf), said).rejects.toThrow(said)
  await t({ pools: ['web', 'wep'] }, 'no pool is called wep; did you mean web?')
  await t({ unitCapacity: { cqu: 64 } }, 'unit_capacity: no pool has a resource cqu; did you mean cpu?')
  await t({ unitCapacity: { zzzzzz: 64 } }, 'no pool has a resource zzzzzz')
  expect(state.made).toBe(0)
  expect((await planner.suppose({ pools: ['web'], unitCapacity: { cpu: 64 } })).pools).toHaveLength(1)
})

test('while days change one is under way and one waits for all who came since', async () => {
  const { state, planner } = opened()
  const gate = Promise.withResolvers<void>()
  state.waits = gate.promise
  const looks = []
  for (let nth = 0; nth < 40; nth++) {
    state.history++
    looks.push(planner.present())
    await settled()
  }
  expect(state.made).toBe(1)
  gate.resolve()
  const plans = await Promise.all(looks)
  expect([state.made, new Set(plans).size]).toEqual([2, 2])
  // Whoever came after the first has the plan of the last change.
  expect(plans[1]).toBe(await planner.present())
  expect(planner.making()).toBeNull()
  expect(state.made).toBe(2)
})

test('one that failed does not end what waits behind it', async () => {
  const { state, planner } = opened()
  const gate = Promise.withResolvers<void>()
  state.waits = gate.promise
  Object.defineProperty(state, 'fails', { get: () => state.made === 1 })
  const first = planner.present()
  await settled()
  state.history++
  const second = planner.present()
  gate.resolve()
  await expect(first).rejects.toThrow('a worker died')
  expect((await second).pools).toHaveLength(1)
})

test('whoever goes away does not wait for what others still want', async () => {
  const { state, planner } = opened()
  const gate = Promise.withResolvers<void>()
  state.waits = gate.promise
  const stayed = planner.present()
  const leaving = new AbortController()
  const left = planner.present({ signal: leaving.signal })
  leaving.abort(new Error('gone'))
  await expect(left).rejects.toThrow('gone')
  gate.resolve()
  expect((await stayed).pools).toHaveLength(1)
})

test('what is supposed lets what is there go first', async () => {
  const { state, planner } = opened()
  await planner.suppose({ growth: 2 })
  await planner.present()
  expect(state.patience).toEqual([true, false])
})
