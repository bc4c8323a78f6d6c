// All entries that are not told, by id, and in their order for each group and integration: the others wait for the
// first. Called by loop.ts.
import type { OutboxEntry } from '../outbox-entry.ts'
import { type Item, newItem } from './item.ts'

export interface Roster {
  readonly items: ReadonlyMap<string, Item>
  add(entry: OutboxEntry, dueMs: number): Item
  // It is the oldest of its group and integration, and no other of them is on its way.
  isFirst(item: Item): boolean
  // Of its group and integration.
  othersOf(item: Item): readonly Item[]
  // Answers with the one whose turn it is then.
  remove(item: Item): Item | undefined
}

export function openRoster(): Roster {
  const items = new Map<string, Item>()
  const lines = new Map<string, readonly Item[]>()
  const lineWith = ({ line }: Item): readonly Item[] => lines.get(line) ?? []
  const othersOf = (item: Item): readonly Item[] => lineWith(item).filter(each => each !== item)
  return {
    items,
    add(entry, dueMs) {
      const item = newItem(entry, dueMs)
      items.set(entry.id, item)
      // Urgent ones are heard of first, also where an older one of their group waits.
      lines.set(item.line, [...lineWith(item), item].sort(byAge))
      return item
    },
    isFirst(item) {
      const line = lineWith(item)
      return line[0] === item && line.every(each => each === item || !each.isFlying)
    },
    othersOf,
    remove(item) {
      items.delete(item.entry.id)
      const left = othersOf(item)
      if (left.length === 0) lines.delete(item.line)
      else lines.set(item.line, left)
      return left[0]
    },
  }
}

const byAge = (one: Item, other: Item): number => one.entry.sinceMs - other.entry.sinceMs
