// Functions over texts that Prometheus' templates and Alertmanager's have alike. Called through alert-functions.ts, and by
// the alerter's table.
import { Failure } from '#core/errors.ts'
import { patternSearch } from '#core/pattern.ts'
import { lowerCase, upperCase } from './letter-case.ts'
import { replaceAll } from './replace.ts'
import { CallRefused } from './state.ts'
import { type Func, type Functions, func, type Run, type Value } from './value.ts'

// What a store, an evaluator or a pattern refuses is the author's to mend.
export const callRefused = (error: unknown): unknown =>
  error instanceof Failure ? new CallRefused(error.detail) : error

// How many states a pattern has, roughly: a{1000} is long.
function weight(pattern: string): number {
  const repeats = [...pattern.matchAll(/\{(\d+)(?:,(\d+))?\}/g)].map(([, least, most]) =>
    Number(most ?? least),
  )
  return (
    pattern.length *
    Math.min(
      1_000,
      repeats.reduce((product, each) => product * Math.max(each, 1), 1),
    )
  )
}

// A search costs what its text and its pattern make it.
function search<Answer>(run: Run<unknown>, [pattern, text]: [string, string], go: () => Answer): Answer {
  run.spend(Math.ceil((weight(pattern) * text.length) / 32))
  try {
    return go()
  } catch (error) {
    throw callRefused(error)
  }
}

export const textFunction = (change: (value: string) => Value): Func =>
  func(['string'], ([value]) => change(value))

export const textFunctions: Functions = {
  match: func(['string', 'string'], ([pattern, given], run) =>
    search(run, [pattern, given], () => {
      for (const _ of patternSearch(pattern)(given)) return true
      return false
    }),
  ),
  reReplaceAll: func(['string', 'string', 'string'], ([pattern, replacement, given], run) =>
    search(run, [pattern, given], () => replaceAll(pattern, replacement, given)),
  ),
  toUpper: textFunction(upperCase),
  toLower: textFunction(lowerCase),
}
