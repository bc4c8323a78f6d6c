// Held against what Alertmanager 0.31.1 itself answered to the same requests, by samples/alertmanager.yml. Its times and
// ids differ from ours, and so do the words in which Go's JSON reader complains.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { openApiServer } from './server.ts'

type Silence = Readonly<{ silenceID?: string; startsAt?: string }>

type Asked = Readonly<{
  name: string
  method: string
  path: string
  body?: unknown
  status: number
  type: string | null
  answer: string
}>

const sample = new URL('samples/alertmanager-0.31.json', import.meta.url)
const { nowMs, asked } = JSON.parse(readFileSync(sample, 'utf8')) as { nowMs: number; asked: Asked[] }

// Where ours are different on purpose.
const ours: Readonly<Record<string, string>> = {
  // Programs forget to say what they send.
  'text/plain': 'is read as JSON',
  // Our server speaks for all addresses.
  put: 'has the form of ours',
  'delete silences': 'has the form of ours',
  'unknown path': 'has the form of ours',
}

const words: readonly RegExp[] = [
  /^(parsing (?:alerts|silence) body from "" failed, because ).*$/s,
  /^(failed to parse receiver param: ).*$/s,
  /^(invalid silence: invalid label matcher \d: invalid regular expression "\(": ).*$/s,
  // Matchers that are none.
  /^()(?:bad matcher format|unexpected open or close brace|matcher value contains|wanted ).*$/s,
]

const known = new Set(['startsAt', 'endsAt', 'updatedAt', 'uptime'])

// Without what differs from one run to the next.
function plain(value: unknown, ids: Map<string, string>): unknown {
  if (typeof value === 'string') {
    const id = ids.get(value)
    if (id !== undefined) return id
    return words.reduce((text, each) => text.replace(each, '$1…'), value)
  }
  if (Array.isArray(value)) return value.map(each => plain(each, ids))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, each]) => [name, known.has(name) ? timeIn(String(each)) : plain(each, ids)]),
  )
}

const timeIn = (text: string): string => {
  expect(text).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(Z|[+-]\d\d:\d\d)$/)
  return 'a time'
}

// What ended within one millisecond has no order.
const inOrder = (value: unknown, name: string): unknown =>
  name.startsWith('silences') && Array.isArray(value)
    ? value.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
    : value

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

test('answers as Alertmanager 0.31 to everything that was asked of it', async () => {
  await using server = await openApiServer()
  const shiftMs = Date.now() - nowMs
  // The ids of theirs become ours.
  const [theirIds, ourIds, idNow] = [
    new Map<string, string>(),
    new Map<string, string>(),
    new Map<string, string>(),
  ]
  const moved = (time: string): string => new Date(Date.parse(time) + shiftMs).toISOString()
  const now = (text: string): string =>
    [...idNow].reduce(
      (sofar, [theirs, is]) => sofar.replaceAll(theirs, is),
      text.replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, moved),
    )
  const seen = []
  for (const one of asked) {
    const text = typeof one.body === 'string' ? one.body : JSON.stringify(one.body)
    const body =
      one.body === undefined ? {} : { body: now(text), headers: { 'content-type': 'application/json' } }
    const response = await fetch(server.url + now(one.path), { method: one.method, ...body })
    const answer = await response.text()
    const [theirs, is] = [parsed(one.answer), parsed(answer)] as [Silence, Silence]
    // Whoever changes a silence sends the start that he was shown.
    if (theirs?.startsAt !== undefined) idNow.set(moved(theirs.startsAt), is.startsAt ?? '')
    if (theirs?.silenceID !== undefined && is?.silenceID !== undefined) {
      const isKnown = theirIds.has(theirs.silenceID)
      if (!isKnown) {
        theirIds.set(theirs.silenceID, `silence ${theirIds.size}`)
        idNow.set(theirs.silenceID, is.silenceID)
      }
      if (!ourIds.has(is.silenceID)) ourIds.set(is.silenceID, `silence ${ourIds.size}`)
    }
    if (one.name in ours) continue
    seen.push(one.name)
    expect(response.status, one.name).toBe(one.status)
    expect(response.headers.get('cache-control'), one.name).toBe('no-store')
    expect(response.headers.get('content-type')?.split(';')[0] ?? null, one.name).toBe(one.type)
    expect(inOrder(plain(is, ourIds), one.name), one.name).toEqual(inOrder(plain(theirs, theirIds), one.name))
  }
  expect(seen.length).toBe(asked.length - Object.keys(ours).length)
})
