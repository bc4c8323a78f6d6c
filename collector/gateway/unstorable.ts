// What hinders this series from being kept? Called for each new series by remote-write.ts, and by otlp-rows.ts.
import { unfitSeries } from '#core/line-protocol/encode.ts'
import type { Series } from '#core/model.ts'

// The two that separate the labels in a series' key (core/labels.ts): with them one series could pass for another.
const separators = /[\u{fffe}\u{ffff}]/u

// What line protocol cannot carry is refused here, because samples travel between processes as line protocol.
export function unstorable(series: Series): string | undefined {
  const problem = unfitSeries(series)
  if (problem !== undefined) return problem
  const texts = [series.name, ...Object.entries(series.labels).flat()]
  return texts.some(text => separators.test(text)) ? 'it contains U+FFFE or U+FFFF' : undefined
}
