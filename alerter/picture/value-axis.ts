// From where to where a picture shows values, and which round ones it names. Called by picture.ts.
import { numberText } from '../words/number.ts'

export type ValueAxis = Readonly<{
  low: number
  high: number
  ticks: readonly Readonly<{ value: number; text: string }>[]
  // As exact as its ticks are.
  say(value: number): string
}>

const ticksWanted = 3
const ticksMax = 5
const textMax = 11
const triesMax = 60
// Beyond it, differences of two numbers are no numbers any more.
const largest = 1e200
const smallest = 1e-200

// `least` and `most` of what is to be seen, thresholds included.
export function valueAxis(least: number, most: number, unit: string): ValueAxis {
  let range = widened(clamped(least), clamped(most))
  const isShare = /^(?:%|percent)$/i.test(unit) && least >= 0 && most <= 100
  for (let tries = 0; tries < triesMax; tries++) {
    const { low, high } = padded(range, isShare)
    const ticks = ticksOf(low, high, unit)
    if (ticks !== undefined) return { low, high, ...ticks }
    // So near to each other that nobody could read them apart.
    const [from, to] = range
    const more = (to - from) / 2
    range = [from >= 0 ? Math.max(0, from - more) : from - more, to + more]
  }
  // No words for such numbers: a line all the same.
  return { ...padded(range, isShare), ticks: [], say: String }
}

type Range = readonly [number, number]

// A bottom of zero is shown where most of the picture would not be empty for it.
function padded([least, most]: Range, isShare: boolean): Readonly<{ low: number; high: number }> {
  const isFromZero = least >= 0 && least < 0.6 * most
  const room = (isFromZero ? most : most - least) * 0.08
  const high = isShare ? Math.min(100, most + room) : most + room
  return { low: isFromZero ? 0 : least - room, high }
}

const clamped = (value: number): number =>
  Math.abs(value) < smallest || !Number.isFinite(value) ? 0 : Math.min(largest, Math.max(-largest, value))

// What does not change is a line in the middle, and noise is no mountain.
function widened(least: number, most: number): Range {
  const size = Math.max(Math.abs(least), Math.abs(most))
  const wanted = least !== most ? size * 1e-6 : size === 0 ? 1 : size * 0.1
  const missing = wanted - (most - least)
  if (missing <= 0) return [least, most]
  return [least >= 0 ? Math.max(0, least - missing / 2) : least - missing / 2, most + missing / 2]
}

// Nothing where no short text tells them apart.
function ticksOf(low: number, high: number, unit: string): Pick<ValueAxis, 'ticks' | 'say'> | undefined {
  const step = bestStep(low, high, unit)
  if (step === undefined) return undefined
  const plain = (value: number): string => numberText(String(value), unit)
  const exact = exactText(step, unit)
  const values = valuesAt(step, low, high)
  const say = [plain, exact].find(each => new Set(values.map(each)).size === values.length)
  if (say === undefined) return undefined
  // Exact ones may take more room than there is.
  if (say === exact && values.some(value => say(value).length > textMax)) return undefined
  return {
    ticks: values.map(value => ({ value, text: say(value) })),
    // Between two ticks one digit more is worth saying.
    say: say === plain ? plain : exactText(step / 10, unit),
  }
}

// The one that makes about three of them.
function bestStep(low: number, high: number, unit: string): number | undefined {
  const aside = (step: number): number => {
    const count = valuesAt(step, low, high).length
    return count < 2 || count > ticksMax ? Number.POSITIVE_INFINITY : Math.abs(count - ticksWanted)
  }
  const steps = stepsFor(low, high, unit)
  const best = steps.reduce((found, step) => (aside(step) < aside(found) ? step : found), steps[0]!)
  return Number.isFinite(aside(best)) ? best : undefined
}

function valuesAt(step: number, low: number, high: number): readonly number[] {
  const first = Math.ceil(low / step - 1e-9)
  const last = Math.floor(high / step + 1e-9)
  if (last - first > ticksMax) return []
  return Array.from({ length: last - first + 1 }, (_, nth) => rounded((first + nth) * step))
}

const rounded = (value: number): number => Number(value.toPrecision(14))

function exactText(step: number, unit: string): (value: number) => string {
  const decimals = Math.min(12, Math.max(0, Math.ceil(-Math.log10(step) - 1e-9)))
  const shown = unit === 'percent' ? '%' : unit
  return value => `${value.toFixed(decimals)}${shown === '' ? '' : ` ${shown}`}`
}

const binary = Array.from({ length: 10 }, (_, nth) => 2 ** nth)
const clock = [
  1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1_200, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200,
]

// The better ones first, where two do equally well.
function stepsFor(low: number, high: number, unit: string): readonly number[] {
  const span = high - low
  if (/^(?:b|bytes?)$/i.test(unit) && span >= 1) {
    const power = Math.floor(Math.log2(span) / 10)
    return [power - 1, power].flatMap(each => binary.map(size => size * 1_024 ** each))
  }
  if (/^(?:s|secs?|seconds?)$/i.test(unit)) {
    // Halves of what the numbers are said in, or tenths of it.
    const said = saidIn(Math.max(Math.abs(low), Math.abs(high)))
    const nice = clock.filter(each => each % (said / 2) === 0)
    return [...nice, ...decimal(span / said).map(each => each * said)]
  }
  return decimal(span)
}

function decimal(span: number): number[] {
  const power = Math.floor(Math.log10(span))
  return [-2, -1, 0, 1].flatMap(more =>
    (power + more >= 1 ? [1, 2, 2.5, 5] : [1, 2, 5]).map(each => rounded(each * 10 ** (power + more))),
  )
}

const saidIn = (seconds: number): number =>
  seconds < 120 ? 1 : seconds < 7_200 ? 60 : seconds < 172_800 ? 3_600 : 86_400
