// What the machines of the demonstration measure: shapes over days that are put together to one number for each
// instant. The same instant always has the same value, whatever was asked before. Called by pools.ts.

const dayMs = 86_400_000
const slotMs = 300_000

// What a series is asked for: when, in days before the day on which the demonstration begins (past days are negative),
// and what the clocks show.
export type Moment = Readonly<{ tMs: number; day: number; hour: number; weekday: number }>

// 1 is ordinary.
export type Shape = (moment: Moment) => number

export type Calendar = Readonly<{ beginsMs: number; offsetMs: (tMs: number) => number }>

export function momentOf(tMs: number, { beginsMs, offsetMs }: Calendar): Moment {
  const local = tMs + offsetMs(tMs)
  const days = Math.floor(local / dayMs)
  return {
    tMs,
    day: (tMs - beginsMs) / dayMs,
    hour: (local - days * dayMs) / 3_600_000,
    weekday: (((days + 4) % 7) + 7) % 7,
  }
}

// How much more than 1, for each 30 days: 0.3 is 30 % of where it stands when the demonstration begins.
export const growth =
  (perMonth: number): Shape =>
  ({ day }) =>
    1 + (perMonth * day) / 30

// Quiet at night, busiest at the hour; `depth` is what is lost in the deepest night.
export const daily =
  (depth: number, busiest = 20): Shape =>
  ({ hour }) =>
    1 - (depth * (1 - Math.cos(((hour - busiest) / 24) * 2 * Math.PI))) / 2

// From Sunday to Saturday.
export const weekly =
  (factors: readonly number[]): Shape =>
  ({ weekday }) =>
    factors[weekday] ?? 1

export const office = weekly([0.55, 1, 1, 1, 1, 0.95, 0.6])
export const leisure = weekly([1.2, 0.9, 0.9, 0.9, 0.95, 1.15, 1.3])

// Another level since that day.
export const shift =
  (sinceDay: number, factor: number): Shape =>
  ({ day }) =>
    day >= sinceDay ? factor : 1

export const during =
  (fromDay: number, toDay: number, factor: number): Shape =>
  ({ day }) =>
    day >= fromDay && day < toDay ? factor : 1

// Grows by a share a day and begins again, as what is swept out or restarted does.
export const sawtooth =
  (perDay: number, everyDays: number): Shape =>
  ({ day }) =>
    1 + perDay * (((day % everyDays) + everyDays) % everyDays)

export const atMost =
  (shape: Shape, most: number): Shape =>
  moment =>
    Math.min(most, shape(moment))

export const times =
  (...shapes: readonly Shape[]): Shape =>
  moment => {
    let product = 1
    for (const shape of shapes) product *= shape(moment)
    return product
  }

// Up and down by about this share, another way in each five minutes and, half as much, on each day.
export function noise(share: number, seed: string): Shape {
  const number = hash(seed)
  return ({ tMs }) => {
    const slot = Math.floor(tMs / slotMs)
    return 1 + share * (normal(number, slot) + 0.5 * normal(number ^ 0x5bd1e995, Math.floor(tMs / dayMs)))
  }
}

// Three uniform numbers: near enough to a normal one, and never beyond 3.
const normal = (seed: number, at: number): number =>
  2 * (uniform(seed, 3 * at) + uniform(seed, 3 * at + 1) + uniform(seed, 3 * at + 2)) - 3

// SplitMix32 of both: between 0 and 1, without a state.
function uniform(seed: number, at: number): number {
  let z = (seed + Math.imul(at, 0x9e3779b9)) | 0
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b)
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35)
  return ((z ^ (z >>> 16)) >>> 0) / 2 ** 32
}

// FNV-1a.
function hash(text: string): number {
  let found = 0x811c9dc5
  for (let at = 0; at < text.length; at++) found = Math.imul(found ^ text.charCodeAt(at), 0x01000193)
  return found >>> 0
}
