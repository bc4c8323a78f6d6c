// How numbers, sizes and times read on the page, in each language: three digits that matter, and a unit apart, so
// that it can be set smaller. Called by machine.ts and view.ts.
import type { Language } from '#core/http/language.ts'

export type Figure = Readonly<{ number: string; unit: string }>

const sizes = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']

// Three digits, no zeros behind the point that say nothing.
export function digits(value: number, language: Language): string {
  const size = Math.abs(value)
  const most = size >= 100 ? 0 : size >= 10 ? 1 : 2
  return formatOf(language, { maximumFractionDigits: most }).format(value)
}

export function bytes(value: number, language: Language): Figure {
  const step = value < 1 ? 0 : Math.min(sizes.length - 1, Math.floor(Math.log2(value) / 10))
  return { number: digits(value / 1024 ** step, language), unit: sizes[step]! }
}

export const figureText = ({ number, unit }: Figure): string => (unit === '' ? number : `${number} ${unit}`)

export const bytesText = (value: number, language: Language): string => figureText(bytes(value, language))

export const percent = (value: number, language: Language): Figure => ({
  number: formatOf(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(value),
  unit: '%',
})

// Whole things: 9,812 and, beyond six digits, 1.2M or 123万.
export const count = (value: number, language: Language): string =>
  value < 1e6
    ? formatOf(language, { maximumFractionDigits: 0 }).format(value)
    : formatOf(language, { notation: 'compact', maximumFractionDigits: 1 }).format(value)

const prefixes = ['', 'k', 'M', 'G', 'T', 'P', 'E']

// Any value, in a place that is narrow: 42, 999,999, 8 P, 1.23e-5. What it was exactly stands beside it.
export function short(value: number, language: Language): string {
  const size = Math.abs(Number(value.toPrecision(3)))
  if (size !== 0 && (size < 1e-3 || size >= 1e21) && Number.isFinite(size))
    return value.toExponential(2).replace(/\.?0+e\+?/, 'e')
  if (size < 1) return formatOf(language, { maximumSignificantDigits: 3 }).format(value)
  if (!(Math.round(Math.abs(value)) >= 1e6) || !Number.isFinite(value)) return digits(value, language)
  const step = Math.floor(Math.log10(size) / 3 + 1e-9)
  return `${digits(value / 1000 ** step, language)} ${prefixes[step]}`
}

const steps = [
  { ms: 86_400_000, en: 'd', zh: '天' },
  { ms: 3_600_000, en: 'h', zh: '小时' },
  { ms: 60_000, en: 'min', zh: '分钟' },
  { ms: 1_000, en: 's', zh: '秒' },
] as const

// In its largest unit: 4 s, 12 min, 3 h, 2 d.
export function span(durationMs: number, language: Language): string {
  const step = steps.find(({ ms }) => durationMs >= ms) ?? steps[3]
  return `${Math.max(0, Math.floor(durationMs / step.ms))} ${step[language]}`
}

// A moment of the zone: the time alone on the same day.
export function moment(tMs: number, nowMs: number, timeZone: string): string {
  const [day, time] = parts(tMs, timeZone)
  return day === parts(nowMs, timeZone)[0] ? time : `${day} ${time}`
}

// Swedish writes dates as ISO does.
const parts = (tMs: number, timeZone: string): [day: string, time: string] =>
  zoned(timeZone).format(tMs).split(' ') as [string, string]

// Making one costs more than using it a hundred times.
const formats = new Map<string, Intl.NumberFormat>()
const zones = new Map<string, Intl.DateTimeFormat>()

function formatOf(language: Language, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${language} ${JSON.stringify(options)}`
  const format = formats.get(key) ?? new Intl.NumberFormat(language, options)
  formats.set(key, format)
  return format
}

function zoned(timeZone: string): Intl.DateTimeFormat {
  const format =
    zones.get(timeZone) ?? new Intl.DateTimeFormat('sv', { timeZone, dateStyle: 'short', timeStyle: 'short' })
  zones.set(timeZone, format)
  return format
}
