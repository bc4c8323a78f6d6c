// The positions of a reader that keeps its own: where the next record of each partition stands. kafkajs lets nobody choose
// his partitions, so such a reader is a group of its own, which commits nothing and is told at each join where to go on.
// Made by reader.ts, which asks it about each batch; turn.ts moves it on.

// The right of one batch to be handled: it ends when the position moves, by whatever.
export type Stand = Readonly<{
  moved: AbortSignal
  // Does nothing when it has moved before.
  move(next: number): void
}>

type Position = Readonly<{ next: number; left: AbortController }>

export class OwnPositions {
  readonly #positions = new Map<number, Position>()
  // Positions that were asked for and not given: what comes instead is taken.
  readonly #inVain = new Map<number, number>()

  constructor(begun: ReadonlyMap<number, number>) {
    for (const [partition, next] of begun) this.set(partition, next)
  }

  get(partition: number): number | undefined {
    return this.#positions.get(partition)?.next
  }

  set(partition: number, next: number): void {
    this.#positions.get(partition)?.left.abort()
    this.#positions.set(partition, { next, left: new AbortController() })
  }

  // It has fallen out of what the brokers have.
  lose(partition: number): void {
    const next = this.get(partition)
    if (next !== undefined) this.#inVain.set(partition, next)
  }

  // For what was fetched from there. Undefined when that is not what comes next: it was asked for before the position
  // moved, and the position is to be sought again. If even then something else comes, there is nothing at it that
  // could be handed over, such as a mark of a transaction, and reading goes on behind.
  stand(partition: number, from: number): Stand | undefined {
    const next = this.get(partition)
    if (next !== from && next !== undefined && this.#inVain.get(partition) !== next) {
      this.#inVain.set(partition, next)
      return undefined
    }
    this.#inVain.delete(partition)
    if (next !== from) this.set(partition, from)
    const { left } = this.#positions.get(partition)!
    const move = (to: number): void => {
      if (!left.signal.aborted) this.set(partition, to)
    }
    return { moved: left.signal, move }
  }
}
