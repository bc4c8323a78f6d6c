// What the threads found and what is fitted at once become forecasts, calibrated together. Called by forecaster.ts and, one
// round after the other, by ../accuracy/rounds.ts.
import type { Forecast, ForecastAsked } from '../forecast.ts'
import { daysAhead } from './bands.ts'
import { bulkLinear } from './bulk.ts'
import { choose } from './choose.ts'
import { errorsOf } from './errors.ts'
import { calibrate, finish, type Ready } from './finish.ts'
import { originsOf } from './origins.ts'
import type { Prepared } from './prepare.ts'
import type { LineTried, LineWanted } from './trial.ts'
import type { Answer } from './trials.ts'
import { scaleOfLine } from './tried.ts'

// What a thread has to know of a line.
export const wantedOf = ({ horizonDays, method }: ForecastAsked, { values }: Prepared): LineWanted => ({
  // The days of this line, not the buffer in which all lines may lie.
  values: values.slice(),
  horizonDays,
  aheadDays: Math.max(horizonDays, daysAhead),
  method,
})

// `answers`: by place; lines without one get the mission's line.
export function putTogether(
  asked: readonly ForecastAsked[],
  lines: readonly Prepared[],
  answers: ReadonlyMap<number, Answer>,
): Forecast[] {
  const ready: Ready[] = new Array(asked.length)
  const slow = [...answers].flatMap(([at, answer]) =>
    'tried' in answer ? [[at, answer.tried] as const] : [],
  )
  const chosen = choose(slow.map(([, tried]) => tried))
  for (const [place, [at, tried]] of slow.entries()) {
    ready[at] = readyOf(asked[at]!, lines[at]!, { tried, candidate: chosen[place]! })
  }
  const bulk: number[] = []
  for (let at = 0; at < asked.length; at++) if (ready[at] === undefined) bulk.push(at)
  const fast = bulkLinear(bulk.map(at => ({ line: lines[at]!, horizonDays: asked[at]!.horizonDays })))
  for (const [place, at] of bulk.entries()) {
    // A line on which its method broke still has the mission's.
    const by = asked[at]!.method === 'linear' ? 'configured' : 'too little data'
    ready[at] = { asked: asked[at]!, line: lines[at]!, tried: fast[place]!, by, others: [] }
  }
  return finish(ready, calibrate(ready.map(({ tried }) => tried)))
}

type Own = Readonly<{ tried: LineTried; candidate: LineTried['candidates'][0] }>

function readyOf(asked: ForecastAsked, line: Prepared, { tried, candidate }: Own): Ready {
  const origins = originsOf(line.values.length, asked.horizonDays)
  const by = asked.method === 'auto' ? 'back-test' : 'configured'
  return {
    asked,
    line,
    tried: { ...candidate, origins, ...scaleOfLine(line.values, candidate.sums, origins) },
    by: tried.isTooLittle ? 'too little data' : by,
    others: tried.among
      .filter(({ method }) => method !== candidate.method)
      .map(({ method, sums }) => ({ method, errors: errorsOf(sums, origins.horizon) })),
  }
}
