// The details of an event as values, as Alertmanager sends them: what a template made of `{{ .Alerts.Firing | len }}` is a
// number there, and of `{{ .Alerts.Firing | toJson }}` a list. Called by event.ts.
import { looseValue } from '#core/config/loose-value.ts'

type Details = Readonly<Record<string, unknown>>

// An event has room for 512 000 bytes, and its own words need little of it.
const detailsMax = 400_000

export function valuesOf(details: Details): Details {
  const read = Object.entries(details).map(([name, value]) => [name, asValue(value)] as const)
  const sized = read.map(([name, value]) => ({
    name,
    size: Buffer.byteLength(JSON.stringify({ [name]: value })),
  }))
  let size = sized.reduce((sum, each) => sum + each.size, 0)
  // The longest first: the counts stay.
  const left = new Set<string>()
  for (const each of sized.toSorted((a, b) => b.size - a.size)) {
    if (size <= detailsMax) break
    left.add(each.name)
    size -= each.size
  }
  return Object.fromEntries(read.filter(([name]) => !left.has(name)))
}

function asValue(value: unknown): unknown {
  if (typeof value === 'string') {
    const read = looseValue(value)
    return read === undefined ? value : read
  }
  if (Array.isArray(value)) return value.map(asValue)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, asValue(each)]))
}
