// What may follow what, by hand and by chance: no sequence of acts leaves what cannot be.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Failure } from '#core/errors.ts'
import type { Request, RequestState } from '../../../capacity/request.ts'
import { type Act, actsOf, onOrderStates, type Step, step } from '../../../capacity/requests/life.ts'
import { merge, split } from '../../../capacity/requests/merging.ts'
import { basisOf, deed, requestOf, today } from './made.ts'

const codeOf = (work: () => unknown): string => {
  try {
    work()
    return 'nothing failed'
  } catch (error) {
    return (error as Failure).code
  }
}

test('a request goes its way, and each step says who, when and why', () => {
  let request = requestOf()
  const t = (act: Act, state: RequestState, more: object = {}) => {
    const before = request
    const { request: after, fact } = step(request, act, deed({ why: `why ${act.do}` }))
    expect(after, act.do).toMatchObject({ state, version: before.version + 1, ...more })
    expect(fact).toMatchObject({ id: `1/${after.version}`, request: 1, who: 'ann', why: `why ${act.do}` })
    request = after
  }

  t({ do: 'submit' }, 'submitted')
  t({ do: 'reject' }, 'rejected')
  t({ do: 'reopen' }, 'draft')
  t({ do: 'edit', change: { units: 6, neededDay: today + 9, why: 'half' } }, 'draft', {
    ...{ units: 6, neededDay: today + 9, why: 'half', cost: { amount: 6_000, currency: 'CNY' } },
  })
  t({ do: 'submit' }, 'submitted')
  t({ do: 'approve', dueDay: today + 20 }, 'approved', { dueDay: today + 20 })
  t({ do: 'edit', change: { dueDay: today + 25 } }, 'approved', { dueDay: today + 25 })
  t({ do: 'order' }, 'ordered', { dueDay: today + 25 })
  // In pieces.
  t({ do: 'deliver', units: 4 }, 'ordered', { deliveredUnits: 4 })
  t({ do: 'deliver' }, 'delivered', { deliveredUnits: 6 })
  t({ do: 'close' }, 'closed')
  expect(actsOf(request)).toEqual([])
})

test('what may not follow is refused, and says what may', () => {
  const t = (state: RequestState, act: Act, wanted: string) =>
    expect(() => step(requestOf({ state }), act, deed()), `${state} ${act.do}`).toThrow(wanted)

  t(
    'draft',
    { do: 'approve' },
    'request 1 is draft and cannot be approved: it can be submitted, withdrawn, edited',
  )
  t('submitted', { do: 'submit' }, 'request 1 is submitted already: it can be approved')
  t('rejected', { do: 'order' }, 'it can be reopened')
  t('ordered', { do: 'withdraw' }, 'it can be delivered, closed, edited')
  t('closed', { do: 'edit', change: { units: 3 } }, 'nothing more can be done to it')
  t(
    'approved',
    { do: 'edit', change: { units: 3 } },
    'of what is approved only dueDay may be changed, found units',
  )
  const merged = requestOf({ state: 'withdrawn', mergedInto: 7 })
  expect(() => step(merged, { do: 'submit' }, deed())).toThrow('is merged into 7')
})

test('who says no, or changes what others have read, says why', () => {
  const t = (state: RequestState, act: Act, code: string) =>
    expect(
      codeOf(() => step(requestOf({ state }), act, deed({ why: ' ' }))),
      act.do,
    ).toBe(code)

  t('submitted', { do: 'reject' }, 'bad_request')
  t('draft', { do: 'withdraw' }, 'bad_request')
  t('draft', { do: 'edit', change: { units: 3 } }, 'bad_request')
  // The rest never comes.
  t('ordered', { do: 'close' }, 'bad_request')
  t('delivered', { do: 'close' }, 'nothing failed')
  t('draft', { do: 'submit' }, 'nothing failed')
})

test('numbers and days that nobody can mean are refused', () => {
  const t = (change: object, wanted: string) =>
    expect(() => step(requestOf(), { do: 'edit', change }, deed()), wanted).toThrow(wanted)

  t({ units: 0 }, 'units: wanted a whole number from 1 to 1000000, found 0')
  t({ units: 1.5 }, 'found 1.5')
  t({ units: 1e9 }, 'found 1000000000')
  t({ neededDay: -1 }, 'neededDay: wanted a day')
  t({ dueDay: 1e7 }, 'dueDay: wanted a day up to')
  t({ why: 'x'.repeat(4_001) }, 'why: wanted at most 4000 characters')
  t({ units: 12 }, 'wanted something to change')
  const ordered = requestOf({ state: 'ordered', deliveredUnits: 10 })
  expect(() => step(ordered, { do: 'deliver', units: 3 }, deed())).toThrow('wanted at most 2')
})

test('more than a million is what a run may ask for, and nobody types', () => {
  const big = requestOf({ state: 'ordered', units: 1_500_000 })
  expect(step(big, { do: 'deliver' }, deed()).request).toMatchObject({ state: 'delivered' })
  expect(step(big, { do: 'edit', change: { dueDay: today + 5 } }, deed()).request.dueDay).toBe(today + 5)
  const draft = { ...big, state: 'draft' as const }
  const edit = (units: number) => step(draft, { do: 'edit', change: { units } }, deed()).request.units
  expect(edit(1_400_000)).toBe(1_400_000)
  expect(() => edit(1_500_001)).toThrow('units: wanted a whole number from 1 to 1500000')
  expect(split(draft, [{ units: 1_400_000 }, { units: 100_000 }], [9], deed()).made).toHaveLength(1)
  const mine = requestOf({ number: 3, source: 'person', units: 4 })
  expect(merge(mine, draft, deed()).into.request.units).toBe(1_500_004)
})

test('a delivery that was too high is put right, with a reason', () => {
  const t = (change: Partial<Request>, units: number | undefined, why = 'a slip') =>
    step(
      requestOf({ state: 'delivered', deliveredUnits: 12, ...change }),
      { do: 'correct', units },
      deed({ why }),
    )

  expect(t({}, 2)).toMatchObject({
    request: { state: 'ordered', deliveredUnits: 2, units: 12 },
    fact: { what: 'delivered', details: { units: -10, deliveredUnits: 2, of: 12, corrected: true } },
  })
  expect(t({ state: 'ordered', deliveredUnits: 5 }, 0).request).toMatchObject({ deliveredUnits: 0 })
  expect(() => t({}, 12)).toThrow('have come in all, less than 12, found 12')
  expect(() => t({}, -1)).toThrow('found -1')
  expect(() => t({}, undefined)).toThrow('found none')
  expect(() => t({}, 2, ' ')).toThrow('wanted the reason')
  // Nothing has come of it, so there is nothing to correct.
  expect(() => t({ state: 'ordered', deliveredUnits: 0 }, 0)).toThrow('it can be delivered, closed, edited')
})

test('twelve become five and seven, and both know', () => {
  const before = requestOf({ state: 'approved', dueDay: today + 3, basis: basisOf() })
  const { kept, made } = split(before, [{ units: 5 }, { units: 7, part: { zone: 'b' } }], [9], deed())
  expect(kept.request).toMatchObject({ number: 1, units: 5, cost: { amount: 5_000 }, version: 2, part: {} })
  expect(made[0]?.request).toMatchObject({
    ...{ number: 9, units: 7, splitFrom: 1, state: 'approved', dueDay: today + 3, version: 1 },
    ...{ cost: { amount: 7_000 }, part: { zone: 'b' }, basis: before.basis },
  })
  expect([kept.fact.details, made[0]?.fact.details]).toEqual([
    { was: 12, units: [5, 7], into: [9] },
    { from: 1, was: 12, units: [5, 7], into: [9] },
  ])
  const t = (pieces: readonly { units: number; part?: Record<string, string> }[], wanted: string) =>
    expect(() => split(requestOf({ part: { zone: 'a' } }), pieces, [9], deed())).toThrow(wanted)
  t([{ units: 5 }, { units: 6 }], 'wanted pieces that are 12 together')
  t([{ units: 12 }], 'two pieces or more')
  t([{ units: 12 }, { units: 0 }], 'from 1')
  t([{ units: 5 }, { units: 7, part: { zone: 'b' } }], 'wanted parts of {"zone":"a"}')
  expect(() => split(requestOf({ state: 'ordered' }), [{ units: 5 }, { units: 7 }], [9], deed())).toThrow(
    'cannot be split',
  )
})

test("a person's own joins the month's, and stays readable", () => {
  const mine = requestOf({ number: 3, source: 'person', application: 'pay', units: 4, state: 'submitted' })
  const { gone, into } = merge(mine, requestOf(), deed())
  expect(gone.request).toMatchObject({ state: 'withdrawn', mergedInto: 1, units: 4 })
  expect(gone.fact).toMatchObject({ what: 'merged', details: { into: 1, units: 4 } })
  expect(into.request).toMatchObject({ units: 16, cost: { amount: 16_000, currency: 'CNY' } })
  // Whoever needs his sooner does not wait.
  const soon = merge({ ...mine, neededDay: today + 5 }, requestOf(), deed())
  expect(soon.into.request.neededDay).toBe(today + 5)
  const t = (change: Partial<Request>, wanted: string) =>
    expect(() => merge({ ...mine, ...change }, requestOf(), deed()), wanted).toThrow(wanted)
  t({ source: 'forecast' }, "wanted a person's request and one of the month")
  t({ pool: 'db' }, 'wanted two of the same pool')
  t({ part: { zone: 'a' } }, 'wanted two of the same pool')
  t({ kind: 'reclaim' }, 'wanted two of the same pool')
  t({ month: '2027-02' }, 'month: wanted two of the same month, found 3 (2027-02) and 1 (2026-12)')
  t({ state: 'approved' }, 'cannot be merged')
  t({ mergedInto: 8 }, 'merged into 8')
})

const act: fc.Arbitrary<Act> = fc.oneof(
  fc.constantFrom(
    ...(['submit', 'reject', 'reopen', 'withdraw', 'close', 'approve', 'order'] as const).map(each => ({
      do: each,
    })),
  ),
  fc.record({
    do: fc.constant('deliver' as const),
    units: fc.option(fc.integer({ min: -1, max: 9 }), { nil: undefined }),
  }),
  fc.record({ do: fc.constant('correct' as const), units: fc.integer({ min: -1, max: 9 }) }),
  fc.record({
    do: fc.constant('edit' as const),
    change: fc.record({ units: fc.integer({ min: -1, max: 20 }) }),
  }),
)

const deedAt = fc.oneof(
  fc.record({ at: fc.nat(4), act }),
  fc.record({ at: fc.nat(4), first: fc.integer({ min: 0, max: 20 }) }),
  fc.record({ at: fc.nat(4), into: fc.nat(4) }),
)

test('no sequence of acts leaves what cannot be, and nothing is made or lost by splitting and merging', () => {
  const start = [
    requestOf(),
    requestOf({ number: 2, source: 'person' }),
    requestOf({ number: 3, source: 'person' }),
  ]
  const alive = (all: readonly Request[]): number =>
    all.filter(({ mergedInto }) => mergedInto === null).reduce((sum, { units }) => sum + units, 0)
  fc.assert(
    fc.property(fc.array(deedAt, { maxLength: 40 }), deeds => {
      let all: Request[] = start
      const put = (steps: readonly Step[]): void => {
        const changed = new Map(steps.map(({ request }) => [request.number, request]))
        all = [...all.map(each => changed.get(each.number) ?? each)]
        for (const each of changed.values())
          if (!all.some(({ number }) => number === each.number)) all.push(each)
      }
      for (const each of deeds) {
        const before = all
        const request = all[each.at % all.length]!
        try {
          if ('act' in each) {
            const { request: after, fact } = step(request, each.act, deed())
            expect(after.version).toBe(request.version + 1)
            expect(fact.id).toBe(`${request.number}/${after.version}`)
            put([{ request: after, fact }])
          } else if ('first' in each) {
            const pieces = [{ units: each.first }, { units: request.units - each.first }]
            const { kept, made } = split(request, pieces, [all.length + 1], deed())
            put([kept, ...made])
            expect(alive(all)).toBe(alive(before))
          } else {
            const { gone, into } = merge(request, all[each.into % all.length]!, deed())
            put([gone, into])
            expect(alive(all)).toBe(alive(before))
          }
        } catch (error) {
          // What is refused changes nothing.
          expect(error).toBeInstanceOf(Failure)
          expect(all).toBe(before)
        }
        for (const one of all) {
          expect(one.units).toBeGreaterThan(0)
          expect(one.deliveredUnits).toBeGreaterThanOrEqual(0)
          expect(one.deliveredUnits).toBeLessThanOrEqual(one.units)
          expect(one.cost?.amount).toBeCloseTo(one.units * 1_000, 3)
          if (one.state === 'delivered') expect(one.deliveredUnits).toBe(one.units)
          if (!['ordered', 'delivered', 'closed'].includes(one.state)) expect(one.deliveredUnits).toBe(0)
          if (one.mergedInto !== null) expect([one.state, actsOf(one)]).toEqual(['withdrawn', []])
          // What is to come is never less than nothing.
          if (onOrderStates.includes(one.state))
            expect(one.units - one.deliveredUnits).toBeGreaterThanOrEqual(0)
        }
        expect(new Set(all.map(({ number }) => number)).size).toBe(all.length)
      }
    }),
    { numRuns: 60 },
  )
})

test('what is given back goes on the day from which it is not missed, unless somebody says another', () => {
  const t = (dueDay: number | undefined, is: number | null, kind: Request['kind'] = 'reclaim') => {
    const before = requestOf({ kind, state: 'submitted', neededDay: today + 66 })
    const { request, fact } = step(before, { do: 'approve', dueDay }, deed())
    expect(request.dueDay).toBe(is)
    expect(fact.details).toEqual(is === null ? {} : { dueDay: { was: null, is } })
  }

  t(undefined, today + 66)
  t(today + 9, today + 9)
  t(undefined, null, 'expand')
})
