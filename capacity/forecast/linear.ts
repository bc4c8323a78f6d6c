// Ordinary least squares: the line that makes the sum of squared distances smallest, extrapolated. The default, because
// everybody can check it with a ruler.
//
//   slope = Σ (x − x̄)(y − ȳ) / Σ (x − x̄)²      level = ȳ + slope · (last − x̄)
//
// It survives gaps (days without a number are left out). It does not survive a level shift or a few wild days, which
// pull it along: findings.ts says when there are any, and this file changes nothing by itself. The weekday on which the
// window ends does not move it much. O(n). bulk.ts has a twin without allocations, which is tested equal.
import { linearRegression } from 'simple-statistics'
import { type Method, straight } from './method.ts'

export const linear: Method = past => {
  const points: [number, number][] = []
  for (let at = 0; at < past.length; at++) {
    if (Number.isFinite(past[at]!)) points.push([at, past[at]!])
  }
  if (points.length === 0) return null
  const { m, b } = linearRegression(points)
  return straight(b + m * (past.length - 1), m)
}
