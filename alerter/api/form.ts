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

const isoTime = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d)?(?:\.(\d{1,9}))?(Z|[+-]\d\d:?\d\d)?)?$/

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
  const [, day, minute = '00:00', second = ':00', fraction = '', zone = 'Z'] = isoTime.exec(found) ?? []
  if (day === undefined) throw badTime(found, name)
  if (found.startsWith('0001-01-01T00:00:00') && Number(fraction) === 0) return undefined
  const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)$/.exec(zone) ?? ['', '', '00', '00']
  const ms = `${fraction}000`.slice(0, 3)
  const atMs = Date.parse(
    `${day}T${minute}${second}.${ms}${sign === '' ? 'Z' : `${sign}${hours}:${minutes}`}`,
  )
  if (Number.isNaN(atMs)) throw badTime(found, name)
  return atMs
}

const badTime = (found: string, name: string): Refused =>
  refuseBody(name, `parsing time ${JSON.stringify(found)}: wanted one like 2026-11-20T08:00:00.000Z`)

export const timeText = (atMs: number): string => new Date(atMs).toISOString()

const yes = new Set(['true', '1', 'yes', 'ok', 'y', 'on', 'selected', 'checked', 't', 'enabled'])

// Left out: on.
export const isOn = (said: string | undefined): boolean => said === undefined || yes.has(said.toLowerCase())
