// Alertmanager's reading of matchers since 0.27: any text is a name, in quotes where it has reserved characters; quoted
// texts have Go's escapes. A parser; called by matcher-text.ts.
import type { Matcher, MatchOp } from '#core/model.ts'
import { BadEscape, unquote } from '#promql/string-literal.ts'
import { reserved } from '../matcher.ts'
import { refuseMatcher } from './refuse-matcher.ts'

const word = `[^${reserved.source.slice(1)}+`
const token = new RegExp(
  `(?<op>=~|!~|!=|=)|(?<mark>[{},])|(?<quoted>"(?:[^"\\\\]|\\\\[^])*")|(?<word>${word})`,
  'y',
)
const space = /[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*/y

type Token = Readonly<{ kind: 'op' | 'mark' | 'quoted' | 'word'; text: string }>

export function readUtf8(text: string): Matcher[] {
  const tokens = tokensOf(text)
  const isBraced = tokens[0]?.text === '{' && tokens[0].kind === 'mark'
  if (isBraced && !isMark(tokens.at(-1), '}')) return refuseMatcher(text, 'a } at the end')
  // The one brace at the beginning is not also the one at the end, since that is another character.
  const inner = isBraced ? tokens.slice(1, -1) : tokens
  const matchers: Matcher[] = []
  for (let at = 0; at < inner.length; at += 4) {
    matchers.push(matcherOf(inner.slice(at, at + 3), text))
    const next = inner[at + 3]
    if (next !== undefined && !isMark(next, ',')) return refuseMatcher(text, 'a comma between matchers')
  }
  return matchers
}

const isMark = (found: Token | undefined, mark: string): boolean =>
  found?.kind === 'mark' && found.text === mark

function tokensOf(text: string): Token[] {
  const tokens: Token[] = []
  for (let at = spaceEnd(text, 0); at < text.length; at = spaceEnd(text, token.lastIndex)) {
    token.lastIndex = at
    const groups = token.exec(text)?.groups
    if (groups === undefined) return refuseMatcher(text, `no lone ${text.charAt(at)} outside of quotes`)
    for (const kind of ['op', 'mark', 'quoted', 'word'] as const) {
      const found = groups[kind]
      if (found !== undefined) tokens.push({ kind, text: found })
    }
  }
  return tokens
}

function spaceEnd(text: string, at: number): number {
  space.lastIndex = at
  space.exec(text)
  return space.lastIndex
}

function matcherOf([name, op, value]: readonly Token[], text: string): Matcher {
  const [named, valued] = [textOf(name, text), textOf(value, text)]
  if (named === undefined || op?.kind !== 'op' || valued === undefined)
    return refuseMatcher(text, 'a name, one of = != =~ !~ and a value, like severity="page"')
  return { name: named, op: op.text as MatchOp, value: valued }
}

// Nothing where it is neither a word nor quoted.
function textOf(found: Token | undefined, text: string): string | undefined {
  if (found?.kind === 'word') return found.text
  if (found?.kind !== 'quoted') return undefined
  const literal = found.text
  if (literal.includes('\n')) return refuseMatcher(text, 'a newline between quotes as \\n')
  try {
    const meant = unquote(literal)
    // Bytes that are no text became this mark.
    const isBroken = meant.includes('\ufffd') && !literal.includes('\ufffd')
    return isBroken ? refuseMatcher(text, 'UTF-8 between quotes') : meant
  } catch (cause) {
    if (cause instanceof BadEscape) return refuseMatcher(text, `no ${cause.found} between quotes`)
    throw cause
  }
}
