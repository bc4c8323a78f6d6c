// How fast a counter grows: between neighbours for a picture, over a while for a number. A counter that falls has
// begun anew at 0, as in Prometheus. Called by machine.ts and view.ts.
import type { Points } from './spark.ts'

const growth = (before: number, after: number): number => (after >= before ? after - before : after)

// A point for each sample but the first.
export function perSecond({ tMs, values }: Points): Points {
  const speeds: number[] = []
  for (let at = 1; at < tMs.length; at++) {
    speeds.push((growth(values[at - 1]!, values[at]!) / (tMs[at]! - tMs[at - 1]!)) * 1_000)
  }
  return { tMs: Array.from(tMs).slice(1), values: speeds }
}

// The mean of what perSecond() found within the last while; each speed counts as long as it held. Nothing when
// there is none.
export function meanSpeed({ tMs, values }: Points, overMs: number): number | undefined {
  const end = tMs[tMs.length - 1]
  if (end === undefined) return undefined
  let [grown, heldMs] = [0, 0]
  for (let at = tMs.length - 1; at > 0 && tMs[at - 1]! >= end - overMs; at--) {
    const ms = tMs[at]! - tMs[at - 1]!
    grown += values[at]! * ms
    heldMs += ms
  }
  return heldMs === 0 ? values[values.length - 1] : grown / heldMs
}
