// Reads what Alertmanager's clients send: bodies, times and switches, as forgiving as Alertmanager and no more. Called by
// the routes of /api/v2.
import { codes, type Refused, refuseBody, refuseForm } from './refusal.ts'

export type Found = Readonly<Record<string, unknown>>

export function bodyOf(bytes: Uint8Array, name: string): unknown {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()
  if (text.trim() === '') throw refuseForm(codes.missing, `${name} in body is required`)
  try {
    return JSON.parse(text)
  } catch (error) {
    throw refuseBody(name, (error as Error).message)
  }
}

// 0.3 ms of reading.
const portionBytes = 65_536

// A long list in portions, because to read 20 MB of JSON at once holds everybody up for 0.2 s and makes a tree of three
// times that. A cut behind an item is a true one exactly when what is before it is a whole list; where it is none, and for
// what is no list, all that is left is read as one.
export function* bodyPortions(bytes: Uint8Array, name: string, eachBytes = portionBytes): Generator<unknown> {
  const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const isLong = body.length > 2 * eachBytes && body[0] === bracket
  for (let at = isLong ? 1 : 0; ; ) {
    const end = isLong ? body.indexOf('},{', at + eachBytes) + 1 : 0
    const items = end === 0 ? undefined : itemsOf(body.toString('utf8', at, end))
    if (items === undefined) {
      yield bodyOf(at === 0 ? body : Buffer.from(`[${body.toString('utf8', at)}`), name)
      return
    }
    yield items
    at = end + 1
  }
}

const bracket = 0x5b

function itemsOf(items: string): unknown {
  try {
    return JSON.parse(`[${items}]`)
  } catch {
    return undefined
  }
}

export const isObject = (found: unknown): found is Found =>
  typeof found === 'object' && found !== null && !Array.isArray(found)

// The keys as Go finds them: what is written in another case counts as one of `names`, the last of several, and never
// against one that is written as it should be. Nothing is made where there is none.
export function withNames(found: Found, names: readonly string[]): Found {
  const nameOf = (key: string): string => names.find(name => name.toLowerCase() === key.toLowerCase()) ?? key
  const isOdd = Object.keys(found).some(key => !names.includes(key) && nameOf(key) !== key)
  if (!isOdd) return found
  return {
    ...Object.fromEntries(Object.entries(found).map(([key, value]) => [nameOf(key), value])),
    ...found,
  }
}

export function kindOf(found: unknown): string {
  if (found === null) return 'null'
  return Array.isArray(found) ? 'array' : typeof found
}

const dayAt = '(\\d{4}-\\d\\d-\\d\\d)'
const timeAt = '(\\d\\d?):(\\d\\d):(\\d\\d)(?:[.,](\\d+))?'
// The forms of go-openapi's strfmt. Without a colon in the zone, a fraction is of milliseconds or microseconds.
const timeForms = [
  `${dayAt}T${timeAt}(Z|[+-]\\d\\d:\\d\\d)?`,
  `${dayAt}T(?=[^.,]+[.,](?:\\d{3}|\\d{6})[+-])${timeAt}([+-]\\d{4})`,
  `${dayAt}T(\\d\\d?):(\\d\\d)Z?`,
  `${dayAt} ${timeAt}`,
  dayAt,
].map(form => new RegExp(`^${form}$`))

// Nothing where it is left out, or Go's zero. Finer times are cut to milliseconds.
export function timeMs(found: unknown, name: string): number | undefined {
  if (found === undefined || found === null) return undefined
  if (typeof found !== 'string') throw refuseBody(name, `a time is a text, not ${kindOf(found)}`)
  const known = times.get(found)
  if (known !== undefined) return known
  const atMs = readTime(found, name)
  if (times.size >= timesMax) times.clear()
  if (atMs !== undefined) times.set(found, atMs)
  return atMs
}

// Alerts that come together share times.
const times = new Map<string, number>()
const timesMax = 1_000

function readTime(found: string, name: string): number | undefined {
  // As Alertmanager reads it.
  if (found === '') return 0
  const form = timeForms.find(each => each.test(found))
  const [, day = '', hour = '0', minute = '0', second = '0', fraction = '', zone = ''] =
    form?.exec(found) ?? []
  const dayMs = dayMsOf(day)
  if (Number.isNaN(dayMs) || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59)
    throw badTime(found, name)
  const minutes = Number(hour) * 60 + Number(minute) - zoneMinutes(found, zone, name)
  const ms = Number(`${fraction}000`.slice(0, 3))
  const atMs = dayMs + minutes * 60_000 + Number(second) * 1_000 + ms
  return atMs === goZeroMs && Number(fraction.slice(0, 9)) === 0 ? undefined : atMs
}

const goZeroMs = Date.parse('0001-01-01T00:00:00.000Z')

// JavaScript takes the 30th of February for the first days of March. Alerts that come together are of one day.
let lastDay = { text: '', ms: Number.NaN }
function dayMsOf(text: string): number {
  if (text === lastDay.text) return lastDay.ms
  const ms = Date.parse(`${text}T00:00:00.000Z`)
  const isDay = !Number.isNaN(ms) && timeText(ms).startsWith(text)
  lastDay = { text, ms: isDay ? ms : Number.NaN }
  return lastDay.ms
}

// A whole day and a whole hour are within Go's bounds.
function zoneMinutes(found: string, zone: string, name: string): number {
  if (zone === '' || zone === 'Z') return 0
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(-2))]
  if (hours > 24 || minutes > 60) throw badTime(found, name)
  return Number(`${zone[0]}1`) * (hours * 60 + minutes)
}

const badTime = (found: string, name: string): Refused =>
  refuseBody(name, `parsing time ${JSON.stringify(found)}: wanted one like 2026-11-20T08:00:00.000Z`)

export const timeText = (atMs: number): string => new Date(atMs).toISOString()

const yes = new Set(['true', '1', 'yes', 'ok', 'y', 'on', 'selected', 'checked', 't', 'enabled'])

// Left out: on.
export const isOn = (said: string | undefined): boolean => said === undefined || yes.has(said.toLowerCase())
