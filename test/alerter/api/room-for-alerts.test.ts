// What is taken where there is no room for more.
import { expect, test } from 'vitest'
import { labelsOf } from '#core/labels.ts'
import type { AlertTransition } from '#core/model.ts'
import { alertsMax, withRoom } from '../../../alerter/api/room-for-alerts.ts'
import { openApiServer } from './server.ts'

const transition = (fingerprint: string, state: 'firing' | 'resolved' = 'firing', said = '') => {
  const [labels, annotations] = [labelsOf([['n', fingerprint]]), labelsOf([['a', said]])]
  return { alert: { fingerprint, state, labels, annotations } } as unknown as AlertTransition
}

const isKnown = async (fingerprint: string) => fingerprint.startsWith('known')

test('new ones have to stay outside, their ends too; what is known comes in', async () => {
  const t = async (alerts: number, taken: readonly string[], leftEnds: number) => {
    const all = [
      transition('new-1'),
      transition('known-1'),
      transition('known-2', 'resolved'),
      transition('gone', 'resolved'),
      transition('new-2'),
      // Its beginning has come in above, or has not.
      transition('new-1', 'resolved'),
    ]
    const size = { alerts, characters: 0 }
    const found = await withRoom(all, { size, isKnown }, { alerts: 10, characters: 1_000 })
    expect(
      found.taken.map(({ alert }) => alert.fingerprint),
      String(alerts),
    ).toEqual(taken)
    expect([found.left, found.leftEnds]).toEqual([6 - taken.length - leftEnds, leftEnds])
  }
  await t(4, ['new-1', 'known-1', 'known-2', 'gone', 'new-2', 'new-1'], 0)
  await t(7, ['new-1', 'known-1', 'known-2', 'gone', 'new-2', 'new-1'], 0)
  await t(8, ['new-1', 'known-1', 'known-2', 'gone', 'new-1'], 0)
  await t(9, ['new-1', 'known-1', 'known-2', 'new-1'], 1)
  await t(10, ['known-1', 'known-2'], 2)
  // Of rules there may be more.
  await t(12, ['known-1', 'known-2'], 2)
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

test('whoever posts ends that have no room is told that all is well, and they are counted', async () => {
  let alerts = 0
  await using api = await openApiServer({ known: () => ({ alerts, characters: 0 }) })
  const post = async (...found: readonly object[]): Promise<number> =>
    (await fetch(`${api.url}/api/v2/alerts`, { method: 'POST', body: JSON.stringify(found) })).status
  const over = { endsAt: new Date(1_700_000_000_000).toISOString() }
  const [first, second] = [{ labels: { alertname: 'first' } }, { labels: { alertname: 'second' } }]
  expect(await post(first)).toBe(200)
  alerts = alertsMax.alerts
  expect(await post({ ...second, ...over })).toBe(200)
  // Of what is known the end is heard.
  expect(await post({ ...first, endsAt: new Date().toISOString() })).toBe(200)
  expect(await post({ labels: { alertname: 'third' } }, { ...second, ...over })).toBe(503)
  expect(api.published.map(({ alert }) => `${alert.labels['alertname']} ${alert.state}`)).toEqual([
    'first firing',
    'first resolved',
  ])
  const counted = api.own
    .samples(0)
    .filter(({ series }) => series.name === 'plimsoll_alerter_ends_left_total')
  expect(counted.map(({ value }) => value)).toEqual([2])
})
