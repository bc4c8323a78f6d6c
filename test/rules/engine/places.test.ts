// How far the records are in what is saved.
import { expect, test } from 'vitest'
import { Places } from '../../../rules/engine/places.ts'

test('a change is saved with what was handled; else once a second', () => {
  const places = new Places()
  expect(places.take(1, 1, true)).toBeUndefined()
  places.handled({ partition: 1, next: 5 })
  places.handled({ partition: 2, next: 9 })
  const both = new Map([
    [1, { next: 5, atMs: 100 }],
    [2, { next: 9, atMs: 100 }],
  ])
  expect(places.take(100, 10_000, false)).toEqual(both)
  places.handled({ partition: 1, next: 6 })
  expect(places.take(200, 10_999, false)).toBeUndefined()
  expect(places.take(300, 10_999, true)).toEqual(new Map([[1, { next: 6, atMs: 300 }]]))
  places.handled({ partition: 1, next: 7 })
  expect(places.take(400, 11_999, false)).toEqual(new Map([[1, { next: 7, atMs: 400 }]]))
  expect(places.take(500, 20_000, false)).toBeUndefined()
})

test('a change that time alone has made is saved with its time', () => {
  const places = new Places()
  places.handled({ partition: 1, next: 5 })
  places.take(100, 100, true)
  expect(places.take(10_000, 10_000, true)).toEqual(new Map([[1, { next: 5, atMs: 10_000 }]]))
})
