// What facts say in their details, read with care: whoever wrote them may have been another version. Called by whoever
// reads facts: the API, delivery at its start, the watchdog.
import type { Fact, Json } from './fact.ts'

type Details = Readonly<Record<string, Json | undefined>>

export const detailsOf = ({ details }: Fact): Details =>
  typeof details === 'object' && details !== null && !Array.isArray(details) ? (details as Details) : {}

export function textIn(fact: Fact, name: string): string | undefined {
  const value = detailsOf(fact)[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

export const isIn = (fact: Fact, name: string): boolean => detailsOf(fact)[name] === true

export function textsIn(fact: Fact, name: string): readonly string[] {
  const value = detailsOf(fact)[name]
  return Array.isArray(value) ? value.filter(each => typeof each === 'string') : []
}

// Of a message: which alerts it told of.
export const names = (fact: Fact, fingerprint: string): boolean =>
  textsIn(fact, 'firing').includes(fingerprint) || textsIn(fact, 'resolved').includes(fingerprint)

// What held an alert: a word for how, and the names of what.
export function holdIn(fact: Fact): Readonly<{ kind: string; by: readonly string[] }> | undefined {
  const kind = textIn(fact, 'kind')
  return kind === undefined ? undefined : { kind, by: textsIn(fact, 'by') }
}
