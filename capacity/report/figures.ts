// How amounts, shares, money and days read: three digits that matter, thousands grouped, the unit behind. Called by all
// that writes numbers for people in this room, and by the commands about it.
import type { Language } from '#core/http/language.ts'
import { dayText } from '../days.ts'

export const unknownText = '–'

// No line breaks between a number and its unit.
const space = '\u00a0'

// For terminals: what is copied there and searched for has the spaces that people type.
export const plain = (text: string): string => text.replaceAll(space, ' ')

// A hyphen is no minus.
const signed = (text: string): string => text.replace(/^-/, '−')

// Thousands of thousands: where the unit takes a prefix.
const prefixes = ['', 'k', 'M', 'G', 'T', 'P', 'E']

export type Scale = Readonly<{ divisor: number; unit: string }>

// Bytes and bits become kB, MB, GB …; other units stay what the configuration calls them.
export function scaleOf(largest: number, unit: string): Scale {
  const [, kind, rest = ''] = /^(bytes?|bits?|B|bps)((?:\/.*)?)$/.exec(unit) ?? []
  if (kind === undefined) return { divisor: 1, unit }
  const size = Number.isFinite(largest) ? Math.abs(largest) : 0
  const step = size < 1_000 ? 0 : Math.min(prefixes.length - 1, Math.floor(Math.log10(size) / 3 + 1e-9))
  const short = kind === 'bps' ? 'bit/s' : kind.startsWith('bit') ? 'bit' : 'B'
  return { divisor: 1_000 ** step, unit: `${prefixes[step]}${short}${rest}` }
}

// 12,345 is 12,300, and 0.01234 is 0.0123.
export function digits(value: number, most = 3): string {
  if (!Number.isFinite(value)) return unknownText
  return signed(
    formatOf('en', { maximumSignificantDigits: Math.min(21, most) }).format(value === 0 ? 0 : value),
  )
}

export function amount(value: number, unit: string, scale: Scale = scaleOf(value, unit)): string {
  const number = digits(value / scale.divisor)
  return number === unknownText || scale.unit === '' ? number : `${number}${space}${scale.unit}`
}

// What stands before its whole, `738` of 960 GB: with its own unit where that is another, `738 GB` of 1.54 TB.
export function partOf(value: number, whole: number, unit: string): string {
  const scale = scaleOf(whole, unit)
  const isShared = Number.isFinite(whole) && (value === 0 || scaleOf(value, unit).unit === scale.unit)
  return isShared ? digits(value / scale.divisor) : amount(value, unit)
}

// `4,800 to 5,400 cores`.
export const span = (low: number, high: number, unit: string, to: string): string =>
  `${partOf(low, high, unit)}${to}${amount(high, unit)}`

// Whole things.
export const count = (value: number): string =>
  Number.isFinite(value) ? signed(formatOf('en', { maximumFractionDigits: 0 }).format(value)) : unknownText

// To either side of nothing it is less than what is shown, and its sign says nothing.
const percentLeast = 0.1

export function percent(share: number): string {
  if (!Number.isFinite(share)) return unknownText
  const size = Math.abs(share * 100)
  if (size > 0 && size < percentLeast / 2) return `<${space}${percentLeast}${space}%`
  const most = { maximumFractionDigits: size < 10 ? 1 : 0 }
  return `${signed(formatOf('en', most).format(share * 100 + 0))}${space}%`
}

// How much too much, `+14 %`, or too little, `−2 %`.
export function percentOff(share: number): string {
  const text = percent(share)
  return share > 0 && !text.startsWith('<') ? `+${text}` : text
}

// To order and to compare: not a cent of it is rounded away.
export const money = (value: number, currency: string): string =>
  `${signed(formatOf('en', { maximumFractionDigits: 2 }).format(value))} ${currency}`

// For programs: the same, without 0.1 + 0.2 being more than 0.3.
export const cents = (value: number): number => Math.round(value * 100) / 100 + 0

// For headings: 1.23M CNY, 123万 CNY.
export const shortMoney = (value: number, currency: string, language: Language): string =>
  Math.abs(value) < 100_000
    ? money(value, currency)
    : `${formatOf(language, { notation: 'compact', maximumSignificantDigits: 3 }).format(value)} ${currency}`

// 12 servers, 1 server, 12 台: a name in Latin letters gets its plural in English.
export function units(value: number, unit: string, language: Language): string {
  const isPlural = language === 'en' && Math.abs(value) !== 1 && /[a-z]$/.test(unit) && !/s$/.test(unit)
  return `${count(value)} ${unit}${isPlural ? (/(?:x|ch|sh)$/.test(unit) ? 'es' : 's') : ''}`
}

export type Counted = Readonly<{ unit: string; units: number }>

// Servers are not added to disks: so many of each, the most first.
export function byUnit(all: readonly Counted[]): readonly Counted[] {
  const sums = new Map<string, number>()
  for (const { unit, units: some } of all) sums.set(unit, (sums.get(unit) ?? 0) + some)
  return [...sums].map(([unit, some]) => ({ unit, units: some })).sort((a, b) => b.units - a.units)
}

const kindsNamed = 3

// Few enough for a headline; the others stand in the table. One that would be left out alone takes no more room.
export function namedUnits(all: readonly Counted[], language: Language): readonly string[] {
  const sums = byUnit(all)
  const named = sums.length === kindsNamed + 1 ? sums : sums.slice(0, kindsNamed)
  return named.map(each => units(each.units, each.unit, language))
}

export const dayOr = (day: number | null, none: string): string => (day === null ? none : dayText(day))

// 2026-12 as `December 2026` and `2026年12月`.
export const monthName = (month: string, language: Language): string =>
  new Intl.DateTimeFormat(language, { year: 'numeric', month: 'long', timeZone: 'UTC' }).format(
    Date.parse(`${month}-01T00:00:00Z`),
  )

// Making one costs more than using it a hundred times.
const formats = new Map<string, Intl.NumberFormat>()

function formatOf(language: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${language} ${JSON.stringify(options)}`
  // What rounds to nothing has no sign.
  const format = formats.get(key) ?? new Intl.NumberFormat(language, { signDisplay: 'negative', ...options })
  formats.set(key, format)
  return format
}
