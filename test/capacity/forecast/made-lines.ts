// Lines of made-up demand, the same every time: what the tests of forecasts look at.
import type { ForecastAsked } from '../../../capacity/forecast.ts'

export function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

// Of mean 0 and deviation 1.
export const gaussOf = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random())

export const week = [10, 12, 11, 9, 8, -24, -26]

export const shapes = ['growth', 'season', 'shift', 'promotion', 'leak', 'walk'] as const

// Two hundred days of one kind.
export function madeLine(shape: (typeof shapes)[number], seed: number, days = 200): Float64Array {
  const random = randomOf(seed * 31 + shapes.indexOf(shape) * 1_009 + 7)
  const [level, noise, slope] = [100 + 300 * random(), 2 + 8 * random(), 0.2 + random()]
  const [shiftAt, promotionAt, leakDays] = [
    30 + 140 * random(),
    Math.floor(97 * random()),
    15 + Math.floor(30 * random()),
  ]
  let walked = 0
  return Float64Array.from({ length: days }, (_, day) => {
    const wild = noise * gaussOf(random)
    walked += 0.5 * wild
    const weekly = week[day % 7]!
    if (shape === 'growth') return level + slope * day + wild
    if (shape === 'season') return level + 2 * weekly + wild
    if (shape === 'shift') return level * (day < shiftAt ? 1 : 1.5) + weekly + wild
    if (shape === 'promotion') return level + weekly + wild + ((day + promotionAt) % 97 < 4 ? level : 0)
    if (shape === 'leak') return level * (0.4 + (day % leakDays) / leakDays) + 0.3 * wild
    return level + walked + wild
  })
}

export const askedOf = (values: ArrayLike<number>, more: Partial<ForecastAsked> = {}): ForecastAsked => ({
  demand: { firstDay: 20_000, values: Float64Array.from(values) },
  supply: { firstDay: 20_000, values: new Float64Array(values.length).fill(1_000) },
  limit: Number.NaN,
  horizonDays: 30,
  method: 'linear',
  factors: new Map(),
  ...more,
})
