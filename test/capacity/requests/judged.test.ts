// Requests of past months against what came.
import { expect, test } from 'vitest'
import type { Days } from '../../../capacity/history.ts'
import type { Request, RequestFact } from '../../../capacity/request.ts'
import { asked, judge } from '../../../capacity/requests/judged.ts'
import { basisOf, deed, poolOf, requestOf, today } from './made.ts'

const targetDay = today - 5
const basis = basisOf({ targetDay, asOfDay: today - 70 })
const used = (values: Readonly<Record<string, number>>) => ({
  demand: ({ pool }: { pool: string }): Days => ({
    firstDay: targetDay,
    values: Float64Array.of(values[pool] ?? Number.NaN),
  }),
})
const edit = (request: number, who: string): RequestFact => ({
  ...{ id: `${request}/2`, request, what: 'edited', details: { units: { was: 2, is: 5 } } },
  ...deed({ who }),
})
const pools = new Map(['web', 'db'].map(name => [name, poolOf(name)]))
const of = async (
  requests: readonly Request[],
  values: Record<string, number>,
  edits: readonly RequestFact[] = [],
) => judge(await asked(requests, { untilDay: today - 1, edits }), { history: used(values), pools })

test('says what was forecast, what was asked, and what would have been enough', async () => {
  const requests = [
    requestOf({ number: 1, basis, units: 5, state: 'closed', deliveredUnits: 5 }),
    requestOf({ number: 2, pool: 'db', basis, units: 2, state: 'approved' }),
    // Its day has not come.
    requestOf({ number: 3, basis: basisOf({ targetDay: today }) }),
  ]
  const {
    requests: judged,
    pools: biases,
    planners,
  } = await of(requests, { web: 98, db: 70 }, [edit(1, 'ann')])
  // 98 / 0.7 is 140, of which there are 100: four more units of 10. At 70 there was just enough.
  expect(
    judged.map(({ request, formulaUnits, askedUnits, deliveredUnits, used: came, enoughUnits }) => [
      request,
      formulaUnits,
      askedUnits,
      deliveredUnits,
      came,
      enoughUnits,
    ]),
  ).toEqual([
    [1, 2, 5, 5, 98, 4],
    [2, 2, 2, 0, 70, 0],
  ])
  expect(biases).toEqual([
    { pool: 'web', count: 1, demand: (84 - 98) / 98, units: -2 },
    { pool: 'db', count: 1, demand: (84 - 70) / 70, units: 2 },
  ])
  // The formula was two too low, and ann one too high.
  expect(planners).toEqual([{ who: 'ann', count: 1, formulaUnits: -2, askedUnits: 1 }])
})

test('pieces count together, what people added does not, and what was withdrawn asked for nothing', async () => {
  const split = [
    requestOf({ number: 1, basis, units: 5, state: 'delivered', deliveredUnits: 5 }),
    // It stands on the same, and is judged with what it was split from.
    requestOf({ number: 2, splitFrom: 1, units: 7, state: 'ordered', deliveredUnits: 3, basis: basisOf() }),
    requestOf({ number: 3, splitFrom: 2, units: 1, state: 'rejected' }),
    requestOf({ number: 4, source: 'person', units: 2, state: 'withdrawn', mergedInto: 2 }),
  ]
  expect((await of(split, { web: 98 })).requests).toMatchObject([{ askedUnits: 10, deliveredUnits: 8 }])
  const none = [requestOf({ number: 1, basis, state: 'withdrawn' })]
  expect((await of(none, { web: 98 })).requests).toMatchObject([{ askedUnits: 0 }])
  const back = requestOf({
    kind: 'reclaim',
    basis: { ...basis, units: -3 },
    units: 3,
    state: 'closed',
    deliveredUnits: 3,
  })
  expect((await of([back], { web: 42 })).requests).toMatchObject([
    { formulaUnits: -3, askedUnits: -3, deliveredUnits: -3, enoughUnits: -4 },
  ])
})

test('what was not measured, or is no pool any more, is shown without a judgement', async () => {
  const requests = [requestOf({ basis }), requestOf({ number: 2, pool: 'gone', basis })]
  const { requests: judged, pools: biases } = await of(requests, {})
  expect(judged.map(each => [each.used, each.enoughUnits])).toEqual([
    [null, null],
    [null, null],
  ])
  expect(biases).toEqual([])
})
