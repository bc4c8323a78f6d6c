// Is this a time that a sample may have? Times in the wrong unit land in 1970 or far from now, so what lies
// before 2000 or more than a day ahead is refused with the precision that was probably meant.
// Called by the decoder, once a block for the window and for each line outside it.
import { type Precision, precisions, units } from './precision.ts'

export type Window = Readonly<{ fromMs: number; toMs: number }>

const dayMs = 86_400_000

// A day ahead, for clocks that are wrong by a time zone.
export const windowAt = (nowMs: number): Window => ({
  fromMs: Date.UTC(2000, 0, 1),
  toMs: nowMs + dayMs,
})

export const anyTime: Window = { fromMs: -Infinity, toMs: Infinity }

// Of a time outside the window, as exactly as it was written.
export function windowProblem(tMs: number, precision: Precision, { fromMs, toMs }: Window): string {
  const asMs = (other: Precision): number => (tMs * units[precision].perMs) / units[other].perMs
  const meant = precisions.find(each => asMs(each) >= fromMs && asMs(each) <= toMs)
  const hint =
    meant === undefined
      ? ''
      : `; with precision=${meant} it would be ${new Date(asMs(meant)).toISOString()}, so send that`
  const wanted = `wanted a time from ${day(fromMs)} to a day from now`
  return `${wanted}, found ${when(tMs)} (read as ${precision})${hint}`
}

const day = (tMs: number): string => new Date(tMs).toISOString().slice(0, 10)

const when = (tMs: number): string =>
  Math.abs(tMs) <= 8.64e15 ? new Date(tMs).toISOString() : `${tMs / 1_000} seconds after 1970`
