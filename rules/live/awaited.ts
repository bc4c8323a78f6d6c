// Alerts from before a start, or from before somebody set the clock: which of them may be missing only because their
// data have not come yet, and until when. Rules that are read anew go on waiting. Made by live-rules.ts, kept by keeper.ts.
import type { Alerts } from '../state.ts'

// By their keys: whether nothing is found for them.
type Missing = ReadonlyMap<string, boolean>

export type Patience = Readonly<{
  // For a series.
  untilMs: number
  // For what is computed from many.
  wholeUntilMs: number
}>

// `missing` by the id of the rule.
export type Waiting = Readonly<{ patience: Patience; missing: ReadonlyMap<string, Missing> }>

const wholeMs = 60_000
const nobody: Missing = new Map()

// `isPatient`: there was such a start.
type Given = Readonly<{
  isPatient: boolean
  nowMs: number
  lookbackMs: number
  waiting?: Waiting | undefined
}>

export function patienceOf({ isPatient, nowMs, lookbackMs, waiting }: Given): Patience {
  if (isPatient) return { untilMs: nowMs + lookbackMs, wholeUntilMs: nowMs + wholeMs }
  const { untilMs, wholeUntilMs } = waiting?.patience ?? { untilMs: 0, wholeUntilMs: 0 }
  return untilMs > nowMs ? { untilMs, wholeUntilMs } : { untilMs: 0, wholeUntilMs: 0 }
}

// Of one rule, among those that it has.
export function awaitedOf(rule: string, saved: Alerts, options: Given): Awaited {
  const { isPatient, waiting } = options
  if (patienceOf(options).untilMs === 0) return new Awaited(nobody)
  const known = waiting?.missing.get(rule) ?? nobody
  const missing = new Map<string, boolean>()
  for (const [key, { phase }] of saved) {
    const is = isPatient || known.get(key)
    if (is !== undefined && phase !== 'resolved') missing.set(key, is)
  }
  return new Awaited(missing)
}

export class Awaited {
  readonly #missing: Map<string, boolean>

  constructor(missing: Missing) {
    this.#missing = new Map(missing)
  }

  get missing(): Missing {
    return this.#missing
  }

  has(key: string): boolean {
    return this.#missing.has(key)
  }

  isMissing(key: string): boolean {
    return this.#missing.get(key) === true
  }

  found(key: string): void {
    if (this.isMissing(key)) this.#missing.set(key, false)
  }

  missed(key: string): void {
    if (this.has(key)) this.#missing.set(key, true)
  }

  // What comes after that began after the start.
  ended(key: string): void {
    this.#missing.delete(key)
  }

  clear(): void {
    this.#missing.clear()
  }
}
