// Which number has what is going on in a group? From its first telling until nothing of it fires; no number is given
// twice. Called by the desk.
import type { Labels } from '#core/model.ts'

export type Incident = Readonly<{
  number: number
  group: string
  // Of the group.
  labels: Labels
  openedAtMs: number
  closedAtMs: number | null
}>

export class Incidents {
  readonly #open: Map<string, Incident>
  #lastNumber: number

  constructor(open: readonly Incident[], lastNumber: number) {
    this.#open = new Map(open.map(each => [each.group, each]))
    this.#lastNumber = lastNumber
  }

  of(group: string): Incident | undefined {
    return this.#open.get(group)
  }

  open(group: string, labels: Labels, openedAtMs: number): Incident {
    const incident = { number: ++this.#lastNumber, group, labels, openedAtMs, closedAtMs: null }
    this.#open.set(group, incident)
    return incident
  }

  // Nothing where none is open.
  close(group: string, closedAtMs: number): Incident | undefined {
    const incident = this.#open.get(group)
    this.#open.delete(group)
    return incident && { ...incident, closedAtMs }
  }
}
