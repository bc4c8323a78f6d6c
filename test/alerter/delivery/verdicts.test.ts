// What the verdicts of one message come to.
import { expect, test } from 'vitest'
import { eachOf, resultOf } from '../../../alerter/delivery/verdicts.ts'

test('whoever was told of several is told, and whom it did not reach goes along', () => {
  expect(
    resultOf([
      { kind: 'accepted', receipts: ['a', 'b'], lost: ['a tablet: answered 410'] },
      { kind: 'refused', because: 'settings', reason: 'no such number' },
      { kind: 'delivered', receipt: 'c' },
    ]),
  ).toEqual({
    ...{ kind: 'told', isCertain: false, receipts: ['a', 'b', 'c'] },
    lost: ['no such number', 'a tablet: answered 410'],
  })
})

test('one that is later makes all of it later, by the shortest wait', () => {
  const t = (waits: readonly (number | undefined)[], afterMs: number | undefined) =>
    expect(
      resultOf([
        ...waits.map(each => ({
          ...{ kind: 'later' as const, reason: 'busy' },
          ...(each !== undefined && { afterMs: each }),
        })),
      ]),
    ).toEqual({ kind: 'later', reason: 'busy', afterMs, told: 'nobody', isLimit: false })
  t([9_000, 2_000], 2_000)
  // Whoever named none is asked when backoff says so.
  t([2_000, 9_000, 0], undefined)
  t([0], undefined)
  t([undefined], undefined)
})

test('what is later says whether others have it, and since when', () => {
  const [told, later] = [{ kind: 'accepted' }, { kind: 'later', reason: 'busy' }] as const
  expect(resultOf([told, later])).toMatchObject({ told: 'now' })
  expect(resultOf([told, later], new Map([[0, told]]))).toMatchObject({ told: 'before' })
  expect(resultOf([later])).toMatchObject({ told: 'nobody' })
})

test('one verdict of all who are left is in no place that is taken', () => {
  const [told, later] = [{ kind: 'accepted' }, { kind: 'later', reason: 'busy' }] as const
  const t = (taken: readonly number[], wanted: readonly object[]) =>
    expect(eachOf(later, new Map(taken.map(nth => [nth, told] as const)))).toEqual(wanted)
  t([], [later])
  t([0], [told, later])
  t([1], [later, told])
  t([0, 3], [told, later, later, told])
})

test('it is a limit where nothing else is in the way and somebody says for how long', () => {
  const limit = { kind: 'later', reason: 'too fast', isLimit: true, afterMs: 9_000 } as const
  const endless = { kind: 'later', reason: 'too fast', isLimit: true } as const
  const down = { kind: 'later', reason: 'down' } as const
  expect(resultOf([endless])).toMatchObject({ isLimit: false })
  expect(resultOf([limit, { kind: 'delivered' }, endless])).toMatchObject({ isLimit: true })
  expect(resultOf([limit, down])).toMatchObject({ isLimit: false })
})

test('of refusals that of the message counts, since another message may do', () => {
  const settings = { kind: 'refused', because: 'settings', reason: 'key' } as const
  const message = { kind: 'refused', because: 'message', reason: 'long' } as const
  expect(resultOf([settings, message])).toEqual(message)
  expect(resultOf([settings])).toEqual(settings)
  expect(resultOf([])).toMatchObject({ because: 'message', reason: 'nothing was sent' })
})
