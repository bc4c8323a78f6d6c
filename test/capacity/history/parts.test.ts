// Which parts of a pool have lines of their own, and for how long.
import { expect, test } from 'vitest'
import { labelsOf } from '#core/labels.ts'
import { openColumns } from '../../../capacity/history/columns.ts'
import { dayRowOf } from '../../../capacity/history/day-row.ts'
import { type Measured, partKey, wholeKey } from '../../../capacity/history/measured.ts'
import { openParts } from '../../../capacity/history/parts.ts'
import type { Pool } from '../../../capacity/pool.ts'
import { pool } from '../planned.ts'

const today = 20_500
const web = pool({ by: ['zone'], partsMax: 2, windowDays: 10 })
const keyOf = (zone: string): string => partKey(labelsOf([['zone', zone]]))

const measured = (sizes: Readonly<Record<string, number>>): Measured =>
  new Map([
    [wholeKey, { part: {}, values: Float64Array.of(99) }],
    ...Object.entries(sizes).map(
      ([zone, size]) =>
        [
          keyOf(zone),
          { part: labelsOf([['zone', zone]]), values: Float64Array.of(size, Number.NaN) },
        ] as const,
    ),
  ])

function world() {
  const columns = openColumns(60)
  const history = {
    version: 0,
    lines: columns.lines,
    demand: (line, _, window) => columns.days(line, 'usage', { field: 'max', window }),
    supply: (line, window) => columns.days(line, 'supply', { field: 'last', window }),
  } as Parameters<typeof openParts>[0] & { version: number }
  const put = (zone: string, day: number, track: 'usage' | 'supply' = 'usage'): void => {
    const line = { pool: 'web', resource: 'cpu', part: labelsOf([['zone', zone]]) }
    columns.put(line, track, [dayRowOf(day, Float64Array.of(1), Float64Array.of(1))])
    history.version++
  }
  const parts = openParts(history, () => [web])
  // Those that have a place, and how many have none.
  const zones = (sizes: Readonly<Record<string, number>>, of: Pool = web, day = today) => {
    const { measured: kept, left } = parts.kept({ pool: of, resource: 'cpu', day }, measured(sizes))
    expect(kept.get(wholeKey)?.values).toEqual(Float64Array.of(99))
    const names = [...kept.values()].flatMap(({ part }) => part['zone'] ?? [])
    return [names.toSorted().join(''), left]
  }
  return { parts, put, zones, look: (day = today) => parts.look(day) }
}

test('the largest have places and keep them, also from the one who grows beyond them', () => {
  const { zones } = world()
  expect(zones({ a: 1, b: 3, c: 2 })).toEqual(['bc', 1])
  expect(zones({ a: 9, b: 3, c: 2 })).toEqual(['bc', 1])
  expect(zones({ a: 9, b: 3 })).toEqual(['b', 1])
  expect(zones({ b: 1 })).toEqual(['b', 0])
  const other = world()
  expect(other.zones({ d: 1, c: 2, b: 1, a: 1 })).toEqual(['cd', 2])
  expect(other.zones({ a: 1, b: 1, d: 1 })).toEqual(['d', 2])
})

test('a pool without parts, or with fewer than it may have, keeps all', () => {
  const { zones } = world()
  expect(zones({ a: 1, b: 2 })).toEqual(['ab', 0])
  expect(zones({ a: 1, b: 2, c: 3 }, pool())).toEqual(['abc', 0])
})

test('who has days in the history has a place, until the forecast no longer sees them', async () => {
  const { zones, put, look } = world()
  put('a', today - 1)
  put('b', today - 10, 'supply')
  put('old', today - 11)
  await look()
  expect(zones({ a: 1, b: 1, c: 9, old: 9 })).toEqual(['ab', 2])
  await look(today + 9)
  // Seen today by the measurement itself.
  expect(zones({ a: 1, b: 1, c: 9 })).toEqual(['ab', 1])
  await look(today + 11)
  expect(zones({ c: 9, d: 8, a: 1 })).toEqual(['cd', 1])
})

test('what was measured before there is a day of it has a place already', async () => {
  const { zones, put, look } = world()
  expect(zones({ b: 2, c: 3 })).toEqual(['bc', 0])
  put('z', today - 1)
  await look()
  await look(today + 1)
  // One more than there may be: the smallest of them gives way.
  expect(zones({ b: 2, c: 3, z: 1, new: 9 })).toEqual(['bc', 2])
})
