// Conditions on labels as the configuration writes them: lists of matchers, and the maps of old files. Called by the
// readers of routes and of inhibitions.

import { type Entry, foundText, type Tree } from '#core/config/tree.ts'
import { Failure } from '#core/errors.ts'
import type { MatchOp } from '#core/model.ts'
import { type LabelMatcher, labelMatcher, sortedMatchers } from '../matcher.ts'
import { readMatchers } from '../matcher-text.ts'
import { type At, below, complain, doubt, isEmpty, list, type Reader } from './form.ts'
import { text } from './scalars.ts'

export const matchers: Reader<readonly LabelMatcher[]> = (tree, at) => list(textOfMatchers)(tree, at)?.flat()

const textOfMatchers: Reader<readonly LabelMatcher[]> = (tree, at) => {
  const written = text(tree, at)
  if (written === undefined) return undefined
  try {
    const read = readMatchers(written)
    if (read.doubt !== undefined)
      doubt(tree.place, at, { wanted: 'one way to read it', found: foundText(tree), hint: read.doubt })
    return read.matchers
  } catch (cause) {
    return refuse(cause, tree, at)
  }
}

// What a Failure says, at its place.
function refuse(cause: unknown, tree: Tree, at: At): undefined {
  if (!(cause instanceof Failure)) throw cause
  const [, wanted, found = foundText(tree)] = /^wanted (.*?), found (.*)$/s.exec(cause.detail) ?? []
  if (cause.code === 'bad_matcher' && wanted !== undefined) complain(tree.place, at, { wanted, found })
  else complain(tree.place, at, { wanted: 'a regular expression of RE2', found: cause.detail })
}

const oldName = /^[a-zA-Z_]\w*$/

// `match` and `match_re`, `source_match` and its like.
const oldMatchers =
  (op: MatchOp): Reader<readonly LabelMatcher[]> =>
  (tree, at) => {
    if (tree.kind === 'map') return [...tree.keys].flatMap(entry => oldMatcher(op, entry, at) ?? [])
    complain(tree.place, at, { wanted: 'a map of names and values', found: foundText(tree) })
    return undefined
  }

function oldMatcher(op: MatchOp, [name, entry]: readonly [string, Entry], at: At): LabelMatcher | undefined {
  const { value: tree } = entry
  const spot = below(at, name)
  if (!oldName.test(name)) {
    const hint = 'matchers take other names'
    complain(entry.place, spot, { wanted: 'a name of letters, digits and _', found: name, hint })
    return undefined
  }
  if (op === '=~' && isEmpty(tree))
    complain(tree.place, spot, { wanted: 'a regular expression', found: 'nothing' })
  const value = text(tree, spot)
  try {
    if (value === undefined) return undefined
    const matcher = labelMatcher({ name, op, value })
    // So Alertmanager shows it, in keys of routes too.
    return op === '=~' ? { ...matcher, value: `^(?:${value})$` } : matcher
  } catch (cause) {
    return refuse(cause, tree, spot)
  }
}

export const oldEqual = oldMatchers('=')
export const oldPattern = oldMatchers('=~')

type Found = readonly LabelMatcher[] | undefined

// All of them must hold; in the order that the keys of routes show.
export const together = (...parts: readonly Found[]): readonly LabelMatcher[] =>
  sortedMatchers(parts.flatMap(each => each ?? []))
