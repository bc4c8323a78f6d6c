// Where an expression gets its samples from: the live head, a store, the series of a unit test, a backtest. One
// evaluator reads them all. Times of the answer ascend; a stale marker among the values ends a series there.
import type { Matcher } from '#core/model.ts'
import type { Range, SeriesSamples } from '#core/store.ts'

export interface Source {
  // Both ends belong to the range. May answer at once, where nothing has to be waited for.
  select(
    matchers: readonly Matcher[],
    range: Range,
    signal?: AbortSignal,
  ): readonly SeriesSamples[] | Promise<readonly SeriesSamples[]>
}
