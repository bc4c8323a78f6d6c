// Is this a time that a sample may have? Times in the wrong unit land in 1970 or far from now, so what lies
// before 2000 or more than a day ahead is refused with the precision that was probably meant. So is what the store
// would delete at once. Called by the decoders, once a block for the window and for each sample outside it.
import { type Precision, precisions, units } from './precision.ts'

// `isKeep` when it begins with what the store keeps.
export type Window = Readonly<{ fromMs: number; toMs: number; isKeep?: boolean }>

const dayMs = 86_400_000

// `keepMs` is how long the store keeps samples, where that is known. A day ahead, for clocks that are wrong by a time
// zone.
export function windowAt(nowMs: number, keepMs = Number.POSITIVE_INFINITY): Window {
  const fromMs = Date.UTC(2000, 0, 1)
  const keptMs = nowMs - keepMs
  return { fromMs: Math.max(fromMs, keptMs), toMs: nowMs + dayMs, isKeep: keptMs > fromMs }
}

export const anyTime: Window = { fromMs: -Infinity, toMs: Infinity }

// Of a time outside the window, as exactly as it was written.
export function windowProblem(tMs: number, precision: Precision, window: Window): string {
  const { fromMs, toMs, isKeep } = window
  const asMs = (other: Precision): number => (tMs * units[precision].perMs) / units[other].perMs
  const meant = precisions.find(each => asMs(each) >= fromMs && asMs(each) <= toMs)
  const hint =
    meant === undefined
      ? ''
      : `; with precision=${meant} it would be ${new Date(asMs(meant)).toISOString()}, so send that`
  const from = isKeep === true ? `${day(fromMs)} (store.keep reaches no further)` : day(fromMs)
  const wanted = `wanted a time from ${from} to a day from now`
  return `${wanted}, found ${when(tMs)} (read as ${precision})${hint}`
}

const day = (tMs: number): string => new Date(tMs).toISOString().slice(0, 10)

const when = (tMs: number): string =>
  Math.abs(tMs) <= 8.64e15 ? new Date(tMs).toISOString() : `${tMs / 1_000} seconds after 1970`
