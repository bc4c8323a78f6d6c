// Which number stands for which series in this process. Numbers are dense and never reused, so that columns,
// heads and stores can be arrays. Filled by the store at start, then by whoever receives samples.
// A million series take 80 MiB when ten share each label set, 170 MiB when none do (bench/series.ts).
import { Breath } from './breath.ts'
import { hashText, LabelSets } from './label-sets.ts'
import type { Labels, Matcher, Series } from './model.ts'
import { partitionOf } from './partition.ts'
import { type Searched, search } from './series-search.ts'

// The answer of intern() when the table is full.
export const refused = -1

// Of a series with neither host nor instance: its partition is that of the batch's source.
const bySource = 255

type Named = { name: string; hash: number; ids: number[] }

export class SeriesTable {
  readonly #max: number
  readonly #series: (Series | undefined)[] = []
  readonly #byName = new Map<string, Named>()
  readonly #sets = new LabelSets()
  #count = 0
  // The label set of each series, and the partition of each set.
  #setOf = new Uint32Array(1_024)
  #partitions = new Uint8Array(1_024)
  // Number plus one, by the hash of name and label set, with linear probing; at most half full.
  #slots = new Uint32Array(2_048)

  readonly #searched: Searched

  constructor(max = 1_000_000) {
    this.#max = max
    const series = this.#series
    this.#searched = {
      get size() {
        return series.length
      },
      has: id => series[id] !== undefined,
      setOf: id => this.#setOf[id]!,
      labels: set => this.#sets.get(set),
      named: name => this.#byName.get(name)?.ids,
      names: () => this.#byName.keys(),
    }
  }

  // One more than the highest number in use.
  get size(): number {
    return this.#series.length
  }

  // Those that there are.
  get count(): number {
    return this.#count
  }

  // The share of its room that is taken: at 1 it takes no new series.
  get taken(): number {
    return this.#count / this.#max
  }

  intern(name: string, labels: Labels): number {
    return this.#known(name, labels) ?? this.#put(this.#series.length, name, this.#sets.intern(labels))
  }

  // Of labels that nobody changes and that were made of series of this table: without a copy of them.
  internMade(name: string, labels: Labels): number {
    return this.#known(name, labels) ?? this.#put(this.#series.length, name, this.#sets.keep(labels))
  }

  // Or refused; undefined where it is new and there is room.
  #known(name: string, labels: Labels): number | undefined {
    const set = this.#sets.find(labels)
    const known = set < 0 ? -1 : this.#find(this.#byName.get(name), set)
    if (known >= 0) return known
    return this.#count >= this.#max ? refused : undefined
  }

  find({ name, labels }: Series): number | undefined {
    const set = this.#sets.find(labels)
    const known = set < 0 ? -1 : this.#find(this.#byName.get(name), set)
    return known < 0 ? undefined : known
  }

  // Puts a series under the number that a store has saved for it.
  adopt(id: number, { name, labels }: Series): void {
    if (this.#series[id] !== undefined) throw new Error(`series ${id} is taken`)
    this.#put(id, name, this.#sets.intern(labels))
  }

  // Numbers below this that are free stay free: a store has something under them that it cannot name any more.
  giveUpBelow(end: number): void {
    while (this.#series.length < end) this.#series.push(undefined)
  }

  get(id: number): Series {
    const series = this.#series[id]
    if (series === undefined) throw new Error(`series ${id} is unknown`)
    return series
  }

  has(id: number): boolean {
    return this.#series[id] !== undefined
  }

  partition(id: number, sourcePartition = 0): number {
    const set = this.#setOf[id]
    const partition = set === undefined ? bySource : this.#partitions[set]!
    return partition === bySource ? sourcePartition : partition
  }

  // Which label set a series has. Numbers of sets are dense too, and there are no more of them than series.
  labelSet(id: number): number {
    return this.#setOf[id]!
  }

  // The numbers of all series that every matcher accepts, ascending. Among many series it may take long; whoever can
  // wait asks selectInBreaths().
  select(matchers: readonly Matcher[]): number[] {
    const work = search(this.#searched, matchers)
    for (;;) {
      const step = work.next()
      if (step.done === true) return step.value
    }
  }

  // The same, while others work in between.
  async selectInBreaths(matchers: readonly Matcher[], signal?: AbortSignal): Promise<number[]> {
    signal?.throwIfAborted()
    const breath = new Breath()
    const work = search(this.#searched, matchers)
    for (;;) {
      const step = work.next()
      if (step.done === true) return step.value
      if (!breath.isDue) continue
      await breath.taken()
      signal?.throwIfAborted()
    }
  }

  #find(named: Named | undefined, set: number): number {
    if (named === undefined) return -1
    const mask = this.#slots.length - 1
    for (let slot = spread(named.hash, set) & mask; ; slot = (slot + 1) & mask) {
      const id = this.#slots[slot]! - 1
      if (id < 0) return -1
      if (this.#setOf[id] === set && this.#series[id]!.name === named.name) return id
    }
  }

  #put(id: number, name: string, set: number): number {
    const named = this.#named(name)
    // Numbers that the store has given up stay holes.
    this.giveUpBelow(id)
    this.#series[id] = { name: named.name, labels: this.#sets.get(set) }
    this.#count++
    insert(named.ids, id)
    this.#setOf = roomFor(this.#setOf, id)
    this.#setOf[id] = set
    this.#partitions = roomFor(this.#partitions, set)
    const { host, instance } = this.#sets.get(set)
    const owner = host ?? instance
    this.#partitions[set] = owner === undefined ? bySource : partitionOf(owner)
    this.#place(id, named.hash, set)
    return id
  }

  #named(name: string): Named {
    const known = this.#byName.get(name)
    if (known !== undefined) return known
    const named = { name, hash: hashText(name, 0), ids: [] }
    this.#byName.set(name, named)
    return named
  }

  #place(id: number, nameHash: number, set: number): void {
    if (this.#count * 2 > this.#slots.length) {
      this.#slots = new Uint32Array(this.#slots.length * 2)
      for (const { hash, ids } of this.#byName.values()) {
        for (const each of ids) this.#fill(each, hash, this.#setOf[each]!)
      }
    } else this.#fill(id, nameHash, set)
  }

  #fill(id: number, nameHash: number, set: number): void {
    const mask = this.#slots.length - 1
    let slot = spread(nameHash, set) & mask
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask
    this.#slots[slot] = id + 1
  }
}

function spread(nameHash: number, set: number): number {
  const hash = Math.imul(nameHash ^ Math.imul(set, 0x9e3779b1), 0x2c1b3c6d)
  return hash ^ (hash >>> 15)
}

// Numbers come almost always in order; a store may adopt them in another.
function insert(ids: number[], id: number): void {
  let at = ids.length
  while (at > 0 && ids[at - 1]! > id) at--
  if (at === ids.length) ids.push(id)
  else ids.splice(at, 0, id)
}

function roomFor<Column extends Uint8Array | Uint32Array>(column: Column, at: number): Column {
  if (at < column.length) return column
  const wider = new (column.constructor as new (length: number) => Column)(
    Math.max(at + 1, column.length * 2),
  )
  wider.set(column)
  return wider
}
