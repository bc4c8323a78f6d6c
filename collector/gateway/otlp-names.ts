// How is an OpenTelemetry metric or attribute called here? As in Prometheus' own translation, so that its dashboards
// fit: dots become underscores, the unit is appended, counters end in _total. Called by otlp-rows.ts.
import type { OtlpMetric } from './otlp-model.ts'

const units: Readonly<Record<string, string>> = {
  d: 'days',
  h: 'hours',
  min: 'minutes',
  s: 'seconds',
  ms: 'milliseconds',
  us: 'microseconds',
  ns: 'nanoseconds',
  By: 'bytes',
  KiBy: 'kibibytes',
  MiBy: 'mebibytes',
  GiBy: 'gibibytes',
  TiBy: 'tibibytes',
  KBy: 'kilobytes',
  MBy: 'megabytes',
  GBy: 'gigabytes',
  TBy: 'terabytes',
  m: 'meters',
  V: 'volts',
  A: 'amperes',
  J: 'joules',
  W: 'watts',
  g: 'grams',
  Cel: 'celsius',
  Hz: 'hertz',
  '1': '',
  '%': 'percent',
}

const rates: Readonly<Record<string, string>> = {
  s: 'second',
  m: 'minute',
  h: 'hour',
  d: 'day',
  w: 'week',
  mo: 'month',
  y: 'year',
}

// The answer is empty when nothing of the name can be kept.
export function metricNameOf({ name, unit, data }: OtlpMetric): string {
  const words = wordsOf(name)
  if (words.length === 0) return ''
  const { main, rate } = unitWords(unit)
  if (main !== '' && !words.includes(main)) words.push(main)
  // What is called `requests.per.second` is measured in {requests}/s.
  if (rate !== '' && !words.includes(rate)) words.push('per', rate)
  if (data.kind === 'sum' && data.isMonotonic) moveToEnd(words, 'total')
  if (data.kind === 'gauge' && unit === '1') moveToEnd(words, 'ratio')
  const joined = words.join('_')
  return /^\d/.test(joined) ? `_${joined}` : joined
}

export function labelNameOf(key: string): string {
  const name = key.replace(/[^a-zA-Z0-9_]/g, '_')
  if (/^\d/.test(name)) return `key_${name}`
  return /^_(?!_)/.test(name) ? `key${name}` : name
}

const wordsOf = (text: string): string[] => text.split(/[^a-zA-Z0-9:]+/).filter(word => word !== '')

// By/s is bytes_per_second; what stands in braces, as {requests}, is a remark and no unit.
function unitWords(unit: string): Readonly<{ main: string; rate: string }> {
  const [main, rate] = unit.split(/\/(.*)/s).map(part => part.trim())
  const named = (part: string | undefined, names: Readonly<Record<string, string>>): string =>
    part === undefined || /[{}]/.test(part)
      ? ''
      : wordsOf(Object.hasOwn(names, part) ? names[part]! : part).join('_')
  return { main: named(main, units), rate: named(rate, rates) }
}

function moveToEnd(words: string[], last: string): void {
  const others = words.filter(word => word !== last)
  words.splice(0, words.length, ...others, last)
}
