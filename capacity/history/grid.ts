// The times at which pools are measured: all that five minutes divide. Called by everyone in this folder who goes through
// them.
import { dayStartMs } from '../days.ts'

export const stepMs = 300_000

export type Grid = Readonly<{ startMs: number; count: number }>

// Those from a time on and before another.
export function gridBetween(fromMs: number, beforeMs: number): Grid {
  const startMs = Math.ceil(fromMs / stepMs) * stepMs
  return { startMs, count: Math.max(0, Math.ceil((beforeMs - startMs) / stepMs)) }
}

// 288 of them, or as many as the day has where clocks change.
export const gridOfDay = (zone: string, day: number): Grid =>
  gridBetween(dayStartMs(zone, day), dayStartMs(zone, day + 1))

export const endOf = ({ startMs, count }: Grid): number => startMs + (count - 1) * stepMs

export const timesOf = ({ startMs, count }: Grid): Float64Array =>
  Float64Array.from({ length: count }, (_, at) => startMs + at * stepMs)
