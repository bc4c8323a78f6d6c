// `inhibit_rules`: new and old forms of one meaning. Called by the reader of the configuration.
import type { Inhibition } from '../inhibition.ts'
import { emptied, list, type Reader, readPart } from './form.ts'
import { matchers, oldEqual, oldPattern, together } from './matchers.ts'
import { text, word } from './scalars.ts'

const ruleKeys = {
  name: text,
  source_match: oldEqual,
  source_match_re: oldPattern,
  source_matchers: matchers,
  target_match: oldEqual,
  target_match_re: oldPattern,
  target_matchers: matchers,
  equal: list(word),
}

export const inhibition: Reader<Inhibition> = (tree, at) => {
  const part = readPart(emptied(tree), ruleKeys, at)
  if (part === undefined) return undefined
  const { values } = part
  return {
    name: values.name ?? '',
    sources: together(values.source_match, values.source_match_re, values.source_matchers),
    targets: together(values.target_match, values.target_match_re, values.target_matchers),
    equal: values.equal ?? [],
  }
}
