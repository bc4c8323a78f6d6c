// `time_intervals` and the older `mute_time_intervals`: names for times of day, days, months and years. Called by the
// reader of the configuration.
import { foundText, type Tree } from '#core/config/tree.ts'
import { timezone } from '#core/config/values.ts'
import type { Interval, Range } from '../interval.ts'
import { type At, complain, doubt, isEmpty, list, placeOf, type Reader, shape } from './form.ts'
import { text } from './scalars.ts'

type Refused = Readonly<{ wanted: string; found?: string }>

// `a` or `a:b`, each of them a number to `member`.
const range =
  (
    wanted: string,
    member: (word: string) => number | undefined,
    judge: (range: Range) => Refused | undefined,
  ): Reader<Range> =>
  (tree, at) => {
    const written = text(tree, at)
    if (written === undefined) return undefined
    const words = written.toLowerCase().split(':')
    const [from, second] = words.map(member)
    const to = words.length === 1 ? from : second
    if (from === undefined || to === undefined || words.length > 2) {
      complain(tree.place, at, { wanted, found: foundText(tree) })
      return undefined
    }
    const refused = judge({ from, to })
    if (refused === undefined) return { from, to }
    complain(tree.place, at, { wanted: refused.wanted, found: refused.found ?? foundText(tree) })
    return undefined
  }

const whole = (word: string): number | undefined => (/^[+-]?\d{1,9}$/.test(word) ? Number(word) : undefined)
const inOrder = ({ from, to }: Range): Refused | undefined =>
  from <= to ? undefined : { wanted: 'the end not before the beginning' }

const days = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']
const months = 'january february march april may june july august september october november december'.split(
  ' ',
)

const nthOf = (names: readonly string[], first: number) => (word: string) => {
  const nth = names.indexOf(word)
  return nth === -1 ? undefined : nth + first
}

const weekday = range('a day like monday, or monday:friday', nthOf(days, 0), inOrder)
const monthWanted = 'a month like may or 5, or may:july'
const month = range(monthWanted, word => nthOf(months, 1)(word) ?? whole(word), inOrder)
const year = range('a year, or 2026:2028', whole, inOrder)

const dayOfMonth = range('a day like 1 or -1, or 1:7', whole, ({ from, to }) => {
  const isDay = (day: number): boolean => day !== 0 && day >= -31 && day <= 31
  if (!isDay(from) || !isDay(to)) return { wanted: 'days from 1 to 31, or from -31 to -1' }
  if (from < 0 && to > 0) return { wanted: 'an end counted from the end of the month, as the beginning is' }
  // What cannot be even in February.
  const least = (day: number): number => (day < 0 ? 28 + day : day)
  return least(from) <= least(to) ? undefined : { wanted: 'the end not before the beginning' }
})

const minute: Reader<number> = (tree, at) => {
  const written = text(tree, at)
  const [, hours, minutes] = /^([01]\d|2[0-3]|24(?=:00)):([0-5]\d)$/.exec(written ?? '') ?? []
  if (hours !== undefined) return Number(hours) * 60 + Number(minutes)
  if (written !== undefined)
    complain(tree.place, at, { wanted: 'a time from 00:00 to 24:00', found: foundText(tree) })
  return undefined
}

const minutes = shape({ start_time: minute, end_time: minute }, ({ values, map, at }) => {
  const { start_time: from, end_time: to } = values
  const stands = ['start_time', 'end_time'].map(key => map.keys.get(key)?.value)
  const isBroken = stands.every(value => value !== undefined && !isEmpty(value))
  if (from === undefined || to === undefined) {
    if (!isBroken) complain(map.place, at, { wanted: 'start_time and end_time', found: 'one or none' })
  } else if (from >= to) {
    const hint = 'over midnight it takes two: one to 24:00 and one from 00:00'
    complain(map.place, at, { wanted: 'the end behind the beginning', found: foundText(map), hint })
  }
})

const time: Reader<Range> = (tree, at) => {
  const found = minutes(tree, at)
  const { start_time: from, end_time: to } = found ?? {}
  return from === undefined || to === undefined ? undefined : { from, to }
}

// `Local` is the place of this machine, as in Go.
const zone: Reader<string> = (tree, at) => {
  const written = text(tree, at)
  if (written === undefined || written === '') return written === '' ? 'UTC' : undefined
  if (written === 'Local') return new Intl.DateTimeFormat().resolvedOptions().timeZone
  const read = timezone.safeParse(written)
  const right = zoneName(written)
  if (read.success && right === written) return read.data
  complain(tree.place, at, {
    wanted: 'a time zone of the IANA list, like Asia/Shanghai or UTC',
    found: foundText(tree),
    hint: right === written ? undefined : `in Go the case of letters counts: ${right}`,
  })
  return undefined
}

const capitals = /(?<=^|\/)(?:utc|gmt|uct|est|mst|hst|wet|cet|met|eet|prc|roc|rok|nz|gb|us)(?![a-z])/gi

// As the list writes it. Intl does not tell the old names, of which each part begins with a capital.
function zoneName(written: string): string {
  const known = Intl.supportedValuesOf('timeZone').find(each => each.toLowerCase() === written.toLowerCase())
  if (known !== undefined) return known
  const begun = written.replace(/(?<=^|\/)[a-z]/g, each => each.toUpperCase())
  return begun.replace(capitals, each => each.toUpperCase())
}

const intervalKeys = {
  times: list(time),
  weekdays: list(weekday),
  days_of_month: list(dayOfMonth),
  months: list(month),
  years: list(year),
  location: zone,
}

const interval: Reader<Interval> = (tree, at) => {
  const found = shape(intervalKeys, part => {
    const odd = part.values.months?.some(({ from, to }) => from < 1 || to > 12)
    if (odd === true)
      doubt(placeOf(part, 'months'), part.at, { wanted: 'months from 1 to 12', found: 'others' })
  })(tree, at)
  if (found === undefined) return undefined
  const { location = 'UTC', days_of_month: daysOfMonth, ...rest } = found
  return { ...rest, ...(daysOfMonth === undefined ? {} : { daysOfMonth }), zone: location }
}

const namedKeys = { name: text, time_intervals: list(interval) }
const named = shape(namedKeys, ({ values, map, at }) => {
  if ((values.name ?? '') === '') complain(map.place, at, { wanted: 'a name', found: 'none' })
})

export type Named = Readonly<{ name: string; intervals: readonly Interval[]; tree: Tree; at: At }>

export const namedIntervals = list<Named>((tree, at) => {
  // Alertmanager asks for a name only where there is something: one that is nothing is called so.
  if (isEmpty(tree)) return { name: '', intervals: [], tree, at }
  const found = named(tree, at)
  return found === undefined
    ? undefined
    : { name: found.name ?? '', intervals: found.time_intervals ?? [], tree, at }
})
