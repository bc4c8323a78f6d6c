// Many rules look at the same series: within one stretch of time each selector is read from the store once, as far back
// as any rule looks, and everyone gets his part of it. Counts what is read. Called by replay.ts.
import { Failure } from '#core/errors.ts'
import type { Matcher } from '#core/model.ts'
import type { Range, SeriesSamples } from '#core/store.ts'
import { firstAfter } from '#promql/evaluate/search.ts'
import type { Source } from '#promql/source.ts'
import type { RuleGroup } from '../rule.ts'
import { classOf } from './plan.ts'

type Read = { range: Range; found: Promise<readonly SeriesSamples[]>; samples: number }

// More are read again when they are asked for again.
const heldMax = 8_000_000

export class ReadAhead implements Source {
  readonly #below: Source
  // By selector: from how long before to how long before the end of the stretch anyone looks.
  readonly #reach = new Map<string, { farMs: number; nearMs: number }>()
  readonly #reads = new Map<string, Read>()
  // Selectors that find more than the store gives at once.
  readonly #tooMuch = new Set<string>()
  #stretch = { fromMs: 0, toMs: 0 }
  samples = 0
  // How far back any rule looks.
  farMs = 0

  constructor(below: Source, groups: readonly RuleGroup[]) {
    this.#below = below
    for (const { rules, queryOffsetMs } of groups) {
      for (const { expr } of rules) {
        for (const { matchers, farMs, nearMs, atMs } of classOf(expr).selections) {
          if (atMs !== undefined) continue
          this.farMs = Math.max(this.farMs, farMs + queryOffsetMs)
          const key = keyOf(matchers)
          const known = this.#reach.get(key) ?? { farMs: 0, nearMs: Number.POSITIVE_INFINITY }
          this.#reach.set(key, {
            farMs: Math.max(known.farMs, farMs + queryOffsetMs),
            nearMs: Math.min(known.nearMs, nearMs + queryOffsetMs),
          })
        }
      }
    }
  }

  begin(fromMs: number, toMs: number): void {
    this.#stretch = { fromMs, toMs }
    this.#reads.clear()
    this.#tooMuch.clear()
  }

  async select(
    matchers: readonly Matcher[],
    range: Range,
    signal?: AbortSignal,
  ): Promise<readonly SeriesSamples[]> {
    const key = keyOf(matchers)
    const known = this.#reads.get(key)
    if (known !== undefined && holds(known.range, range)) return cut(await known.found, range)
    const wide = this.#tooMuch.has(key) ? range : this.#widened(key, range, known?.range)
    const read: Read = { range: wide, found: this.#read(matchers, wide, signal), samples: 0 }
    this.#reads.delete(key)
    this.#reads.set(key, read)
    try {
      const found = await read.found
      read.samples = countOf(found)
      this.#forget(key)
      return cut(found, range)
    } catch (error) {
      this.#reads.delete(key)
      const isOurs = error instanceof Failure && error.code === 'too_many_samples' && !this.#tooMuch.has(key)
      if (!isOurs) throw error
      // Whoever asks for less than all may still get it.
      this.#tooMuch.add(key)
      return this.select(matchers, range, signal)
    }
  }

  async #read(
    matchers: readonly Matcher[],
    range: Range,
    signal?: AbortSignal,
  ): Promise<readonly SeriesSamples[]> {
    const found = await this.#below.select(matchers, range, signal)
    this.samples += countOf(found)
    return found
  }

  // What is asked for by itself is no part of the stretch where @ leads elsewhere.
  #widened(key: string, { fromMs, toMs }: Range, known: Range | undefined): Range {
    const reach = this.#reach.get(key)
    const { fromMs: beginMs, toMs: endMs } = this.#stretch
    const far = reach === undefined ? fromMs : Math.min(fromMs, beginMs - reach.farMs)
    const near = reach === undefined ? toMs : Math.max(toMs, endMs - reach.nearMs)
    const isFar = toMs < far || fromMs > near
    if (isFar) return { fromMs, toMs }
    return { fromMs: Math.min(far, known?.fromMs ?? far), toMs: Math.max(near, known?.toMs ?? near) }
  }

  #forget(newest: string): void {
    let held = 0
    for (const { samples } of this.#reads.values()) held += samples
    for (const [key, { samples }] of this.#reads) {
      if (held <= heldMax) return
      if (key === newest) continue
      this.#reads.delete(key)
      held -= samples
    }
  }
}

const keyOf = (matchers: readonly Matcher[]): string =>
  matchers.flatMap(({ name, op, value }) => [name, op, value]).join('\ud800')

const holds = (known: Range, { fromMs, toMs }: Range): boolean => known.fromMs <= fromMs && known.toMs >= toMs

const countOf = (found: readonly SeriesSamples[]): number =>
  found.reduce((sum, { tMs }) => sum + tMs.length, 0)

function cut(found: readonly SeriesSamples[], { fromMs, toMs }: Range): SeriesSamples[] {
  const parts: SeriesSamples[] = []
  for (const { series, tMs, values } of found) {
    const from = firstAfter(tMs, fromMs - 1, 0)
    const to = firstAfter(tMs, toMs, from)
    if (to > from) parts.push({ series, tMs: tMs.subarray(from, to), values: values.subarray(from, to) })
  }
  return parts
}
