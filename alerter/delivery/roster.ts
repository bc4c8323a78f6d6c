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
  const byKey = new Map<string, Item[]>()
  return {
    items,
    add(entry, dueMs) {
      const item = newItem(entry, dueMs)
      items.set(entry.id, item)
      const others = byKey.get(item.key)
      if (others === undefined) byKey.set(item.key, [item])
      // Urgent ones are heard of first, also where an older one of their group waits.
      else
        byKey.set(
          item.key,
          [...others, item].sort((one, other) => one.entry.sinceMs - other.entry.sinceMs),
        )
      return item
    },
    isFirst(item) {
      const [first, ...others] = byKey.get(item.key) ?? []
      return first === item && !others.some(each => each.isFlying)
    },
    othersOf: item => (byKey.get(item.key) ?? []).filter(each => each !== item),
    remove(item) {
      items.delete(item.entry.id)
      const left = (byKey.get(item.key) ?? []).filter(each => each !== item)
      if (left.length === 0) byKey.delete(item.key)
      else byKey.set(item.key, left)
      return left[0]
    },
  }
}
