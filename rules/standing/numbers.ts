// How a rule does, when several processes evaluate it for different hosts: what each says, as text, and what all say
// together. Pure. Called by standing.ts and read.ts.
import { readSaved } from '#core/state/saved-json.ts'
import type { RuleView } from '../view.ts'

export type Numbers = Pick<RuleView, 'health' | 'error' | 'evaluatedAtMs' | 'tookMs'>

// By the id of the rule.
export type NumbersOf = ReadonlyMap<string, Numbers>

const errorChars = 1_000

export const numbersText = (numbers: NumbersOf): string => JSON.stringify(Object.fromEntries(numbers))

// `at` says whose they are, for whoever has to mend them.
export function readNumbers(text: string, at: string): [string, Numbers][] {
  const isWhole = (found: object): boolean => typeof found === 'object' && found !== null
  return Object.entries(readSaved<Record<string, Numbers>>(text, { at, wanted: 'how rules do', isWhole }))
}

// The worst health of those that know one; a rule takes as long as where it takes longest.
export function together(all: readonly Numbers[]): Numbers {
  const failing = all.filter(({ health }) => health === 'err')
  const error = newest(failing)?.error
  const evaluatedAtMs = newest(all)?.evaluatedAtMs
  const isOk = all.some(({ health }) => health === 'ok')
  return {
    health: failing.length > 0 ? 'err' : isOk ? 'ok' : 'unknown',
    ...(error === undefined ? {} : { error: error.slice(0, errorChars) }),
    ...(evaluatedAtMs === undefined ? {} : { evaluatedAtMs }),
    tookMs: all.reduce((most, { tookMs }) => Math.max(most, tookMs), 0),
  }
}

const newest = (all: readonly Numbers[]): Numbers | undefined =>
  all.reduce<Numbers | undefined>(
    (last, each) => ((each.evaluatedAtMs ?? 0) > (last?.evaluatedAtMs ?? -1) ? each : last),
    undefined,
  )
