// Which number stands for which label set? Equal sets are kept once, whatever series they belong to: the metrics
// of a host share theirs. Called by the series table only. A look-up walks the text of the labels once and makes
// nothing (bench/series.ts).
import { mapLabels } from './labels.ts'
import type { Labels } from './model.ts'

const prime = 0x01000193

export class LabelSets {
  readonly #sets: Labels[] = []
  readonly #texts = new Map<string, string>()
  #hashes = new Int32Array(512)
  // Number plus one, by hash with linear probing; at most half full.
  #slots = new Uint32Array(1_024)
  // Those that were asked for last, which nobody changes: a line has thousands of fields and its tags once, and who walks
  // them for each field can be held up for minutes by one body.
  #last: Labels | undefined
  #lastHash = 0
  #lastId = -1

  get(id: number): Labels {
    return this.#sets[id]!
  }

  // -1 when it is unknown.
  find(labels: Labels): number {
    if (labels !== this.#last) {
      this.#lastHash = hashOf(labels)
      this.#lastId = this.#find(labels, this.#lastHash)
      this.#last = labels
    }
    return this.#lastId
  }

  intern(labels: Labels): number {
    const known = this.find(labels)
    // A copy: its texts may hold on to a whole request.
    return known >= 0 ? known : this.#add(mapLabels(labels, this.#shared))
  }

  // Of labels that nobody changes, made of texts that are here already or small. As they are: of a storm, a copy of each
  // would take half of the time.
  keep(labels: Labels): number {
    const known = this.find(labels)
    return known >= 0 ? known : this.#add(labels)
  }

  // Of those that were asked for last.
  #add(labels: Labels): number {
    const [id, hash] = [this.#sets.length, this.#lastHash]
    if (id === this.#hashes.length) this.#widen()
    this.#sets.push(labels)
    this.#hashes[id] = hash
    this.#place(id, hash)
    this.#lastId = id
    return id
  }

  #find(labels: Labels, hash: number): number {
    const mask = this.#slots.length - 1
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const id = this.#slots[slot]! - 1
      if (id < 0) return -1
      if (this.#hashes[id] === hash && isEqual(this.#sets[id]!, labels)) return id
    }
  }

  #place(id: number, hash: number): void {
    const mask = this.#slots.length - 1
    let slot = hash & mask
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask
    this.#slots[slot] = id + 1
  }

  #widen(): void {
    const hashes = this.#hashes
    this.#hashes = new Int32Array(hashes.length * 2)
    this.#hashes.set(hashes)
    this.#slots = new Uint32Array(this.#slots.length * 2)
    for (const [id, hash] of hashes.entries()) this.#place(id, hash)
  }

  // Values repeat from set to set (a rack, a zone), and one copy of each is enough.
  readonly #shared = (text: string): string => {
    const known = this.#texts.get(text)
    if (known !== undefined) return known
    if (this.#texts.size === 50_000) this.#texts.clear()
    this.#texts.set(text, text)
    return text
  }
}

export function hashText(text: string, seed: number): number {
  let hash = seed
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), prime)
  return hash
}

// The order of names in labels is always the same, so it may count.
function hashOf(labels: Labels): number {
  let hash = 0x811c9dc5
  for (const name in labels) hash = hashText(labels[name]!, hashText(name, hash) ^ 0xff)
  hash ^= hash >>> 15
  return Math.imul(hash, 0x2c1b3c6d) ^ (hash >>> 12)
}

function isEqual(known: Labels, labels: Labels): boolean {
  let count = 0
  for (const name in labels) {
    if (known[name] !== labels[name]) return false
    count++
  }
  for (const _ in known) count--
  return count === 0
}
