// The fields that a known "measurement,tags" has shown so far, in the order in which they came, with the number
// of each one's series. The next line of the same prefix will most likely bring them in this order again.
// Called by the decoder only.

// A longer list is not searched from end to end: whoever writes ten thousand fields in another order each time would
// hold the process for a minute with one body.
const longFields = 64
// What a field of a long list takes beside its place, roughly.
const placeBytes = 40

export class FieldLists {
  // Of list n: its fields stand at starts[n] to starts[n] + counts[n] of keys and series.
  starts = new Uint32Array(256)
  counts = new Uint32Array(256)
  keys = new Uint32Array(1_024)
  series = new Uint32Array(1_024)
  used = 0
  #rooms = new Uint32Array(256)
  // Of each long list: where the field of a key is.
  readonly #places = new Map<number, Map<number, number>>()
  #placed = 0

  // Roughly.
  get bytes(): number {
    return 8 * this.used + placeBytes * this.#placed
  }

  // A new, empty list.
  open(list: number): void {
    if (list >= this.starts.length) {
      this.starts = widen(this.starts, list + 1)
      this.counts = widen(this.counts, list + 1)
      this.#rooms = widen(this.#rooms, list + 1)
    }
    this.starts[list] = this.used
    this.counts[list] = 0
    this.#rooms[list] = 0
  }

  // Where in the list the field is, looking first behind `after`, or -1.
  find(list: number, key: number, after: number): number {
    const start = this.starts[list]!
    const count = this.counts[list]!
    if (count > longFields) return this.#places.get(list)?.get(key) ?? -1
    for (let tried = 0, at = after; tried < count; tried++, at++) {
      if (at >= count) at = 0
      if (this.keys[start + at] === key) return at
    }
    return -1
  }

  add(list: number, key: number, series: number): number {
    const count = this.counts[list]!
    if (count === this.#rooms[list]) this.#extend(list, count)
    const at = this.starts[list]! + count
    this.keys[at] = key
    this.series[at] = series
    this.counts[list] = count + 1
    if (count >= longFields) this.#place(list, key, count)
    return count
  }

  clear(): void {
    this.used = 0
    this.#places.clear()
    this.#placed = 0
  }

  #place(list: number, key: number, at: number): void {
    let places = this.#places.get(list)
    if (places === undefined) {
      const start = this.starts[list]!
      places = new Map()
      for (let each = 0; each < at; each++) places.set(this.keys[start + each]!, each)
      this.#places.set(list, places)
      this.#placed += at
    }
    places.set(key, at)
    this.#placed++
  }

  // The newest list grows where it is; another one moves to the end with twice the room.
  #extend(list: number, count: number): void {
    const start = this.starts[list]!
    const isLast = start + count === this.used
    const room = isLast ? count + 1 : Math.max(4, count * 2)
    const to = isLast ? start : this.used
    if (to + room > this.keys.length) {
      this.keys = widen(this.keys, to + room)
      this.series = widen(this.series, to + room)
    }
    if (!isLast) {
      this.keys.copyWithin(to, start, start + count)
      this.series.copyWithin(to, start, start + count)
      this.starts[list] = to
    }
    this.#rooms[list] = room
    this.used = to + room
  }
}

function widen(column: Uint32Array, atLeast: number): Uint32Array<ArrayBuffer> {
  const wider = new Uint32Array(Math.max(atLeast, column.length * 2))
  wider.set(column)
  return wider
}
