// Of forecasts and supplies to units: the formula to the letter, and which day, which resource and which order count.
import { expect, test } from 'vitest'
import type { Coming } from '../../capacity/coming.ts'
import { dayOf, dayText, readDay } from '../../capacity/days.ts'
import { type Forecaster, openForecaster } from '../../capacity/forecast/forecaster.ts'
import { makePlan, type PlanAsked } from '../../capacity/planning.ts'
import type { Line, Pool } from '../../capacity/pool.ts'
import { formulaOf, formulaText } from '../../capacity/report/formula.ts'
import { poolReport } from '../../capacity/report/pool-report.ts'
import { cpu, historyOf, onOrder, pool, straight, type Told } from './planned.ts'

// A Wednesday at noon; the end of next month is 2026-12-31.
const nowMs = Date.parse('2026-11-25T04:00:00Z')
const zone = 'Asia/Shanghai'
const today = dayOf(zone, nowMs)
const web: Line = { pool: 'web', resource: 'cpu', part: {} }

const forecaster: Forecaster = {
  forecast: async asked => asked.map(straight),
  close: async () => {},
}

type Asked = Partial<Omit<PlanAsked, 'pools' | 'history'>>
const nothingOrdered: PlanAsked['orders'] = { coming: () => [], past: () => null }

const planOf = (pools: readonly Pool[], told: readonly Told[], asked: Asked = {}) =>
  makePlan({ pools, history: historyOf(told), forecaster, orders: nothingOrdered, zone, nowMs, ...asked })

// 40 cores today, one more each day, of 100.
const growing: Told = { line: web, demand: day => 40 + (day - today), supply: () => 100 }

test('the units are those of the formula, at the end of next month and the lead time', async () => {
  const { asOfDay, month, pools } = await planOf([pool()], [growing])

  expect(dayText(asOfDay)).toBe('2026-11-24')
  expect(month).toBe('2026-12')
  const [web] = pools
  expect(dayText(web!.targetDay)).toBe('2027-01-30')
  const ahead = web!.targetDay - today
  expect(web!.lines[0]!.target!.likely).toBeCloseTo(40 + ahead, 9)
  // ⌈((40 + 66) / 0.7 − 100) / 10⌉
  expect(web).toMatchObject({ units: Math.ceil(((40 + ahead) / 0.7 - 100) / 10), binding: 'cpu', cost: null })
})

test('what is ordered and due counts, spare units are wanted beside the waterline', async () => {
  const t = async (change: Partial<Pool>, ordered: number, units: number) => {
    const orders = { ...nothingOrdered, coming: () => onOrder(ordered) }
    const { pools } = await planOf([pool(change)], [growing], { orders })
    expect(pools[0]!.units, JSON.stringify(change)).toBe(units)
  }

  await t({}, 0, 6)
  await t({}, 4, 2)
  await t({ spare: { kind: 'units', units: 1 } }, 0, 7)
  // More than is needed: rounding up gives back less.
  await t({}, 9, -3)
  await t({ leadDays: 0 }, 0, 1)
})

test('an order counts that is due by the day that decides', async () => {
  const target = readDay('2027-01-30')!
  const t = async (dueDay: number, units: number, change: Partial<Pool> = {}) => {
    const orders = { ...nothingOrdered, coming: () => onOrder(4, dueDay) }
    const { pools } = await planOf([pool(change)], [growing], { orders })
    expect(pools[0]!.units, dayText(dueDay)).toBe(units)
    return pools[0]!.lines[0]!
  }

  await t(target, 2)
  await t(target + 1, 6)
  // ⌈(80 × 1.5 / 0.7 − 100) / 10⌉ on the day of the event, and the order comes after it.
  const events = [{ name: 'sale', fromDay: today + 40, toDay: today + 40, factor: 1.5 }]
  await t(today + 40, 4, { events })
  expect((await t(today + 41, 8, { events })).target!.day).toBe(today + 40)
  // Less is wanted on the day of the event than on the target day, but the order is there on that alone.
  const small = [{ ...events[0]!, factor: 1.3 }]
  expect((await t(today + 41, 5, { events: small })).target!.day).toBe(today + 40)
  expect((await t(today + 40, 2, { events: small })).target!.day).toBe(target)
})

test('what is promised back is gone at once, and the plan has one number for all', async () => {
  const t = async (coming: readonly Coming[], onOrderUnits: number, units: number) => {
    const { pools } = await planOf([pool()], [growing], {
      orders: { ...nothingOrdered, coming: () => coming },
    })
    expect(pools[0]).toMatchObject({ units, lines: [{ onOrderUnits }] })
  }
  const far = today + 400

  await t(onOrder(-4, far), -4, 10)
  await t([...onOrder(-4, far), ...onOrder(10)], 6, 0)
})

test('an order that comes after the waterline may be met is said so, although nothing more is to be ordered', async () => {
  const t = async (dueDay: number, risk: string | null) => {
    const orders = { ...nothingOrdered, coming: () => onOrder(6, dueDay) }
    const plan = await planOf([pool({ leadDays: 5 })], [{ ...growing, demand: day => 50 + (day - today) }], {
      orders,
    })
    const report = poolReport(plan.pools[0]!, plan.asOfDay, [])
    expect([report.units <= 0, report.risk], dayText(dueDay)).toEqual([true, risk])
    return report
  }

  // The upper edge, 1.1 × (50 + 14), is at 70; the line six days later.
  const late = await t(today + 30, 'awaited')
  expect(late).toMatchObject({ earlyDay: today + 14, short: { earlyDay: today + 14, dueDay: today + 30 } })
  await t(today + 15, 'awaited')
  await t(today + 14, null)
  await t(today, null)
})

test('an order without a due day is expected its lead time after it was ordered, and so is it said each day', async () => {
  const leadDays = 20
  const ordered = today + 1
  const needed = today + 14
  // Growth that is measured a little otherwise each day, so that the waterline is met some days sooner or later.
  const t = async (passed: number, orderedDay: number | null, whatIf: PlanAsked['whatIf'] = {}) => {
    const noise = [0, 1, -1, 0.5, -0.5][passed % 5]!
    const demand = (day: number) => 50 + (day - today) + (noise * (day - today + 60)) / 60
    const coming = [{ request: 1, units: 12, day: null, orderedDay, isDelivered: false }]
    const plan = await planOf([pool({ leadDays })], [{ ...growing, demand }], {
      ...{ orders: { ...nothingOrdered, coming: () => coming }, whatIf },
      nowMs: nowMs + passed * 86_400_000,
    })
    return poolReport(plan.pools[0]!, plan.asOfDay, [])
  }

  for (let passed = 1; passed < 8; passed++) {
    const { risk, short } = await t(passed, ordered)
    expect([risk, short?.dueDay, short?.isDueAssumed], `${passed}`).toEqual([
      'awaited',
      ordered + leadDays,
      true,
    ])
    expect(Math.abs(short!.earlyDay! - needed)).toBeLessThan(3)
  }
  // What is approved can come no sooner than if it were ordered today.
  expect((await t(3, null)).short?.dueDay).toBe(today + 3 + leadDays)
  // It is under way, whatever is supposed of orders to come.
  expect((await t(3, ordered, { leadDays: 2 })).short?.dueDay).toBe(ordered + leadDays)
})

test('what is on order and comes in time is no risk, however long an order of today takes', async () => {
  const t = async (coming: readonly Coming[], risk: string | null) => {
    const orders = { ...nothingOrdered, coming: () => coming }
    const plan = await planOf([pool()], [{ ...growing, demand: day => 61 + (day - today) / 10 }], { orders })
    expect(poolReport(plan.pools[0]!, plan.asOfDay, []).risk).toBe(risk)
  }

  await t([], 'maybe')
  await t(onOrder(1, today + 2), null)
  await t(onOrder(1, today), null)
  // It should have come, and nobody knows when it will; what was delivered is there.
  await t(onOrder(1, today - 1), 'maybe')
  await t([{ ...onOrder(1, today - 1)[0]!, isDelivered: true }], null)
})

test('what is supposed of new units leaves those that are on order and spare as they are', async () => {
  const t = async (whatIf: PlanAsked['whatIf'], units: number) => {
    const orders = { ...nothingOrdered, coming: () => onOrder(2) }
    const { pools } = await planOf([pool({ spare: { kind: 'units', units: 1 } })], [growing], {
      orders,
      whatIf,
    })
    expect(pools[0]!.units).toBe(units)
    const formula = formulaOf(pools[0]!.lines[0]!, 'cores')!
    expect(formula.agrees).toBe(true)
    return formulaText(formula)
  }

  // (106 / 0.7 + 10 − 100 − 20) / 10, and the same by 20.
  await t({}, 5)
  expect(await t({ unitCapacity: { cpu: 20 } }, 3)).toBe('(106 ÷ 0.7 + 1 × 10 − 100 − 2 × 10) ÷ 20 = 2.07')
})

test('orders are those of one moment, however long the forecasts take', async () => {
  let coming = onOrder(0)
  const slow: Forecaster = {
    ...forecaster,
    async forecast(asked) {
      coming = onOrder(6)
      return asked.map(straight)
    },
  }
  const { pools } = await planOf([pool()], [growing], {
    ...{ forecaster: slow, orders: { ...nothingOrdered, coming: () => coming } },
  })
  expect(pools[0]).toMatchObject({ units: 6, ordersSeen: [] })
  const seen = await planOf([pool()], [growing], { orders: { ...nothingOrdered, coming: () => onOrder(6) } })
  expect(seen.pools[0]).toMatchObject({ units: 0, ordersSeen: [1] })
})

test('of several resources the one that needs most units decides, by name', async () => {
  const memory = { ...cpu, name: 'memory', supply: { ...cpu.supply, unitCapacity: 2 } } as const
  const two = pool({ resources: [cpu, memory], cost: { perUnit: 1_200, currency: 'CNY' } })
  const full: Told = { line: { ...web, resource: 'memory' }, demand: () => 18, supply: () => 20 }

  const { pools } = await planOf([two], [growing, full])

  expect(pools[0]).toMatchObject({ binding: 'cpu', units: 6, cost: 7_200 })
  const { pools: later } = await planOf([two], [{ ...growing, demand: () => 40 }, full])
  // ⌈(18 / 0.7 − 20) / 2⌉
  expect(later[0]).toMatchObject({ binding: 'memory', units: 3 })
})

test('nothing that is not known is ordered', async () => {
  const t = async (told: readonly Told[], why: string) => {
    const { pools } = await planOf([pool()], told)
    expect(pools[0], why).toMatchObject({ units: 0, binding: null })
    expect(pools[0]!.lines[0]!.why).toBe(why)
  }

  await t([], 'no_history')
  await t([{ ...growing, demand: () => Number.NaN }], 'no_history')
  // One day.
  await t([{ ...growing, demand: day => (day === today - 1 ? 50 : Number.NaN) }], 'no_history')
  await t([{ ...growing, supply: () => Number.NaN }], 'no_supply')
})

test('a supply that stopped being measured counts for a week', async () => {
  const until = (day: number) => [{ ...growing, supply: (at: number) => (at <= day ? 100 : Number.NaN) }]

  expect((await planOf([pool()], until(today - 7))).pools[0]!.units).toBe(6)
  expect((await planOf([pool()], until(today - 8))).pools[0]!.binding).toBeNull()
})

test('parts are planned by themselves, and the largest zone may fail', async () => {
  const part = (name: string, share: number): Told => ({
    line: { ...web, part: { zone: name } },
    demand: day => (40 + (day - today)) * share,
    supply: () => 100 * share,
  })
  const zones = pool({ by: ['zone'], spare: { kind: 'zone' } })

  const { pools } = await planOf([zones], [growing, part('a', 0.6), part('b', 0.4)])

  const [whole, a, b] = pools[0]!.lines
  expect(whole).toMatchObject({ spareUnits: 6, units: 12 })
  expect(a).toMatchObject({ line: { part: { zone: 'a' } }, spareUnits: 0, units: 4 })
  expect(b!.units).toBe(3)
  expect(pools[0]!.units).toBe(12)

  // A fifth has no line of its own, and may stand in either zone.
  const most = (partsMax: number) =>
    planOf([{ ...zones, partsMax }], [growing, part('a', 0.5), part('b', 0.3)]).then(
      plan => plan.pools[0]!.lines[0]!.spareUnits,
    )
  expect(await most(3)).toBe(5)
  expect(await most(2)).toBe(7)
})

test('a planned event decides where an order of today is there by then', async () => {
  const eventOn = (fromDay: number, factor: number) =>
    pool({ events: [{ name: 'sale', fromDay, toDay: fromDay, factor }] })
  const t = async (fromDay: number, factor: number, decides: number) => {
    const { pools } = await planOf([eventOn(fromDay, factor)], [growing])
    expect(pools[0]!.lines[0]!.target!.day - today).toBe(decides - today)
  }
  const target = readDay('2027-01-30')!

  await t(today + 40, 2, today + 40)
  // Too small to matter, too early for an order, behind the target.
  await t(today + 40, 1.1, target)
  await t(today + 10, 5, target)
  await t(target + 1, 5, target)
})

test('where the forecast has a week, its highest day counts and not the one on which the target falls', async () => {
  const weekly: Forecaster = {
    ...forecaster,
    forecast: async asked =>
      asked.map(each => {
        const flat = straight(each)
        const likely = flat.likely.map((_, at) => ((flat.firstDay + at) % 7 === 0 ? 90 : 50))
        return { ...flat, likely, fit: { ...flat.fit, weekly: [0, 0, 0, 0, 0, 0, 0] } }
      }),
  }

  const { pools } = await planOf([pool()], [growing], { forecaster: weekly })

  expect(pools[0]!.lines[0]!.target).toMatchObject({ likely: 90 })
})

test('what is supposed changes the plan and nothing else', async () => {
  const t = async (whatIf: PlanAsked['whatIf'], units: number) => {
    const { pools } = await planOf([pool()], [growing], { whatIf })
    expect(pools[0]?.units, JSON.stringify(whatIf)).toBe(units)
  }

  await t({}, 6)
  // ⌈(127.2 / 0.7 − 100) / 10⌉, ⌈(106 / 0.5 − 100) / 10⌉, ⌈(76 / 0.7 − 100) / 10⌉, ⌈(106 / 0.7 − 100) / 20⌉
  await t({ growth: 1.2 }, 9)
  await t({ waterline: 0.5 }, 12)
  await t({ leadDays: 0 }, 1)
  await t({ unitCapacity: { cpu: 20 } }, 3)
  await t({ events: [{ name: 'x', fromDay: today + 50, toDay: today + 50, factor: 3 }] }, 29)
  const { pools } = await planOf([pool(), pool({ name: 'db' })], [growing], { whatIf: { pools: ['db'] } })
  expect(pools.map(each => each.pool.name)).toEqual(['db'])
})

test('growth and events count as far as the target day, however long the lead time', async () => {
  const t = async (whatIf: PlanAsked['whatIf']) =>
    (await planOf([pool({ leadDays: 1_000 })], [growing], { whatIf })).pools[0]!.lines[0]!.target!.likely

  const as = await t({})
  expect(await t({ growth: 2 })).toBeCloseTo(2 * as)
  const late = readDay('2029-09-26')!
  expect(await t({ events: [{ name: 'x', fromDay: late, toDay: late + 9, factor: 3 }] })).toBeCloseTo(3 * as)
})

test('where an event leaves nothing of the window, nothing is ordered', async () => {
  const events = [{ name: 'closed', fromDay: today - 100, toDay: today - 1, factor: 0 }]
  const real = openForecaster()
  const plan = await planOf([pool()], [growing], { forecaster: real, whatIf: { events } })
  await real.close()

  expect(plan.pools[0]).toMatchObject({ units: 0, binding: null, lines: [{ why: 'no_history' }] })
})

test('parts of a time when the pool was divided otherwise are not of the plan, nor those long gone', async () => {
  const part = (labels: Record<string, string>): Told => ({ ...growing, line: { ...web, part: labels } })
  const gone = { ...part({ zone: 'c' }), demand: () => Number.NaN, supply: () => Number.NaN }

  const plan = await planOf(
    [pool({ by: ['zone'] })],
    [growing, part({ rack: 'r1' }), part({ zone: 'a' }), part({ rack: 'r1', zone: 'a' }), gone],
  )

  expect(plan.pools[0]!.lines.map(({ line }) => line.part)).toEqual([{}, { zone: 'a' }])
})

test('the spare of a zone does not count what another part has replaced', async () => {
  const part = (type: string, supply: (day: number) => number): Told => ({
    line: { ...web, part: { type, zone: 'a' } },
    demand: growing.demand,
    supply,
  })
  const before = part('old', day => (day < today - 3 ? 100 : Number.NaN))
  const after = part('new', day => (day < today - 3 ? Number.NaN : 100))
  const divided = pool({ by: ['zone', 'type'], spare: { kind: 'zone' } })

  const plan = await planOf([divided], [growing, before, after])

  expect(plan.pools[0]!.lines[0]).toMatchObject({ spareUnits: 10 })
})

test('what was said a month ago stands beside what came', async () => {
  const said = { madeDay: today - 31, ofDay: today - 1, likely: 45, low: 40, high: 50 }

  const { pools } = await planOf([pool()], [growing], { orders: { ...nothingOrdered, past: () => said } })

  expect(pools[0]!.lines[0]!.past).toEqual({ ...said, actual: 39 })
})
