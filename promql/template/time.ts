// Go's time.Time in a template, to the millisecond and in UTC: how it shows, and what can be asked of it. Used by the
// functions that make times, and by whoever hands data with times to a template.
import { durationValue } from './duration.ts'
import { CallRefused } from './state.ts'
import { dayName, formatTime, monthName, partsOf } from './time-layout.ts'
import { method, type Named, type Shape, type Time } from './value.ts'

const shownLayout = '2006-01-02 15:04:05.999999999 -0700 MST'
// Go's zero time is the first day of the year 1.
const zeroMs = -62_135_596_800_000

export const timeText = (tMs: number): string => formatTime(tMs, shownLayout)

const named = (name: string, textOf: (value: number) => string): Shape => ({
  name,
  text: ({ value }: Named) => textOf(Number(value)),
  methods: { String: method([], ({ value }: Named) => textOf(Number(value))) },
})
const month = named('time.Month', monthName)
const weekday = named('time.Weekday', dayName)

const numeric = (read: (tMs: number) => number) => method([], ({ tMs }: Time) => BigInt(read(tMs)))
const part = (name: keyof ReturnType<typeof partsOf>) => numeric(tMs => partsOf(tMs)[name])
const inNs = ({ value }: Named): number => Number(value) / 1e6
const itself = method([], (time: Time) => time)

const shape: Shape = {
  name: 'time.Time',
  text: ({ tMs }: Time) => timeText(tMs),
  methods: {
    String: method([], ({ tMs }: Time) => timeText(tMs)),
    Format: method(['string'], ({ tMs }: Time, [layout]) => formatTime(tMs, layout)),
    Unix: numeric(tMs => Math.floor(tMs / 1_000)),
    UnixMilli: numeric(tMs => tMs),
    UnixMicro: method([], ({ tMs }: Time) => BigInt(tMs) * 1_000n),
    UnixNano: method([], ({ tMs }: Time) => BigInt(tMs) * 1_000_000n),
    Year: part('year'),
    Month: method([], ({ tMs }: Time) => ({
      kind: 'named',
      value: BigInt(partsOf(tMs).month),
      shape: month,
    })),
    Day: part('day'),
    Hour: part('hour'),
    Minute: part('minute'),
    Second: part('second'),
    Nanosecond: numeric(tMs => partsOf(tMs).ms * 1_000_000),
    YearDay: part('yearDay'),
    Weekday: method([], ({ tMs }: Time) => ({
      kind: 'named',
      value: BigInt(partsOf(tMs).weekday),
      shape: weekday,
    })),
    IsZero: method([], ({ tMs }: Time) => tMs === zeroMs),
    UTC: itself,
    Local: itself,
    Add: method(['time.Duration'], ({ tMs }: Time, [by]) => timeValue(Math.round(tMs + inNs(by as Named)))),
    AddDate: method(['int', 'int', 'int'], ({ tMs }: Time, [years, months, days]) => {
      const date = new Date(tMs)
      const { year, month: now, day } = partsOf(tMs)
      date.setUTCFullYear(year + Number(years), now - 1 + Number(months), day + Number(days))
      return timeValue(date.getTime())
    }),
    Sub: method(['time.Time'], ({ tMs }: Time, [other]) =>
      durationValue(BigInt(tMs - other.tMs) * 1_000_000n),
    ),
    Before: method(['time.Time'], ({ tMs }: Time, [other]) => tMs < other.tMs),
    After: method(['time.Time'], ({ tMs }: Time, [other]) => tMs > other.tMs),
    Equal: method(['time.Time'], ({ tMs }: Time, [other]) => tMs === other.tMs),
    Truncate: method(['time.Duration'], ({ tMs }: Time, [to]) => {
      const unitMs = inNs(to as Named)
      return timeValue(unitMs < 1 ? tMs : tMs - ((((tMs - zeroMs) % unitMs) + unitMs) % unitMs))
    }),
  },
}

// As far as JavaScript's dates go.
const furthestMs = 8.64e15

export function timeValue(tMs: number): Time {
  if (!(Math.abs(tMs) <= furthestMs)) throw new CallRefused('this is beyond the times that can be told')
  return { kind: 'time', tMs: Math.floor(tMs), shape }
}
