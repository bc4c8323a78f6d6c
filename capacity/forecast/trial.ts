// Which methods are tried on one line, and what is kept of each: how wrong it would have been, and of those that may be
// chosen, how it goes on. Pure; called by worker.ts for each line, and by tests.
import type { Forecast } from '../forecast.ts'
import type { MethodName } from '../pool.ts'
import { judge, type Trial, tryMethod } from './back-test.ts'
import { combine, parts } from './combined.ts'
import type { Sums } from './errors.ts'
import { linear } from './linear.ts'
import type { Method } from './method.ts'
import { methods, type SingleName } from './methods.ts'
import { naive } from './naive.ts'
import { type Origins, originsOf } from './origins.ts'

export type LineWanted = Readonly<{
  // As prepare.ts left them.
  values: Float64Array
  horizonDays: number
  // How far the line is looked at.
  aheadDays: number
  method: MethodName | 'auto'
}>

// Of one method.
export type Candidate = Readonly<{
  method: MethodName
  fit: Forecast['fit']
  ahead: Float64Array
  errors: Float64Array
  sums: Sums
}>

export type LineTried = Readonly<{
  among: readonly Readonly<{ method: MethodName; sums: Sums }>[]
  // The one that was asked for; of `auto`, the combination first, then the best single method.
  candidates: readonly [Candidate, ...Candidate[]]
  isTooLittle: boolean
}>

export function tryLine(wanted: LineWanted): LineTried {
  const { values, horizonDays, method } = wanted
  const origins = originsOf(values.length, horizonDays)
  if (method === 'auto') return tryAll(wanted, origins)
  const trial =
    method === 'combined' ? tryCombined(wanted, origins) : tryMethod(methods[method], values, origins)
  if (trial === null) return instead('linear', linear, wanted)
  return only(candidateOf(method, trial, wanted), false)
}

function tryCombined({ values }: LineWanted, origins: Origins): Trial | null {
  if (origins.trained.length === 0) return null
  return combine(trialsOf(parts, values, origins), values, origins)
}

const trialsOf = (
  methods: Readonly<Record<string, Method>>,
  values: Float64Array,
  origins: Origins,
): Trial[] => Object.values(methods).flatMap(method => tryMethod(method, values, origins) ?? [])

function tryAll(wanted: LineWanted, origins: Origins): LineTried {
  const { values } = wanted
  // A few days have no direction.
  if (origins.trained.length === 0) return instead('naive', naive, wanted)
  const tried = new Map<Method, Trial | null>()
  const once = (method: Method): Trial | null => {
    const trial = tried.has(method) ? tried.get(method)! : tryMethod(method, values, origins)
    tried.set(method, trial)
    return trial
  }
  const combined = combine(
    Object.values(parts).flatMap(method => once(method) ?? []),
    values,
    origins,
  )
  const singles = (Object.keys(methods) as SingleName[]).flatMap(method => {
    const trial = once(methods[method])
    return trial === null ? [] : [{ method, trial, sums: judge(trial.said, values, origins).sums }]
  })
  const first = candidateOf('combined', combined, wanted)
  const best = singles
    .filter(({ sums }) => sums.count === first.sums.count)
    .sort((a, b) => a.sums.off - b.sums.off)[0]
  return {
    among: [
      { method: 'combined', sums: first.sums },
      ...singles.map(({ method, sums }) => ({ method, sums })),
    ],
    candidates: best === undefined ? [first] : [first, candidateOf(best.method, best.trial, wanted)],
    isTooLittle: false,
  }
}

function instead(name: SingleName, method: Method, wanted: LineWanted): LineTried {
  const trial = tryMethod(method, wanted.values, originsOf(wanted.values.length, wanted.horizonDays))
  if (trial === null) throw new Error('a line without a number is forecast by nobody')
  return only(candidateOf(name, trial, wanted), true)
}

const only = (candidate: Candidate, isTooLittle: boolean): LineTried => ({
  among: [{ method: candidate.method, sums: candidate.sums }],
  candidates: [candidate],
  isTooLittle,
})

function candidateOf(
  method: MethodName,
  { fitted, said }: Trial,
  { values, horizonDays, aheadDays }: LineWanted,
): Candidate {
  const { level, slopePerDay, weekly } = fitted
  return {
    method,
    fit: { level, slopePerDay, weekly },
    ahead: fitted.ahead(aheadDays),
    ...judge(said, values, originsOf(values.length, horizonDays)),
  }
}
