// What goes out together, in the order in which remote write wants it: all samples of a series one behind the other,
// ascending in time, one for each time. Of two, the one written last. Called by writer.ts.
import type { Batch, Rows } from '../../batch.ts'
import { RowBuffer } from '../../batch.ts'

// Rows that no request may contain, and why.
export type Flawed = Readonly<{ rows: Rows; reasonOf: (series: number) => string }>
export type Sheet = Readonly<{ rows: Rows; flawed: Flawed }>

type FlawOf = (series: number) => string | undefined

// A counting sort by series; hot, so its loops are plain ones.
export class SheetMaker {
  // By the number of a series: its place among those of this sheet plus one.
  #placeOf = new Uint32Array(1_024)
  readonly #all = new RowBuffer()

  make(batches: readonly Batch[], flawOf: FlawOf): Sheet {
    const all = this.#all
    all.length = 0
    for (const { rows } of batches) all.append(rows)
    const { series } = all
    const found: number[] = []
    const counts: number[] = []
    for (let at = 0; at < all.length; at++) {
      const id = series[at]!
      if (id >= this.#placeOf.length) this.#widen(id)
      const place = this.#placeOf[id]!
      if (place > 0) counts[place - 1]!++
      else {
        found.push(id)
        counts.push(1)
        this.#placeOf[id] = found.length
      }
    }
    const sheet = this.#sorted(all, counts)
    const flaws = new Map<number, string>()
    for (const id of found) {
      this.#placeOf[id] = 0
      const flaw = flawOf(id)
      if (flaw !== undefined) flaws.set(id, flaw)
    }
    return divided(settled(sheet, counts), flaws)
  }

  #sorted(all: RowBuffer, counts: readonly number[]): RowBuffer {
    const sorted = new RowBuffer(all.length)
    const next = new Uint32Array(counts.length)
    for (let place = 1; place < next.length; place++) next[place] = next[place - 1]! + counts[place - 1]!
    const { series, tMs, values } = all
    for (let at = 0; at < all.length; at++) {
      const id = series[at]!
      const place = this.#placeOf[id]! - 1
      const to = next[place]!
      next[place] = to + 1
      sorted.series[to] = id
      sorted.tMs[to] = tMs[at]!
      sorted.values[to] = values[at]!
    }
    sorted.length = all.length
    return sorted
  }

  #widen(id: number): void {
    const wider = new Uint32Array(Math.max(id + 1, this.#placeOf.length * 2))
    wider.set(this.#placeOf)
    this.#placeOf = wider
  }
}

// Almost always there is nothing to do: times of a series ascend as they come.
function settled(sheet: RowBuffer, counts: readonly number[]): RowBuffer {
  const { tMs } = sheet
  let [from, to] = [0, 0]
  for (const count of counts) {
    let isAscending = true
    for (let at = from + 1; at < from + count; at++) if (tMs[at]! <= tMs[at - 1]!) isAscending = false
    const kept = isAscending ? count : sortRun(sheet, from, count)
    if (to !== from) moveRows(sheet, from, from + kept, to)
    from += count
    to += kept
  }
  sheet.length = to
  return sheet
}

// Puts the rows in order and answers how many times there are.
function sortRun({ tMs, values }: RowBuffer, from: number, count: number): number {
  // A stable sort, so that of one time the last written comes last.
  const order = Array.from({ length: count }, (_, at) => from + at).sort((a, b) => tMs[a]! - tMs[b]!)
  const last = order.filter((at, place) => tMs[at] !== tMs[order[place + 1] ?? -1])
  const [times, kept] = [Float64Array.from(last, at => tMs[at]!), Float64Array.from(last, at => values[at]!)]
  tMs.set(times, from)
  values.set(kept, from)
  return last.length
}

function moveRows({ series, tMs, values }: RowBuffer, from: number, end: number, to: number): void {
  series.copyWithin(to, from, end)
  tMs.copyWithin(to, from, end)
  values.copyWithin(to, from, end)
}

function divided(sheet: RowBuffer, flaws: ReadonlyMap<number, string>): Sheet {
  const reasonOf = (series: number): string => flaws.get(series) ?? ''
  if (flaws.size === 0) return { rows: sheet.rows(), flawed: { rows: new RowBuffer(0).rows(), reasonOf } }
  const [good, bad] = [new RowBuffer(sheet.length), new RowBuffer()]
  for (let at = 0; at < sheet.length; at++) {
    const id = sheet.series[at]!
    const into = flaws.has(id) ? bad : good
    into.push(id, sheet.tMs[at]!, sheet.values[at]!)
  }
  return { rows: good.rows(), flawed: { rows: bad.rows(), reasonOf } }
}
