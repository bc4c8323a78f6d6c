// What is taken where there is no room for more.
import { expect, test } from 'vitest'
import { labelsOf } from '#core/labels.ts'
import type { AlertTransition } from '#core/model.ts'
import { withRoom } from '../../../alerter/api/room-for-alerts.ts'

const transition = (fingerprint: string, state: 'firing' | 'resolved' = 'firing', said = '') => {
  const [labels, annotations] = [labelsOf([['n', fingerprint]]), labelsOf([['a', said]])]
  return { alert: { fingerprint, state, labels, annotations } } as unknown as AlertTransition
}

const isKnown = async (fingerprint: string) => fingerprint.startsWith('known')

test('new ones have to stay outside; ends and what is known come in', async () => {
  const t = async (alerts: number, taken: readonly string[]) => {
    const all = [
      transition('new-1'),
      transition('known-1'),
      transition('gone', 'resolved'),
      transition('new-2'),
    ]
    const size = { alerts, characters: 0 }
    const found = await withRoom(all, { size, isKnown }, { alerts: 10, characters: 1_000 })
    expect(
      found.taken.map(({ alert }) => alert.fingerprint),
      String(alerts),
    ).toEqual(taken)
    expect(found.left).toBe(4 - taken.length)
  }
  await t(6, ['new-1', 'known-1', 'gone', 'new-2'])
  await t(8, ['new-1', 'known-1', 'gone', 'new-2'])
  await t(9, ['new-1', 'known-1', 'gone'])
  await t(10, ['known-1', 'gone'])
  // Of rules there may be more.
  await t(12, ['known-1', 'gone'])
})

test('few that say very much fill it too, and what is known comes in without what it says', async () => {
  const long = 'x'.repeat(100)
  const all = [transition('new-1', 'firing', long), transition('known', 'firing', long), transition('new-2')]
  const t = async (characters: number) => {
    const known = { size: { alerts: 1, characters }, isKnown }
    const { taken, left } = await withRoom(all, known, { alerts: 10, characters: 300 })
    return [...taken.map(({ alert }) => [alert.fingerprint, alert.annotations['a']?.length]), left]
  }
  expect(await t(0)).toEqual([['new-1', 100], ['known', 100], ['new-2', undefined], 0])
  expect(await t(100)).toEqual([['new-1', 100], ['known', undefined], 1])
  expect(await t(300)).toEqual([['known', undefined], 2])
})
