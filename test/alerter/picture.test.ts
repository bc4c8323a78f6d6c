import fc from 'fast-check'
import { expect, test } from 'vitest'
import { frameOf } from '../../alerter/picture/frame.ts'
import { colours, lineColours } from '../../alerter/picture/look.ts'
import { type Drawn, type Line, pictureOf } from '../../alerter/picture.ts'
import { runs } from '../runs.ts'
import { decodePng } from './picture/decode.ts'

const toMs = Date.UTC(2026, 10, 21, 9)
const fromMs = toMs - 3_600_000
const minuteMs = 60_000

// A value for each minute; nothing where there is none.
const line = (valueAt: (minute: number) => number | undefined, name = 'a'): Line => {
  const minutes = Array.from({ length: 61 }, (_, minute) => minute).filter(
    each => valueAt(each) !== undefined,
  )
  return {
    name,
    tMs: minutes.map(each => fromMs + each * minuteMs),
    values: minutes.map(each => valueAt(each)!),
  }
}

const drawn = (more: Partial<Drawn> = {}): Drawn => ({
  lines: [line(minute => (minute < 40 ? 20 : 95))],
  threshold: { op: '>', value: 80 },
  unit: '%',
  fromMs,
  toMs,
  timeZone: 'UTC',
  firingSinceMs: fromMs + 41 * minuteMs,
  gapMs: 2.5 * minuteMs,
  ...more,
})

const look = (more: Partial<Drawn> = {}) => {
  const asked = drawn(more)
  return { ...decodePng(pictureOf(asked)), frame: frameOf(asked, { width: 640, height: 240 }) }
}

const [blue] = lineColours as [number]

test('it is a small PNG', () => {
  const { width, height, colours: count } = look()
  expect([width, height]).toEqual([640, 240])
  expect(count).toBeLessThanOrEqual(256)
  expect(pictureOf(drawn()).length).toBeLessThan(10_000)
})

test('the line is at its values, and the threshold at its own', () => {
  const { at, frame } = look()
  const x = Math.round(frame.xOf(fromMs + 20 * minuteMs))
  expect(at(x, Math.round(frame.yOf(20)))).toBe(blue)
  const later = Math.round(frame.xOf(fromMs + 50 * minuteMs))
  expect(at(later, Math.round(frame.yOf(95)))).toBe(blue)
  expect(at(frame.left + 2, Math.round(frame.yOf(80)))).toBe(colours.alarm)
  // Dashed.
  const row = Array.from({ length: 100 }, (_, nth) => at(frame.left + nth, Math.round(frame.yOf(80))))
  expect(row.filter(each => each === colours.alarm).length).toBeGreaterThan(40)
  expect(row.filter(each => each === colours.alarm).length).toBeLessThan(70)
})

test('only what is beyond the threshold is shaded, on the side that it compares with', () => {
  const above = look()
  const inTheMiddle = { left: 0, right: Math.round(above.frame.xOf(fromMs + 39 * minuteMs)) }
  expect(above.count(colours.beyond)).toBeGreaterThan(1_000)
  expect(above.count(colours.beyond, inTheMiddle)).toBe(0)

  const below = look({ threshold: { op: '<', value: 80 } })
  expect(below.count(colours.beyond, inTheMiddle)).toBeGreaterThan(10_000)
  expect(look({ threshold: { op: '==', value: 80 } }).count(colours.beyond)).toBe(0)
  expect(look({ threshold: undefined }).count(colours.beyond)).toBe(0)
})

test('where nothing was measured there is nothing', () => {
  const gap = {
    lines: [line(minute => (minute > 10 && minute < 30 ? undefined : 50))],
    firingSinceMs: undefined,
  }
  const { frame, count } = look(gap)
  const inside = {
    left: Math.ceil(frame.xOf(fromMs + 10 * minuteMs)) + 4,
    right: Math.floor(frame.xOf(fromMs + 30 * minuteMs)) - 4,
    bottom: frame.bottom,
  }
  expect(count(blue, inside)).toBe(0)
  expect(count(colours.below, inside)).toBe(0)
  expect(count(blue, { ...inside, left: frame.left, right: inside.left - 4 })).toBeGreaterThan(100)
  // What is missing by one sample only is a line all the same.
  expect(
    look({ lines: [line(minute => (minute === 20 ? undefined : 50))] }).count(blue, inside),
  ).toBeGreaterThan(100)
})

test('a flag stands where it began, if that is within the hour', () => {
  const { at, frame } = look()
  const x = Math.round(frame.xOf(fromMs + 41 * minuteMs))
  expect(at(x, frame.bottom - 3)).toBe(colours.alarm)
  expect(at(x - 20, frame.bottom - 3)).not.toBe(colours.alarm)
  // Without a threshold nothing else has its colour.
  const none = { threshold: undefined, firingSinceMs: fromMs - 1 }
  expect(look(none).count(colours.alarm)).toBe(0)
  expect(look({ threshold: undefined }).count(colours.alarm)).toBeGreaterThan(30)
})

test('five lines have colours and names, the others are grey', () => {
  const lines = Array.from({ length: 8 }, (_, nth) => line(() => 10 * (nth + 1), `db-${nth}`))
  const { count, frame } = look({ lines })
  for (const colour of lineColours) expect(count(colour)).toBeGreaterThan(500)
  expect(count(colours.other)).toBeGreaterThan(500)
  expect(count(colours.text, { bottom: frame.top - 12 })).toBeGreaterThan(100)
  // One needs no name.
  expect(look().count(colours.text, { bottom: 8 })).toBe(0)
})

test('the times are those of the time zone', () => {
  const text = (timeZone: string) => Buffer.from(pictureOf(drawn({ timeZone }))).toString('base64')
  expect(text('Asia/Shanghai')).not.toBe(text('UTC'))
  expect(text('Asia/Kathmandu')).not.toBe(text('Asia/Kolkata'))
})

test('whatever comes in, a picture comes out', () => {
  const value = fc.oneof(
    fc.double(),
    fc.double({ min: -1e3, max: 1e3, noNaN: true }),
    fc.constantFrom(
      Number.NaN,
      Infinity,
      -Infinity,
      Number.MAX_VALUE,
      -Number.MAX_VALUE,
      Number.MIN_VALUE,
      -0,
      1e15,
    ),
  )
  const points = fc.array(fc.tuple(fc.integer({ min: -5, max: 65 }), value), { maxLength: 30 })
  const lines = fc.array(
    fc.record({ name: fc.string({ unit: 'grapheme' }), points }).map(found => {
      const sorted = found.points.toSorted(([one], [other]) => one - other)
      return {
        name: found.name,
        tMs: sorted.map(([minute]) => fromMs + minute * minuteMs),
        values: sorted.map(([, each]) => each),
      }
    }),
    { maxLength: 8 },
  )
  const threshold = fc.option(
    fc.record({ op: fc.constantFrom('>', '>=', '<', '<=', '==', '!=' as const), value }),
    { nil: undefined },
  ) as fc.Arbitrary<Drawn['threshold']>
  const unit = fc.constantFrom(
    '',
    '%',
    'percent',
    'bytes',
    's',
    'seconds',
    '次/秒',
    'a very long unit of its own',
  )
  const since = fc.constantFrom(undefined, fromMs - 1, fromMs, toMs, toMs - 1, Infinity)
  fc.assert(
    fc.property(lines, threshold, unit, since, (found, compared, of, firingSinceMs) => {
      const { width } = decodePng(
        pictureOf(drawn({ lines: found, threshold: compared, unit: of, firingSinceMs })),
      )
      expect(width).toBe(640)
    }),
    { numRuns: runs(8) },
  )
})

test('a constant, one point and none are pictures too', () => {
  for (const value of [0, 42, -7, 1e300, -1e300, 5e-324])
    expect(
      look({ lines: [line(() => value)], threshold: undefined }).count(blue),
      String(value),
    ).toBeGreaterThan(500)
  expect(look({ lines: [line(minute => (minute === 30 ? 5 : undefined))] }).count(blue)).toBeGreaterThan(3)
  expect(look({ lines: [], firingSinceMs: undefined, threshold: undefined }).count(blue)).toBe(0)
})
