// Where what a rule has found was found: a place is a series, or series that belong together. Called by effects.ts.

// Whose places they are: one that is held is given to nobody else.
export type Holder = Readonly<{ hold(place: number): void; letGo(place: number): void }>

// Which keys have been found at which place.
export class Places {
  readonly #holder: Holder
  readonly #placeOf = new Map<string, number>()
  // One key as a rule; more make a list.
  readonly #keysAt = new Map<number, string | string[]>()

  constructor(holder: Holder) {
    this.#holder = holder
  }

  get size(): number {
    return this.#placeOf.size
  }

  placeOf(key: string): number | undefined {
    return this.#placeOf.get(key)
  }

  keysAt(place: number): readonly string[] {
    const keys = this.#keysAt.get(place)
    if (keys === undefined) return []
    return typeof keys === 'string' ? [keys] : keys
  }

  // The one key where there is one.
  keyAt(place: number): string | undefined {
    const keys = this.#keysAt.get(place)
    return typeof keys === 'string' ? keys : undefined
  }

  set(key: string, place: number): void {
    if (this.#placeOf.get(key) === place) return
    this.delete(key)
    this.#placeOf.set(key, place)
    this.#holder.hold(place)
    const keys = this.#keysAt.get(place)
    if (keys === undefined) this.#keysAt.set(place, key)
    else this.#keysAt.set(place, [...this.keysAt(place), key])
  }

  delete(key: string): void {
    const place = this.#placeOf.get(key)
    if (place === undefined) return
    this.#placeOf.delete(key)
    this.#holder.letGo(place)
    const left = this.keysAt(place).filter(each => each !== key)
    if (left.length === 0) this.#keysAt.delete(place)
    else this.#keysAt.set(place, left.length === 1 ? left[0]! : left)
  }

  clear(): void {
    for (const place of this.#placeOf.values()) this.#holder.letGo(place)
    this.#placeOf.clear()
    this.#keysAt.clear()
  }
}
