// Which days are still looked at: however often it is interrupted, in the end all of them are, and none twice.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Looked } from '../../../capacity/history/book.ts'
import {
  askedNow,
  daysWanted,
  extended,
  othersUntil,
  reachOf,
} from '../../../capacity/history/days-wanted.ts'
import { runs } from '../../runs.ts'

const days = (looked: Looked | undefined, fromDay: number, toDay: number, again = false): number[] =>
  daysWanted(reachOf(looked, 'x', { fromDay, toDay }), { fromDay, toDay }, again).map(({ day }) => day)
const looked = (fromDay: number, toDay: number): Looked => ({ asked: 'x', fromDay, toDay })

test('the newest come first, but what came since comes before', () => {
  expect(days(undefined, 5, 8)).toEqual([8, 7, 6, 5])
  expect(days(looked(5, 8), 5, 8)).toEqual([])
  // The last one once more, for agents that delivered late.
  expect(days(looked(5, 8), 6, 10)).toEqual([8, 9, 10])
  expect(days(looked(7, 8), 5, 10)).toEqual([8, 9, 10, 6, 5])
  expect(days(looked(7, 20), 5, 10)).toEqual([6, 5])
  // A hole between what was looked at and what is wanted: begins anew.
  expect(days(looked(1, 3), 5, 7)).toEqual([7, 6, 5])
  expect(days(looked(1, 4), 5, 7)).toEqual([5, 6, 7])
  expect(days(looked(20, 30), 5, 7)).toEqual([7, 6, 5])
  // Other questions.
  expect(days({ ...looked(5, 8), asked: 'y' }, 7, 8)).toEqual([8, 7])
  expect(days(looked(6, 7), 5, 8, true)).toEqual([7, 8, 5, 6])
})

test('only days before what was looked at wait for each other', () => {
  const found = daysWanted(looked(6, 7), { fromDay: 4, toDay: 9 }, true)
  expect(found.filter(({ holdsUp }) => holdsUp).map(({ day }) => day)).toEqual([5, 4])
})

test('interrupted anywhere and with windows that move, each day is looked at', () => {
  const run = fc.record({
    fromDay: fc.integer({ min: 0, max: 30 }),
    days: fc.integer({ min: 1, max: 30 }),
    stopsAfter: fc.integer({ min: 0, max: 40 }),
    again: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(run, { minLength: 1, maxLength: 8 }), runs => {
      const seen = new Set<number>()
      let reach: Looked | undefined
      for (const { fromDay, days: many, stopsAfter, again } of runs) {
        const span = { fromDay, toDay: fromDay + many - 1 }
        let now = reachOf(reach, 'x', span)
        const wanted = daysWanted(now, span, again)
        expect(new Set(wanted.map(({ day }) => day)).size).toBe(wanted.length)
        for (const { day } of wanted.slice(0, stopsAfter)) {
          seen.add(day)
          now = extended(now, 'x', day)
          reach = now
        }
        // What is said to be looked at, was.
        for (let day = reach?.fromDay ?? 1; day <= (reach?.toDay ?? 0); day++) expect(seen).toContain(day)
      }
    }),
    { numRuns: runs(60) },
  )
})

test('days that a clock ahead took for over are still to be looked at', () => {
  expect(reachOf(looked(5, 20), 'x', { fromDay: 4, toDay: 8 })).toEqual(looked(5, 8))
  expect(reachOf(looked(9, 20), 'x', { fromDay: 4, toDay: 8 })).toBeUndefined()
})

test('what was recorded before the questions changed is of others, and stays so', () => {
  expect(askedNow(undefined, 'x', 9)).toBe('x')
  expect(askedNow(looked(5, 8), 'x', 9)).toBe('x')
  expect(othersUntil('x')).toBe(Number.NEGATIVE_INFINITY)
  const changed = askedNow(looked(5, 8), 'y', 9)
  expect(othersUntil(changed)).toBe(9)
  // Days later, after a restart.
  expect(askedNow({ ...looked(5, 9), asked: changed }, 'y', 30)).toBe(changed)
  expect(othersUntil(askedNow({ ...looked(5, 9), asked: changed }, 'x', 40))).toBe(40)
})
