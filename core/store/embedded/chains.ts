// Where in the rows of a lot do those of one series stand? Each row knows the one before it of its series, so that a
// read costs what it finds, 30 ns a row, whatever else came meanwhile; a write pays 5 ns (bench/store.ts). Filled
// and read by recent.ts; hot, so the loops are plain ones.

// Rows of one series, the newest first: the first `count`.
export type Lane = { rows: Uint32Array<ArrayBuffer>; count: number; next: number }

export const newLane = (): Lane => ({ rows: new Uint32Array(256), count: 0, next: 0 })

export class Chains {
  // Places plus one; zero is none.
  #before: Uint32Array<ArrayBuffer>
  // By series.
  #last = new Uint32Array(1_024)

  // With room for so many rows; it costs memory only where it is written.
  constructor(rows: number) {
    this.#before = new Uint32Array(rows)
  }

  // Links rows that come behind the `length` there are.
  link(series: Uint32Array, length: number): void {
    const end = length + series.length
    if (end > this.#before.length) this.#before = larger(this.#before, end)
    const before = this.#before
    let last = this.#last
    for (let at = length; at < end; at++) {
      const id = series[at - length]!
      if (id >= last.length) {
        last = larger(last, id + 1)
        this.#last = last
      }
      before[at] = last[id]!
      last[id] = at + 1
    }
  }

  // Puts the rows of some series from `floor` on into as many lanes. Side by side, because each step waits for memory.
  follow(ids: Uint32Array, floor: number, lanes: readonly Lane[]): void {
    const before = this.#before
    for (let each = 0; each < ids.length; each++) {
      const lane = lanes[each]!
      lane.count = 0
      lane.next = this.#last[ids[each]!] ?? 0
    }
    for (let going = ids.length; going > 0; ) {
      going = 0
      for (let each = 0; each < ids.length; each++) {
        const lane = lanes[each]!
        const { next } = lane
        if (next <= floor) continue
        if (lane.count === lane.rows.length) lane.rows = larger(lane.rows, lane.count + 1)
        lane.rows[lane.count++] = next - 1
        lane.next = before[next - 1]!
        going++
      }
    }
  }
}

function larger(column: Uint32Array, atLeast: number): Uint32Array<ArrayBuffer> {
  const wider = new Uint32Array(Math.max(atLeast, column.length * 2))
  wider.set(column)
  return wider
}
