// Whether a text is a cron expression of five fields: minute, hour, day of the month, month, weekday. When it is due is
// asked of monthly.ts; this says early that it can be read. Called by the schema of the key `capacity`.

type Field = Readonly<{ least: number; most: number; names?: readonly string[] }>

const months = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ')
const weekdays = 'sun mon tue wed thu fri sat'.split(' ')

const fields: readonly Field[] = [
  { least: 0, most: 59 },
  { least: 0, most: 23 },
  { least: 1, most: 31 },
  { least: 1, most: 12, names: months },
  // Sunday is 0, and 7.
  { least: 0, most: 7, names: weekdays },
]

export function isCron(text: string): boolean {
  const parts = text.trim().split(/\s+/)
  return parts.length === fields.length && fields.every((field, at) => isList(parts[at]!, field))
}

const isList = (text: string, field: Field): boolean => text.split(',').every(each => isRange(each, field))

function isRange(text: string, field: Field): boolean {
  const [, from = '', to, step] = /^(\*|[a-z]+|\d+)(?:-([a-z]+|\d+))?(?:\/(\d+))?$/i.exec(text) ?? []
  if (step !== undefined && Number(step) < 1) return false
  if (from === '*') return to === undefined
  const [first, last] = [read(from, field), to === undefined ? undefined : read(to, field)]
  if (Number.isNaN(first)) return false
  return last === undefined || first <= last
}

function read(text: string, { least, most, names = [] }: Field): number {
  const named = names.indexOf(text.toLowerCase())
  if (named >= 0) return named + (names === months ? 1 : 0)
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  return value >= least && value <= most ? value : Number.NaN
}
