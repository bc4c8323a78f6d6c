// Words like `severity=page` or `host=~"web-.*"` → matchers, as amtool takes them. Called by commands that choose alerts.
import { Failure } from '#core/errors.ts'
import type { Matcher, MatchOp } from '#core/model.ts'
import { patternTest } from '#core/pattern.ts'
import { matcherText } from '../alerter/matcher.ts'
import { Stop } from './command.ts'

const form = /^\s*([^\s=!~"{}]+)\s*(=~|!~|!=|=)\s*(.*?)\s*$/s

// A word without an operator is the name of an alert.
export const matchersOf = (words: readonly string[]): Matcher[] => words.map(matcherOf)

// As the query of Alertmanager's API takes them.
export function filtersOf(words: readonly string[]): URLSearchParams {
  const query = new URLSearchParams()
  for (const each of matchersOf(words)) query.append('filter', matcherText(each))
  return query
}

function matcherOf(word: string): Matcher {
  if (/^[^=!~"{}]+$/.test(word)) return { name: 'alertname', op: '=', value: word }
  const [, name, op, value = ''] = form.exec(word) ?? []
  if (name === undefined) {
    throw new Stop(`wanted a label and a value like severity=page or host=~"web-.*", found ${word}`, 2)
  }
  const matcher = { name, op: op as MatchOp, value: unquoted(value) }
  if (matcher.op === '=~' || matcher.op === '!~') refuseBad(matcher.value, word)
  return matcher
}

// Shells eat quotes or leave them, so both are the same here.
const unquoted = (text: string): string =>
  /^(["']).*\1$/s.test(text) && text.length > 1 ? text.slice(1, -1) : text

function refuseBad(pattern: string, word: string): void {
  try {
    patternTest(pattern)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    throw new Stop(
      `wanted a regular expression behind ${word.slice(0, word.indexOf('~') + 1)}: ${error.detail}`,
      2,
    )
  }
}
