// Tomorrow is as today: the last known day, for ever. What every other method has to beat, and the best there is for a
// line that wanders without a direction.
//
//   forecast = y[last]
//
// It survives everything but a wild last day. O(1).
import { type Method, straight } from './method.ts'

export const naive: Method = past => {
  const last = past.findLast(Number.isFinite)
  return last === undefined ? null : straight(last, 0)
}
