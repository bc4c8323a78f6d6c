// Go's time.Duration in a template: whole nanoseconds, shown as 1m5.5s, and what can be asked of it. Used by time.ts
// and the functions that make or take durations.
import { method, type Named, type Shape, type Value } from './value.ts'

const second = 1_000_000_000n

const small = [
  [1_000_000n, 'ms', 6],
  [1_000n, 'µs', 3],
  [1n, 'ns', 0],
] as const

// Up to nine places, without zeros at the end.
function decimal(ns: bigint, unit: bigint, places: number): string {
  const rest = (ns % unit).toString().padStart(places, '0').replace(/0+$/, '')
  return `${ns / unit}${rest === '' || places === 0 ? '' : `.${rest}`}`
}

export function goDuration(ns: bigint): string {
  if (ns === 0n) return '0s'
  if (ns < 0n) return `-${goDuration(-ns)}`
  if (ns < second) {
    const [unit, name, places] = small.find(([each]) => ns >= each)!
    return decimal(ns, unit, places) + name
  }
  const seconds = ns / second
  const [hours, minutes] = [seconds / 3_600n, (seconds / 60n) % 60n]
  const rest = `${decimal(ns % (60n * second), second, 9)}s`
  if (hours > 0n) return `${hours}h${minutes}m${rest}`
  return minutes > 0n ? `${minutes}m${rest}` : rest
}

const per = (unitNs: number) => method([], ({ value }: Named) => Number(value) / unitNs)
const whole = (unitNs: bigint) => method([], ({ value }: Named) => value / unitNs)

const shape: Shape = {
  name: 'time.Duration',
  text: ({ value }: Named) => goDuration(value),
  methods: {
    String: method([], ({ value }: Named) => goDuration(value)),
    Seconds: per(1e9),
    Minutes: per(6e10),
    Hours: per(3.6e12),
    Milliseconds: whole(1_000_000n),
    Microseconds: whole(1_000n),
    Nanoseconds: whole(1n),
    Abs: method([], ({ value }: Named) => durationValue(value < 0n ? -value : value)),
    Truncate: method(['time.Duration'], ({ value }: Named, [to]) => {
      const unit = (to as Named).value
      return durationValue(unit <= 0n ? value : value - (value % unit))
    }),
    Round: method(['time.Duration'], ({ value }: Named, [to]) => {
      const unit = (to as Named).value
      if (unit <= 0n) return durationValue(value)
      const size = value < 0n ? -value : value
      const rounded = ((size * 2n + unit) / (2n * unit)) * unit
      return durationValue(value < 0n ? -rounded : rounded)
    }),
  },
}

export const durationValue = (ns: bigint): Named => ({ kind: 'named', value: ns, shape })

// The longest is 292 years; what is longer counts as that.
const longest = 2n ** 63n - 1n
export function durationOfMs(ms: number): Named {
  const ns = BigInt(Math.trunc(ms)) * 1_000_000n
  return durationValue(ns > longest ? longest : ns < -longest ? -longest - 1n : ns)
}

export const isDuration = (value: Value): value is Named =>
  typeof value === 'object' && value !== null && value.kind === 'named' && value.shape.name === shape.name
