// What is taken where there is no room for more.
import { expect, test } from 'vitest'
import type { AlertTransition } from '#core/model.ts'
import { withRoom } from '../../../alerter/api/room-for-alerts.ts'

const transition = (fingerprint: string, state: 'firing' | 'resolved' = 'firing') =>
  ({ alert: { fingerprint, state } }) as AlertTransition

test('new ones have to stay outside; ends and what is known come in', async () => {
  const isKnown = async (fingerprint: string) => fingerprint.startsWith('known')
  const t = async (count: number, taken: readonly string[]) => {
    const all = [
      transition('new-1'),
      transition('known-1'),
      transition('gone', 'resolved'),
      transition('new-2'),
    ]
    const found = await withRoom(all, { count, isKnown }, 10)
    expect(
      found.taken.map(({ alert }) => alert.fingerprint),
      String(count),
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
