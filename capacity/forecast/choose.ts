// Which method does `auto` take for a line? The combination, unless one method would have been so much less wrong that chance
// does not explain it. Chosen in the calling thread, because it asks all lines: what is worse than the combination on
// most lines needs more to be believed on one. Called by forecaster.ts.
//
//   own = error[best] / error[combined]                         of the line's back-test
//   pooled = exp( Σ ln own[same method, each line] / (lines + 3) )    as if three lines more had seen no difference
//   the best single method if √(own · pooled) < 0.75
//
// Choosing the winner of every back-test was measured to be worse than never choosing: five origins within sixty days
// overlap, and their winner is mostly luck.
import type { MethodName } from '../pool.ts'
import type { Candidate, LineTried } from './trial.ts'

const margin = 0.75
const sceptics = 3

// One for each line.
export function choose(tried: readonly LineTried[]): Candidate[] {
  const pooled = pooledRatios(tried)
  return tried.map(({ among, candidates: [first, best] }) => {
    if (best === undefined) return first
    const own = ratiosOf(among).get(best.method) ?? 1
    return Math.sqrt(own * (pooled.get(best.method) ?? 1)) < margin ? best : first
  })
}

function ratiosOf(among: LineTried['among']): ReadonlyMap<MethodName, number> {
  const combined = among.find(({ method }) => method === 'combined')
  if (combined === undefined || !(combined.sums.off > 0)) return new Map()
  const { off, count } = combined.sums
  return new Map(
    among
      .filter(({ sums }) => sums.count === count)
      // Nothing is a hundred times better; what was never wrong was lucky.
      .map(({ method, sums }) => [method, Math.max(sums.off / off, 0.01)]),
  )
}

function pooledRatios(tried: readonly LineTried[]): ReadonlyMap<MethodName, number> {
  const logs = new Map<MethodName, number>()
  let lines = 0
  for (const { among } of tried) {
    const ratios = ratiosOf(among)
    if (ratios.size > 0) lines++
    for (const [method, ratio] of ratios) logs.set(method, (logs.get(method) ?? 0) + Math.log(ratio))
  }
  return new Map([...logs].map(([method, sum]) => [method, Math.exp(sum / (lines + sceptics))]))
}
