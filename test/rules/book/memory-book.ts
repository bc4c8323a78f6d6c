// A book in memory, for tests of what stands around a book. It keeps to the contract of the real one.
import type { AlertTransition } from '#core/model.ts'
import type { Book, Page, Place, Saved } from '../../../rules/book.ts'
import type { Tracked } from '../../../rules/state.ts'

type Part = {
  alerts: Map<string, Map<string, Tracked>>
  untold: Map<string, AlertTransition>
  places: Map<number, Place>
}

export class MemoryBook implements Book {
  readonly #parts = new Map<string, Part>()
  // Every id that was ever saved, in order.
  readonly saved = new Set<string>()

  #part(name: string): Part {
    const part = this.#parts.get(name) ?? { alerts: new Map(), untold: new Map(), places: new Map() }
    this.#parts.set(name, part)
    return part
  }

  async load(name: string): Promise<Saved> {
    const { alerts, untold, places } = this.#part(name)
    return structuredClone({ alerts, untold: [...untold.values()], places })
  }

  async save(pages: readonly Page[], write?: (unit: readonly []) => Promise<unknown>): Promise<void> {
    await write?.([])
    for (const { part: name, entries, transitions, places = [] } of pages) {
      const part = this.#part(name)
      for (const { rule, fingerprint, alert } of entries) {
        const ofRule = part.alerts.get(rule) ?? new Map<string, Tracked>()
        if (alert === undefined) ofRule.delete(fingerprint)
        else ofRule.set(fingerprint, alert)
        if (ofRule.size === 0) part.alerts.delete(rule)
        else part.alerts.set(rule, ofRule)
      }
      for (const each of transitions) {
        if (!part.untold.has(each.id)) part.untold.set(each.id, each)
        this.saved.add(each.id)
      }
      for (const [partition, place] of places) part.places.set(partition, place)
    }
  }

  async told(ids: readonly string[]): Promise<void> {
    for (const { untold } of this.#parts.values()) for (const id of ids) untold.delete(id)
  }
}
