import { expect, test } from 'vitest'
import { labelsOf } from '#core/labels.ts'
import { openPlaces } from '../../../alerter/timeline/places.ts'
import { type RouteWords, routeOf, type Words } from './world.ts'

const placesOf = (route: RouteWords, words: Words) =>
  openPlaces(routeOf(route))(labelsOf(Object.entries(words)))

test('groups are named as Alertmanager names them', () => {
  const t = (groupBy: 'all' | string[], words: Words, ...wanted: string[]) =>
    expect(placesOf({ groupBy }, words).map(({ groupKey }) => groupKey)).toEqual(wanted)

  t([], { alertname: 'a' }, '{}:{}')
  t(['alertname'], { alertname: 'a', host: 'x' }, '{}:{alertname="a"}')
  // By name, whatever the file says.
  t(['host', 'alertname'], { alertname: 'a', host: 'x' }, '{}:{alertname="a", host="x"}')
  t('all', { host: 'x', alertname: 'a' }, '{}:{alertname="a", host="x"}')
  // A label that an alert lacks is not in its group's.
  t(['rack'], { alertname: 'a' }, '{}:{}')
  t('all', { alertname: 'a "b" \\ \n ü \u0007' }, '{}:{alertname="a \\"b\\" \\\\ \\n ü \\a"}')
})

test('one tree gives one alert the same places again, and others others', () => {
  const placesFor = openPlaces(routeOf({ groupBy: ['host', 'rack'] }))
  const t = (words: Words, wanted: string) => {
    const [place] = placesFor(labelsOf(Object.entries(words)))
    expect(place).toMatchObject({ groupKey: `{}:${wanted}`, receiver: 'hook', id: `hook\n{}:${wanted}` })
  }
  t({ host: 'a' }, '{host="a"}')
  t({ rack: 'a' }, '{rack="a"}')
  t({ host: 'a' }, '{host="a"}')
  t({ host: 'a', rack: 'a', alertname: 'x' }, '{host="a", rack="a"}')
})

test('routes with one key and one receiver lead to one group, others to their own', () => {
  const child = (receiver: string, wait: number) =>
    routeOf({ key: '{}/{}', receiver, wait, continues: true, groupBy: [] })
  const places = placesOf({ routes: [child('a', 1), child('b', 2), child('a', 3)] }, { alertname: 'x' })
  expect(places.map(({ receiver, routes }) => [receiver, routes.map(each => each.groupWaitMs)])).toEqual([
    ['a', [1_000, 3_000]],
    ['b', [2_000]],
  ])
})
