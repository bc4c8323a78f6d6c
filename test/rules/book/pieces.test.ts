import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fingerprint } from '#core/labels.ts'
import { merged, pieceMax, piecesOf, sizeOf, thinned } from '../../../rules/book/pieces.ts'
import { type Page, rowsMax } from '../../../rules/book.ts'
import { entryOf, pageOf, trackedOf, transitionOf } from './pages.ts'

const alertsOf = (count: number) => [...Array(count).keys()].map(at => trackedOf(`h${at}`))

test('a small page stays what it is, and an empty one is no piece', () => {
  const page = pageOf(alertsOf(pieceMax / 2))
  expect(piecesOf(page)).toEqual([page])
  expect(piecesOf(pageOf([]))).toEqual([])
  expect(piecesOf(pageOf([], { places: new Map() }))).toEqual([])
})

test('a large one loses nothing, and what belongs together stays together, in order', () => {
  const alerts = alertsOf(10_000)
  const again = alerts.map(each => transitionOf({ ...each, phase: 'resolved' }, 3_000))
  const page = pageOf(alerts, {
    transitions: [...alerts.map(each => transitionOf(each)), ...again],
    places: new Map([[1, { next: 2, atMs: 3 }]]),
  })
  const pieces = piecesOf(page)
  expect(pieces.length).toBe(7)
  expect(Math.max(...pieces.map(sizeOf))).toBeLessThanOrEqual(pieceMax + 10)
  expect(pieces.map(each => each.places)).toEqual([page.places, ...pieces.slice(1).map(() => undefined)])
  const sorted = (all: readonly Page[]) => all.flatMap(each => each.transitions.map(({ id }) => id)).sort()
  expect(sorted(pieces)).toEqual(sorted([page]))
  for (const { entries, transitions } of pieces) {
    const keys = entries.map(each => each.fingerprint)
    expect(transitions.map(each => each.alert.fingerprint)).toEqual([...keys, ...keys])
    expect(transitions.map(each => each.atMs)).toEqual([...keys.map(() => 2_000), ...keys.map(() => 3_000)])
  }
})

// Who goes on from places that alerts have passed would tell of them again, under other names.
test('what is saved with how far the input was is saved at once, as long as one save takes it', () => {
  const alerts = alertsOf(rowsMax / 2 - 1)
  const page = pageOf(alerts, { places: new Map([[1, { next: 2, atMs: 3 }]]) })
  expect(sizeOf(page)).toBe(rowsMax - 1)
  expect(piecesOf(page)).toEqual([page])
  expect(piecesOf(pageOf(alerts)).length).toBe(4)
  expect(piecesOf(pageOf(alerts, { places: new Map() })).length).toBe(4)
})

test('of what piles up, the newest of each alert stay, in their order', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(3), { maxLength: 200 }), hosts => {
      const all = hosts.map((host, at) => transitionOf(trackedOf(`h${host}`), at))
      const { kept, left } = thinned(all)
      const times = (list: typeof all) => list.map(each => each.atMs)
      expect([...times(kept), ...times(left)].sort((a, b) => a - b)).toEqual(times(all))
      expect(times(kept)).toEqual(times(kept).toSorted((a, b) => a - b))
      for (const host of new Set(hosts)) {
        const key = fingerprint(trackedOf(`h${host}`).labels)
        const own = (list: typeof all) => times(list.filter(each => each.alert.fingerprint === key))
        expect(own(kept)).toEqual(own(all).slice(-16))
      }
    }),
  )
})

test('where two rules find the same, neither takes the place of what the other has said', () => {
  const one = trackedOf('a')
  const ended = transitionOf({ ...one, phase: 'resolved' }, 1)
  const restless = [...Array(40).keys()].map(at => {
    const each = transitionOf(one, 2 + at)
    return { ...each, alert: { ...each.alert, rule: { ...each.alert.rule, id: 'another' } } }
  })
  const { kept } = thinned([ended, ...restless])
  expect(kept).toEqual([ended, ...restless.slice(-16)])
})

test('pages of a part become one, in which the later counts', () => {
  const [a, b] = [trackedOf('a'), trackedOf('b')]
  const ended = entryOf(a, { alert: undefined })
  const { pages, left } = merged([
    pageOf([a, b], { places: new Map([[1, { next: 5, atMs: 9 }]]) }),
    pageOf([a], { part: 'other' }),
    {
      part: 'all',
      entries: [ended],
      transitions: [],
      places: new Map([
        [1, { next: 6, atMs: 10 }],
        [2, { next: 7, atMs: 10 }],
      ]),
    },
  ])
  expect(left).toEqual([])
  expect(pages).toEqual([
    {
      part: 'all',
      entries: [ended, entryOf(b)],
      transitions: [transitionOf(a), transitionOf(b)],
      places: new Map([
        [1, { next: 6, atMs: 10 }],
        [2, { next: 7, atMs: 10 }],
      ]),
    },
    pageOf([a], { part: 'other', places: new Map() }),
  ])
})
