// What was published before this process had the turn, and is not read yet. While there is some, nobody knows what goes on:
// who decided now would tell ends of what was reported again since. Filled by listening.ts, asked by the alerter.
import type { Place } from '#core/bus.ts'
import type { AlertTransition } from '#core/model.ts'
import type { Loaded } from './book/load.ts'

// By partition: where the oldest records stand, and where the next ones will.
export type Starts = Readonly<Record<'oldest' | 'ends', ReadonlyMap<number, number>>>

// What is to be taken, and where reading goes on when that is saved.
export type Reported = Readonly<{
  transitions: readonly AlertTransition[]
  places: ReadonlyMap<number, number>
}>

// Brokers that fall silent do not keep people from hearing what is known.
const patienceMs = 30_000

export class Backlog {
  // By partition, up to where. Nothing is over before it is known.
  #behind: Map<number, number> | undefined
  #first: FirstBacklog | undefined
  #heardAtMs: number

  // Where the book has it to.
  readonly saved: ReadonlyMap<number, number>

  // None: where there is no bus.
  constructor(
    { places, lastFactMs }: Pick<Loaded, 'places' | 'lastFactMs'>,
    { isNone, nowMs }: Readonly<{ isNone: boolean; nowMs: number }>,
  ) {
    this.saved = places
    this.#behind = isNone ? new Map() : undefined
    const isFirst = places.size === 0 && lastFactMs === 0 && !isNone
    this.#first = isFirst ? new FirstBacklog() : undefined
    this.#heardAtMs = nowMs
  }

  begin({ oldest, ends }: Starts): void {
    // Where a position is not there, reading goes on at the oldest.
    const isBehind = ([partition, end]: readonly [number, number]): boolean => {
      const [at, first] = [this.saved.get(partition) ?? 0, oldest.get(partition) ?? 0]
      return at < first || at > end ? first < end : at < end
    }
    this.#behind = new Map([...ends].filter(isBehind))
    if (this.isOver) this.#first = undefined
  }

  hear(transitions: readonly AlertTransition[], place: Place | undefined, nowMs: number): Reported {
    if (place === undefined) return { transitions, places: new Map() }
    const { partition, next } = place
    this.#heardAtMs = nowMs
    const end = this.#behind?.get(partition)
    if (end !== undefined && next >= end) this.#behind!.delete(partition)
    if (this.#first === undefined) return { transitions, places: new Map([[partition, next]]) }
    this.#first.hear(transitions, place)
    if (!this.isOver) return { transitions: [], places: new Map() }
    const reported = this.#first.left(nowMs)
    this.#first = undefined
    return reported
  }

  // Nobody was promised anything from a first one, so that one is waited for.
  lookAt(nowMs: number): void {
    // The clock may have been set back.
    this.#heardAtMs = Math.min(this.#heardAtMs, nowMs)
    if (this.#first === undefined && nowMs - this.#heardAtMs >= patienceMs) this.#behind = new Map()
  }

  get isOver(): boolean {
    return this.#behind?.size === 0
  }
}

// Of all that was published before a first start, what fires still is left, as it was reported last.
class FirstBacklog {
  readonly #firing = new Map<string, AlertTransition>()
  readonly #places = new Map<number, number>()

  hear(transitions: readonly AlertTransition[], { partition, next }: Place): void {
    for (const each of transitions) {
      const { fingerprint, state } = each.alert
      if (state === 'firing') this.#firing.set(fingerprint, each)
      if (state === 'resolved') this.#firing.delete(fingerprint)
    }
    this.#places.set(partition, next)
  }

  left(nowMs: number): Reported {
    const isOver = ({ alert }: AlertTransition): boolean =>
      (alert.expiresAtMs ?? Number.POSITIVE_INFINITY) <= nowMs
    return {
      transitions: [...this.#firing.values()].filter(each => !isOver(each)),
      places: this.#places,
    }
  }
}
