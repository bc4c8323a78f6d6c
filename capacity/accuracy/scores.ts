// How good were forecasts that can be held against what came? Called by rounds.ts for each forecast, and by run.ts, which
// makes tables of the means.
//
//   sMAPE = mean( 2·|f − y| / (|f| + |y|) )        MASE = mean|f − y| / mean|y[t] − y[t−season]| within the window
//   coverage = share of days with low ≤ y ≤ high   pinball(q) = mean( max(q·(y − edge), (q − 1)·(y − edge)) ), on MASE's scale

export type Said = Readonly<{ likely: Float64Array; low: Float64Array | null; high: Float64Array | null }>

export type Scores = Readonly<{
  smape: number
  mase: number
  // NaN, as the outer two of pinball, where no band was said.
  coverage: number
  pinball: readonly [low: number, likely: number, high: number]
}>

const edges = [0.05, 0.5, 0.95] as const

// Of one forecast; null where nothing came, or nothing ever changed within the window.
export function scoresOf(said: Said, came: Float64Array, scale: number): Scores | null {
  const at = [...came.keys()].filter(each => Number.isFinite(came[each]!))
  if (at.length === 0 || !(scale > 0)) return null
  const mean = (of: (at: number) => number): number => at.reduce((sum, each) => sum + of(each), 0) / at.length
  const { likely, low, high } = said
  const loss = (edge: Float64Array | null, share: number): number =>
    edge === null
      ? Number.NaN
      : mean(each =>
          Math.max(share * (came[each]! - edge[each]!), (share - 1) * (came[each]! - edge[each]!)),
        ) / scale
  return {
    smape: mean(each => symmetric(likely[each]!, came[each]!)),
    mase: mean(each => Math.abs(likely[each]! - came[each]!)) / scale,
    coverage:
      low === null || high === null
        ? Number.NaN
        : mean(each => (came[each]! >= low[each]! && came[each]! <= high[each]! ? 1 : 0)),
    pinball: [loss(low, edges[0]), loss(likely, edges[1]), loss(high, edges[2])],
  }
}

function symmetric(said: number, came: number): number {
  const size = Math.abs(said) + Math.abs(came)
  return size === 0 ? 0 : (2 * Math.abs(said - came)) / size
}

export function meanScores(all: readonly Scores[]): Scores {
  const mean = (of: (each: Scores) => number): number =>
    all.reduce((sum, each) => sum + of(each), 0) / all.length
  return {
    smape: mean(each => each.smape),
    mase: mean(each => each.mase),
    coverage: mean(each => each.coverage),
    pinball: [mean(each => each.pinball[0]), mean(each => each.pinball[1]), mean(each => each.pinball[2])],
  }
}

// How far the days of the window are from those a season before.
export function seasonalScale(window: Float64Array, season: number): number {
  let [sum, count] = [0, 0]
  for (let at = season; at < window.length; at++) {
    const distance = Math.abs(window[at]! - window[at - season]!)
    if (Number.isNaN(distance)) continue
    sum += distance
    count++
  }
  return count === 0 ? Number.NaN : sum / count
}
