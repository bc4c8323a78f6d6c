// Which leases may be taken now? Those that nobody has, and those whose owner was not seen to do anything for six
// seconds of this machine's own clock. Pure; called by leases.ts after each look at the table.
import { type LeaseRow, nobody } from './lease-rows.ts'
import { timing } from './timing.ts'

export type Sighting = Readonly<{ row: LeaseRow; sinceMs: number }>

export type Because = 'new' | 'released' | 'silent' | 'own'

export type Chance = Readonly<{ name: string; row: LeaseRow | undefined; because: Because }>

export type Look = Readonly<{
  names: readonly string[]
  rows: readonly LeaseRow[]
  self: string
  // No other process can have them.
  sole: boolean
  // Monotonic, after the answer had come: what it shows may be as young as that.
  seenMs: number
}>

export type Sighted = Readonly<{
  sightings: ReadonlyMap<string, Sighting>
  chances: readonly Chance[]
  // When the next one falls silent, if all do.
  nextMs: number
}>

export function sight(before: ReadonlyMap<string, Sighting>, look: Look): Sighted {
  const rows = new Map(look.rows.map(row => [row.name, row]))
  const sightings = new Map<string, Sighting>()
  const chances: Chance[] = []
  let nextMs = Number.POSITIVE_INFINITY
  for (const name of look.names) {
    const row = rows.get(name)
    if (row === undefined) {
      chances.push({ name, row, because: 'new' })
      continue
    }
    const last = before.get(name)
    const sighting = last !== undefined && isSame(last.row, row) ? last : { row, sinceMs: look.seenMs }
    sightings.set(name, sighting)
    const silentAtMs = sighting.sinceMs + timing.silentMs
    const because = whyFree(row, look, silentAtMs)
    if (because === undefined) nextMs = Math.min(nextMs, silentAtMs)
    else chances.push({ name, row, because })
  }
  return { sightings, chances, nextMs }
}

function whyFree(row: LeaseRow, { self, sole, seenMs }: Look, silentAtMs: number): Because | undefined {
  if (row.owner === nobody) return 'released'
  // Who asks does not hold it: it was lost, or the answer to taking it was.
  if (row.owner === self) return 'own'
  return sole || seenMs >= silentAtMs ? 'silent' : undefined
}

const isSame = (one: LeaseRow, other: LeaseRow): boolean =>
  one.owner === other.owner && one.epoch === other.epoch && one.beat === other.beat
