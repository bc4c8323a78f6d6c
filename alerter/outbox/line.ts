// One entry of the outbox and its versions: as it is durable, and as it will be. Called by outbox.ts, and
// by whoever tells lines apart.
import type { OutboxEntry } from '../outbox-entry.ts'
import { mergeTellings } from '../timeline/merge-tellings.ts'
import type { Telling } from '../timeline/outcome.ts'

export type Item = {
  // Of one group and integration. It is long, and looked up often: made once.
  readonly line: string
  // With all that was merged into it.
  entry: OutboxEntry
  // As it is in the state, or as it was when it was taken.
  durable: OutboxEntry | undefined
  // What was merged since, in order, and the version that it made.
  unsaved: readonly Readonly<{ telling: Telling; version: OutboxEntry }>[]
  isTaken: boolean
}

export type Put = Readonly<{ entry: OutboxEntry; saved: () => void }>

export function mergedInto(item: Item, telling: Telling): void {
  item.entry = { ...item.entry, telling: mergeTellings(item.entry.telling, telling) }
  item.unsaved = [...item.unsaved, { telling, version: item.entry }]
}

export function versionSaved(item: Item, version: OutboxEntry): void {
  // What was taken stays as it was then, and what was put back is another version.
  if (item.isTaken) return
  if (version !== item.entry && !item.unsaved.some(each => each.version === version)) return
  const at = item.unsaved.findIndex(each => each.version === version)
  item.durable = version
  item.unsaved = item.unsaved.slice(at + 1)
}

// The part that is not durable becomes an entry of its own, when the other is taken.
export function split(item: Item): OutboxEntry | undefined {
  const durable = item.durable!
  const [first, ...others] = item.unsaved.map(each => each.telling)
  item.entry = durable
  item.unsaved = []
  if (first === undefined) return undefined
  const telling = others.reduce(mergeTellings, first)
  const { id, atMs: sinceMs } = first
  return { ...durable, id, telling, sinceMs, tries: 0, notBeforeMs: 0, settled: undefined }
}

export function newItem(entry: OutboxEntry, durable?: OutboxEntry): Item {
  return { line: lineOf(entry), entry, durable, unsaved: [], isTaken: false }
}

export const lineOf = ({ group, integration }: Pick<OutboxEntry, 'group' | 'integration'>): string =>
  `${integration}\n${group}`

export function tellingEntry(telling: Telling, incident: number): OutboxEntry {
  const { id, group, integration, atMs } = telling
  // As timeline/places.ts makes them: the receiver is one line.
  const end = group.indexOf('\n')
  const [receiver, groupKey] = [group.slice(0, end), group.slice(end + 1)]
  const times = { sinceMs: atMs, tries: 0, notBeforeMs: 0 }
  return { id, group, groupKey, receiver, integration, telling, incident, ...times }
}

export const byAge = (one: OutboxEntry, other: OutboxEntry): number =>
  one.sinceMs - other.sinceMs || one.telling.atMs - other.telling.atMs

const isPage = ({ telling }: OutboxEntry): boolean => telling.urgency === 'page'

export const byUrgency = (one: OutboxEntry, other: OutboxEntry): number =>
  Number(isPage(other)) - Number(isPage(one)) || byAge(one, other)
