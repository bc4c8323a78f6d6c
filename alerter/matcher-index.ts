// Of many lists of matchers, those that an alert fulfils. In a storm of 50 000 alerts every rule would be asked of every
// alert; so a list is only asked when the label of its rarest equality has the right value. Called for inhibitions and
// for the children of a route.
import type { Labels } from '#core/model.ts'
import { wordsOf } from '#core/pattern.ts'
import { type LabelMatcher, matchAll } from './matcher.ts'

export type Listed<T> = Readonly<{ matchers: readonly LabelMatcher[]; item: T }>

// In the order in which they were given.
export type MatcherIndex<T> = (labels: Labels) => readonly T[]

type Entry<T> = Listed<T> & Readonly<{ nth: number }>

export function openMatcherIndex<T>(lists: readonly Listed<T>[]): MatcherIndex<T> {
  if (lists.length === 0) return () => none
  const entries = lists.map((each, nth) => ({ ...each, nth }))
  const demand = demandOf(entries)
  // Label, value, lists.
  const index = new Map<string, Map<string, Entry<T>[]>>()
  const others: Entry<T>[] = []
  for (const entry of entries) {
    const rarest = rarestOf(entry.matchers, demand)
    if (rarest === undefined) others.push(entry)
    else for (const value of rarest.values) put(index, rarest.name, value, entry)
  }
  return labels => {
    const found = others.filter(({ matchers }) => matchAll(matchers, labels))
    for (const [name, byValue] of index) {
      for (const entry of byValue.get(labels[name] ?? '') ?? [])
        if (matchAll(entry.matchers, labels)) found.push(entry)
    }
    if (found.length > 1) found.sort((a, b) => a.nth - b.nth)
    return found.map(({ item }) => item)
  }
}

const none: never[] = []

type Index<T> = Map<string, Map<string, Entry<T>[]>>

function put<T>(index: Index<T>, name: string, value: string, entry: Entry<T>): void {
  const byValue = index.get(name) ?? new Map<string, Entry<T>[]>()
  index.set(name, byValue)
  byValue.set(value, [...(byValue.get(value) ?? []), entry])
}

type Choice = Readonly<{ name: string; values: readonly string[] }>

// What a matcher accepts, where that is a few texts.
function choiceOf({ name, op, value }: LabelMatcher): Choice | undefined {
  if (op === '=') return { name, values: [value] }
  if (op !== '=~') return undefined
  const [, inner = value] = /^\^\(\?:(.*)\)\$$/s.exec(value) ?? []
  const words = wordsOf(inner)
  return words === undefined ? undefined : { name, values: [...new Set(words)] }
}

const keyOf = (name: string, value: string): string => `${name}\ud800${value}`

// How many lists want each value.
function demandOf(entries: readonly Listed<unknown>[]): ReadonlyMap<string, number> {
  const demand = new Map<string, number>()
  for (const { name, values } of entries.flatMap(({ matchers }) =>
    matchers.flatMap(each => choiceOf(each) ?? []),
  ))
    for (const value of values) demand.set(keyOf(name, value), (demand.get(keyOf(name, value)) ?? 0) + 1)
  return demand
}

function rarestOf(
  matchers: readonly LabelMatcher[],
  demand: ReadonlyMap<string, number>,
): Choice | undefined {
  const weight = ({ name, values }: Choice): number =>
    values.reduce((sum, value) => sum + (demand.get(keyOf(name, value)) ?? 0), 0)
  const choices = matchers.flatMap(each => choiceOf(each) ?? [])
  return choices.toSorted((a, b) => weight(a) - weight(b))[0]
}
