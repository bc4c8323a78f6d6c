// Go's time.Time in a template, to the millisecond: how it shows, and what can be asked of it. Used by the
// functions that make times, and by whoever hands data with times to a template.
import { durationOfMs } from './duration.ts'
import { CallRefused } from './state.ts'
import { dayName, formatTime, monthName, partsOf } from './time-layout.ts'
import { method, type Named, type Shape, type Struct, structOf, type Time, type Zone } from './value.ts'

const shownLayout = '2006-01-02 15:04:05.999999999 -0700 MST'
// Go's zero time is the first day of the year 1.
const zeroMs = -62_135_596_800_000

export const timeText = (tMs: number, zone?: Zone): string => formatTime(tMs, shownLayout, zone)

const named = (name: string, textOf: (value: number) => string): Shape => ({
  name,
  text: ({ value }: Named) => textOf(Number(value)),
  methods: { String: method([], ({ value }: Named) => textOf(Number(value))) },
})
const month = named('time.Month', monthName)
const weekday = named('time.Weekday', dayName)

const numeric = (read: (tMs: number) => number) => method([], ({ tMs }: Time) => BigInt(read(tMs)))
const part = (name: keyof ReturnType<typeof partsOf>) =>
  method([], ({ tMs, zone }: Time) => BigInt(partsOf(tMs, zone)[name]))
const inMs = ({ value }: Named): number => Number(value) / 1e6

// How far it is behind the last whole unit since the year 1; what is finer than a millisecond has no say.
const beyond = ({ tMs }: Time, unitMs: number): number =>
  unitMs < 1 ? 0 : (((tMs - zeroMs) % unitMs) + unitMs) % unitMs

const nameOf = ({ zone }: Time): string => zone?.name ?? 'UTC'

// As Go's *time.Location shows; a template can ask it for nothing else. The local one has its own name here.
function location(time: Time): Struct {
  const name = nameOf(time)
  const methods = { String: method([], () => name) }
  return structOf({}, { name: 'time.Location', pointer: true, text: () => name, methods })
}

function goText(time: Time): string {
  const { year, month: nth, day, hour, minute, second, ms } = partsOf(time.tMs, time.zone)
  const name = nameOf(time)
  const where = name === 'UTC' ? 'time.UTC' : `time.Location(${JSON.stringify(name)})`
  const parts = [year, `time.${monthName(nth)}`, day, hour, minute, second, ms * 1_000_000, where]
  return `time.Date(${parts.join(', ')})`
}

function at(time: Time, tMs: number): Time {
  return { ...time, tMs: timeValue(tMs).tMs }
}

const shape: Shape = {
  name: 'time.Time',
  text: ({ tMs, zone }: Time) => timeText(tMs, zone),
  methods: {
    String: method([], ({ tMs, zone }: Time) => timeText(tMs, zone)),
    GoString: method([], goText),
    Location: method([], location),
    Format: method(['string'], ({ tMs, zone }: Time, [layout]) => formatTime(tMs, layout, zone)),
    Unix: numeric(tMs => Math.floor(tMs / 1_000)),
    UnixMilli: numeric(tMs => tMs),
    UnixMicro: method([], ({ tMs }: Time) => BigInt(tMs) * 1_000n),
    UnixNano: method([], ({ tMs }: Time) => BigInt(tMs) * 1_000_000n),
    Year: part('year'),
    Month: method([], ({ tMs, zone }: Time) => ({
      kind: 'named',
      value: BigInt(partsOf(tMs, zone).month),
      shape: month,
    })),
    Day: part('day'),
    Hour: part('hour'),
    Minute: part('minute'),
    Second: part('second'),
    Nanosecond: numeric(tMs => partsOf(tMs).ms * 1_000_000),
    YearDay: part('yearDay'),
    Weekday: method([], ({ tMs, zone }: Time) => ({
      kind: 'named',
      value: BigInt(partsOf(tMs, zone).weekday),
      shape: weekday,
    })),
    IsZero: method([], ({ tMs }: Time) => tMs === zeroMs),
    UTC: method([], (time: Time) => ({ ...time, zone: undefined })),
    Local: method([], (time: Time) => ({ ...time, zone: time.local })),
    Add: method(['time.Duration'], (time: Time, [by]) => at(time, Math.round(time.tMs + inMs(by as Named)))),
    AddDate: method(['int', 'int', 'int'], (time: Time, [years, months, days]) => {
      const { tMs, zone } = time
      const shownMs = (each: number): number => zone?.offsetMs(each) ?? 0
      const date = new Date(tMs + shownMs(tMs))
      const { year, month: now, day } = partsOf(tMs, zone)
      date.setUTCFullYear(year + Number(years), now - 1 + Number(months), day + Number(days))
      return at(time, date.getTime() - shownMs(date.getTime() - shownMs(tMs)))
    }),
    Sub: method(['time.Time'], ({ tMs }: Time, [other]) => durationOfMs(tMs - other.tMs)),
    Before: method(['time.Time'], ({ tMs }: Time, [other]) => tMs < other.tMs),
    After: method(['time.Time'], ({ tMs }: Time, [other]) => tMs > other.tMs),
    Equal: method(['time.Time'], ({ tMs }: Time, [other]) => tMs === other.tMs),
    Truncate: method(['time.Duration'], (time: Time, [to]) =>
      at(time, time.tMs - beyond(time, inMs(to as Named))),
    ),
    // The middle goes up.
    Round: method(['time.Duration'], (time: Time, [to]) => {
      const unitMs = inMs(to as Named)
      const restMs = beyond(time, unitMs)
      return at(time, time.tMs - restMs + (restMs > 0 && restMs * 2 >= unitMs ? unitMs : 0))
    }),
  },
}

// As far as JavaScript's dates go.
const furthestMs = 8.64e15

export function timeValue(tMs: number, local?: Zone): Time {
  if (!(Math.abs(tMs) <= furthestMs)) throw new CallRefused('this is beyond the times that can be told')
  return { kind: 'time', tMs: Math.floor(tMs), local, shape }
}
