// Which silences hold an alert, among thousands of them and for each alert of a storm. What is new or changed is asked
// one by one until it is worth an index of its own. Called by silences.ts.
import type { Labels } from '#core/model.ts'
import { labelMatcher, matchAll } from '../matcher.ts'
import { type Listed, type MatcherIndex, openMatcherIndex } from '../matcher-index.ts'
import { charactersOfSilence, isSilencing, type Silence, stepsOfSilence } from './silence.ts'

// Making an index takes about as long as asking this many silences of a thousand alerts.
const recentMax = 64

export class SilenceIndex {
  // Those that count; what the lists below hold beside them is passed over.
  readonly #silences = new Map<string, Silence>()
  readonly #steps = new Map<string, number>()
  #indexed: MatcherIndex<Silence> = () => []
  #recent: Listed<Silence>[] = []
  // The last end of those that the index does not have.
  #leftUpToMs = Number.NEGATIVE_INFINITY

  put(silence: Silence): void {
    this.#silences.set(silence.id, silence)
    this.#steps.set(silence.id, stepsOfSilence(silence))
    this.#recent.push(listed(silence))
  }

  delete(id: string): void {
    this.#silences.delete(id)
    this.#steps.delete(id)
  }

  get(id: string): Silence | undefined {
    return this.#silences.get(id)
  }

  all(): Iterable<Silence> {
    return this.#silences.values()
  }

  get size(): number {
    return this.#silences.size
  }

  // How long all but this one are.
  charactersBeside(one: string): number {
    let sum = 0
    for (const each of this.#silences.values()) if (each.id !== one) sum += charactersOfSilence(each)
    return sum
  }

  // How large the regular expressions of the others are that are not over.
  stepsBeside(one: string, nowMs: number): number {
    let sum = 0
    for (const { id, endsAtMs } of this.#silences.values())
      if (endsAtMs > nowMs && id !== one) sum += this.#steps.get(id)!
    return sum
  }

  // Their ids, sorted.
  silencedBy(labels: Labels, nowMs: number): readonly string[] {
    if (this.#silences.size === 0) return []
    if (this.#recent.length > recentMax || nowMs < this.#leftUpToMs) this.#rebuild(nowMs)
    const found: string[] = []
    const hold = (silence: Silence): void => {
      if (isSilencing(silence, nowMs) && this.#silences.get(silence.id) === silence) found.push(silence.id)
    }
    for (const silence of this.#indexed(labels)) hold(silence)
    for (const { matchers, item } of this.#recent) if (matchAll(matchers, labels)) hold(item)
    return found.length > 1 ? found.sort() : found
  }

  // What is over stays over, unless the clock is set back.
  #rebuild(nowMs: number): void {
    const open: Silence[] = []
    this.#leftUpToMs = Number.NEGATIVE_INFINITY
    for (const each of this.#silences.values()) {
      if (each.endsAtMs > nowMs) open.push(each)
      else this.#leftUpToMs = Math.max(this.#leftUpToMs, each.endsAtMs)
    }
    this.#indexed = openMatcherIndex(open.map(listed))
    this.#recent = []
  }
}

const listed = (item: Silence): Listed<Silence> => ({ matchers: item.matchers.map(labelMatcher), item })
