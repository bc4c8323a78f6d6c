// What a run finds in its month, and what it makes of it.
import { expect, test } from 'vitest'
import type { Plan } from '../../../capacity/plan.ts'
import { poolReport } from '../../../capacity/report/pool-report.ts'
import type { Request } from '../../../capacity/request.ts'
import { draftsOf } from '../../../capacity/requests/drafts.ts'
import { earlierOf, type Kept, type Redrafted, redraft } from '../../../capacity/requests/redraft.ts'
import { basisOf, deed, forecastOf, lineOf, planOf, pooled, requestOf, today } from './made.ts'

const drafted = (plan: Plan) => draftsOf(plan)
const run = async (kept: readonly Kept[], plan: Plan, nextNumber = 50): Promise<readonly Redrafted[]> =>
  redraft(kept, await drafted(plan), {
    ...{ month: '2026-12', nextNumber, deed: deed({ who: 'plimsoll', why: '' }) },
  })
const kept = (change: Partial<Request>, more: Partial<Kept> = {}): Kept => ({
  request: requestOf({ basis: basisOf({ units: 12 }), ...change }),
  ...{ isTouched: true, notedUnits: null },
  ...more,
})
const shown = (steps: readonly Redrafted[]) =>
  steps.map(({ request, fact }) => [request.number, fact.what, request.state, request.units])

test('a plan becomes drafts, each with what it stands on', async () => {
  const { drafts, unknown } = await drafted(
    planOf([
      pooled('web', 3),
      pooled('idle', -4),
      pooled('enough', 0),
      pooled('new', 0, { binding: null, lines: [lineOf('new', 0, { forecast: null, why: 'no_history' })] }),
    ]),
  )
  expect(drafts.map(({ pool, kind, units, cost }) => [pool, kind, units, cost?.amount])).toEqual([
    ['web', 'expand', 3, 3_000],
    ['idle', 'reclaim', 4, -4_000],
  ])
  expect([...unknown]).toEqual(['new'])
  expect(drafts[0]).toMatchObject({
    // When the waterline is met, not at the end of what is looked at.
    neededDay: today + 20,
    basis: { resource: 'cpu', targetDay: today + 66, likely: 84, supply: 100, units: 3, smape: 0.05 },
  })
  // What it knows is said when somebody reads it.
  expect(drafts.map(({ why }) => why)).toEqual(['', ''])
})

test('a waterline that is met already is needed soon, not in the past', async () => {
  const forecast = forecastOf({ meets: { earlyDay: today - 9, likelyDay: today - 5, lateDay: today } })
  const [draft] = (await drafted(planOf([pooled('web', 3, { lines: [lineOf('web', 3, { forecast })] })])))
    .drafts
  expect(draft?.neededDay).toBe(today)
})

test('units are needed when a waterline may be met first, as the report of the same plan says', async () => {
  const meets = { earlyDay: today + 9, likelyDay: today + 20, lateDay: null }
  const pool = pooled('web', 3, { lines: [lineOf('web', 3, { forecast: forecastOf({ meets }) })] })
  const over = { ...pool, lines: pool.lines.map(each => ({ ...each, level: 0.9, waterline: 0.7 })) }
  for (const [plan, day] of [
    [planOf([pool]), today + 9],
    [planOf([over]), today],
  ] as const) {
    expect((await drafted(plan)).drafts[0]?.neededDay).toBe(day)
    expect(poolReport(plan.pools[0]!, plan.asOfDay, []).neededDay).toBe(day)
  }
})

test('a draft that nobody touched is made anew, or taken back; its number stays', async () => {
  const fresh = kept({}, { isTouched: false })
  expect(shown(await run([fresh], planOf([pooled('web', 14)])))).toEqual([[1, 'made', 'draft', 14]])
  expect(shown(await run([fresh], planOf([pooled('web', 0)])))).toEqual([[1, 'withdrawn', 'withdrawn', 12]])
  const back = kept({ state: 'withdrawn' }, { isTouched: false })
  expect(shown(await run([back], planOf([pooled('web', 3)])))).toEqual([[1, 'made', 'draft', 3]])
  // The same plan once more changes nothing.
  const [made] = await run([], planOf([pooled('web', 14)]))
  expect(await run([made!], planOf([pooled('web', 14)]))).toEqual([])
})

test('what somebody changed, submitted or refused stays, and is told the new number once', async () => {
  for (const state of ['draft', 'submitted', 'rejected', 'withdrawn'] as const) {
    const mine = kept({ state, units: 10 })
    const steps = await run([mine], planOf([pooled('web', 14)]))
    expect(shown(steps), state).toEqual([[1, 'noted', state, 10]])
    expect(steps[0]?.fact.details).toEqual({ units: { was: 12, is: 14 } })
    expect(await run([steps[0]!], planOf([pooled('web', 14)])), state).toEqual([])
    expect(shown(await run([steps[0]!], planOf([pooled('web', 0)]))), state).toEqual([
      [1, 'noted', state, 10],
    ])
  }
  expect(await run([kept({ units: 10 })], planOf([pooled('web', 12)]))).toEqual([])
})

test('what is approved is on order already, so more than that is another draft', async () => {
  const seen = planOf([pooled('web', 2, { ordersSeen: [1] })])
  for (const state of ['approved', 'ordered', 'delivered', 'closed'] as const)
    expect(shown(await run([kept({ state })], seen)), state).toEqual([[50, 'made', 'draft', 2]])
  const merged = kept({ state: 'withdrawn', mergedInto: 9 })
  expect(shown(await run([merged], planOf([pooled('web', 2)])))).toEqual([[50, 'made', 'draft', 2]])
})

test('a piece of what is on order already is no news, nor is a piece of the piece', async () => {
  const plan = planOf([pooled('web', 30, { ordersSeen: [1] })])
  const whole = kept({ state: 'approved', units: 20 })
  const piece = kept({ number: 2, splitFrom: 1, state: 'approved', units: 25 })
  const other = kept({ number: 3, splitFrom: 2, state: 'ordered', units: 5 })
  expect(shown(await run([whole, piece, other], plan))).toEqual([[50, 'made', 'draft', 30]])
  // Of one that the plan did not count on, each piece is.
  expect(shown(await run([piece, other], planOf([pooled('web', 40)])))).toEqual([[50, 'made', 'draft', 10]])
})

test('what was approved while the plan was being made is not asked for again; what is missing beyond it is', async () => {
  const late = kept({ state: 'approved' })
  const t = async (units: number, wanted: readonly unknown[], kepts = [late]) =>
    expect(shown(await run(kepts, planOf([pooled('web', units)])))).toEqual(wanted)

  await t(12, [])
  await t(20, [[50, 'made', 'draft', 8]])
  // Of whomever and whichever month it is; what has come of it was not on order.
  await t(
    20,
    [[50, 'made', 'draft', 11]],
    [kept({ state: 'ordered', source: 'person', month: '2026-10', deliveredUnits: 3 })],
  )
  const [made] = await run([late], planOf([pooled('web', 20)]))
  expect(made!.request).toMatchObject({ cost: { amount: 8_000 }, basis: { units: 20 } })
  // A draft that nobody touched is made anew with what is left.
  const fresh = kept({ number: 2 }, { isTouched: false })
  await t(20, [[2, 'made', 'draft', 8]], [late, fresh])
  await t(12, [[2, 'withdrawn', 'withdrawn', 12]], [late, fresh])
})

test('what waits since an earlier month is not drafted a second time, and is told what is needed now', async () => {
  const plan = (units: number) => planOf([pooled('web', units)])
  for (const state of ['draft', 'submitted'] as const) {
    const old = kept({ month: '2026-11', state })
    expect(await run([old], plan(12)), state).toEqual([])
    const steps = await run([old], plan(14))
    expect(shown(steps), state).toEqual([[1, 'noted', state, 12]])
    expect(steps[0]?.fact.details).toEqual({ units: { was: 12, is: 14 } })
    expect(shown(await run([old], plan(0))), state).toEqual([[1, 'noted', state, 12]])
    const { drafts, unknown, seen } = await drafted(plan(14))
    expect(earlierOf([old], { drafts, unknown, seen }, '2026-12'), state).toMatchObject([
      { number: 1, month: '2026-11', pool: 'web', state, units: 12, neededUnits: 14 },
    ])
  }
  // A no of last month is no answer to this one, and what is to be given back is no order.
  for (const change of [{ state: 'rejected' }, { state: 'withdrawn' }] as const)
    expect(shown(await run([kept({ month: '2026-11', ...change })], plan(14)))).toEqual([
      [50, 'made', 'draft', 14],
    ])
  const back = kept({ month: '2026-11', kind: 'reclaim', state: 'submitted' })
  expect(shown(await run([back], plan(14)))).toEqual([
    [1, 'noted', 'submitted', 12],
    [50, 'made', 'draft', 14],
  ])
  // An untouched draft of this month gives way to it.
  const fresh = kept({ number: 2 }, { isTouched: false })
  expect(shown(await run([kept({ month: '2026-11' }), fresh], plan(12)))).toEqual([
    [2, 'withdrawn', 'withdrawn', 12],
  ])
})

test('drafts of earlier months give way; of what nobody knows nothing is taken back', async () => {
  const old = kept({ number: 4, month: '2026-11' }, { isTouched: false })
  expect(shown(await run([old], planOf([pooled('web', 2)])))).toEqual([
    [50, 'made', 'draft', 2],
    [4, 'withdrawn', 'withdrawn', 12],
  ])
  const unknown = pooled('web', 0, { binding: null })
  expect(await run([old, kept({}, { isTouched: false })], planOf([unknown]))).toEqual([])
})

test('new drafts have numbers in a row', async () => {
  const plan = planOf([pooled('a', 1), pooled('web', 2), pooled('b', 3)])
  expect(shown(await run([kept({}, { isTouched: false })], plan, 7))).toEqual([
    [7, 'made', 'draft', 1],
    [1, 'made', 'draft', 2],
    [8, 'made', 'draft', 3],
  ])
})

test('a piece of what was split is told a new number, and not the one that it stands on', async () => {
  const piece = kept({ number: 2, splitFrom: 1, units: 7 })
  expect(shown(await run([piece], planOf([pooled('web', 12)])))).toEqual([])
  expect(shown(await run([piece], planOf([pooled('web', 14)])))).toEqual([[2, 'noted', 'draft', 7]])
})

test('a pool that is planned no more needs nothing: its drafts are taken back, and who waits hears of it', async () => {
  const plan = planOf([pooled('website', 12)])
  const old = kept({ number: 2, month: '2026-11', state: 'submitted' })
  const fresh = kept({ number: 3 }, { isTouched: false })
  const ordered = kept({ number: 4, state: 'ordered' })
  expect(shown(await run([old, fresh, ordered], plan))).toEqual([
    [50, 'made', 'draft', 12],
    [2, 'noted', 'submitted', 12],
    [3, 'withdrawn', 'withdrawn', 12],
  ])
  expect(earlierOf([old], await drafted(plan), '2026-12')).toMatchObject([{ number: 2, neededUnits: 0 }])
})
