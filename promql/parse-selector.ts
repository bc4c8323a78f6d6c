// Text → the matchers of one selector, where nothing but a selector may stand: up{host="a"}. Called by the APIs that list
// series and rules.
import { Failure } from '#core/errors.ts'
import type { Matcher } from '#core/model.ts'
import { parse } from './parse.ts'

export function parseSelector(text: string): readonly Matcher[] {
  const expr = parse(text)
  if (expr.kind === 'selector' && expr.at === undefined && expr.offsetMs === 0) return expr.matchers
  throw new Failure('bad_query', `1:1: wanted a selector like up{host="a"}, found ${text}`)
}
