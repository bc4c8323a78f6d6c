// What the verdicts of one message come to.
import { expect, test } from 'vitest'
import { resultOf } from '../../../alerter/delivery/verdicts.ts'

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

test('one that is later makes all of it later, by the longest wait that was named', () => {
  const t = (waits: readonly (number | undefined)[], afterMs: number | undefined) =>
    expect(
      resultOf([
        { kind: 'delivered' },
        ...waits.map(each => ({
          ...{ kind: 'later' as const, reason: 'busy' },
          ...(each !== undefined && { afterMs: each }),
        })),
      ]),
    ).toEqual({ kind: 'later', reason: 'busy', afterMs })
  t([2_000, 9_000, 0], 9_000)
  t([0], undefined)
  t([undefined], undefined)
})

test('of refusals that of the message counts, since another message may do', () => {
  const settings = { kind: 'refused', because: 'settings', reason: 'key' } as const
  const message = { kind: 'refused', because: 'message', reason: 'long' } as const
  expect(resultOf([settings, message])).toEqual(message)
  expect(resultOf([settings])).toEqual(settings)
  expect(resultOf([])).toMatchObject({ because: 'message', reason: 'nothing was sent' })
})
