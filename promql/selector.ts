// Text → which series, over which range: the selectors of PromQL, by Prometheus' own grammar. What the language
// has beside them is refused by name until it is built. Called by query/.
import type { SyntaxNode } from '@lezer/common'
import { parser } from '@prometheus-io/lezer-promql'
import { durationMs } from '#core/duration.ts'
import { Failure } from '#core/errors.ts'
import { metricName } from '#core/labels.ts'
import { matchesValue } from '#core/matchers.ts'
import type { Matcher, MatchOp } from '#core/model.ts'
import { patternTest } from '#core/pattern.ts'
import { unquote } from './string-literal.ts'

// Without a range: the newest sample of each series.
export type Selector = Readonly<{ matchers: readonly Matcher[]; rangeMs: number | undefined }>

export function parseSelector(text: string): Selector {
  const top = parser.parse(text).topNode
  if (text.trim() === '') throw refusal(text, 0, 'wanted a selector like up{host="a"}, found nothing')
  refuseErrors(top, text)
  const only = top.firstChild
  if (only === null) throw refusal(text, 0, 'wanted a selector like up{host="a"}, found a comment')
  if (only.name === 'VectorSelector') return { matchers: matchersOf(only, text), rangeMs: undefined }
  if (only.name !== 'MatrixSelector') {
    throw refusal(text, only.from, `wanted a selector like up{host="a"} or up[5m], found ${plain(only.name)}`)
  }
  const [selector, range] = [only.firstChild, only.lastChild]
  if (selector === null || range === null) throw refusal(text, only.from, 'wanted a selector and a range')
  return { matchers: matchersOf(selector, text), rangeMs: rangeOf(range, text) }
}

function refuseErrors(top: SyntaxNode, text: string): void {
  top.cursor().iterate(node => {
    if (!node.type.isError) return
    const found = text.slice(node.from).trimStart().slice(0, 20)
    throw refusal(text, node.from, found === '' ? 'the expression ends too early' : `did not expect ${found}`)
  })
}

function rangeOf(node: SyntaxNode, text: string): number {
  const written = text.slice(node.from, node.to)
  try {
    const rangeMs = /^\d+(\.\d+)?$/.test(written) ? Number(written) * 1_000 : durationMs(written)
    if (rangeMs > 0) return rangeMs
  } catch {}
  throw refusal(text, node.from, `wanted a duration like 5m, found ${written}`)
}

function matchersOf(selector: SyntaxNode, text: string): Matcher[] {
  const matchers: Matcher[] = []
  const name = selector.getChild('Identifier')
  if (name !== null) matchers.push({ name: metricName, op: '=', value: text.slice(name.from, name.to) })
  const list = selector.getChild('LabelMatchers')
  for (let node = list?.firstChild ?? null; node !== null; node = node.nextSibling) {
    matchers.push(matcherOf(node, text))
  }
  if (matchers.length === 0 || matchers.every(each => matchesValue('', each))) {
    throw refusal(text, selector.from, 'wanted at least one matcher that an empty label does not meet')
  }
  return matchers
}

function matcherOf(node: SyntaxNode, text: string): Matcher {
  const literal = (child: SyntaxNode): string => {
    try {
      return unquote(text.slice(child.from, child.to))
    } catch (error) {
      throw refusal(text, child.from, (error as Error).message)
    }
  }
  // A name in quotes by itself is the metric's.
  if (node.name === 'QuotedLabelName') return { name: metricName, op: '=', value: literal(node) }
  const [name, op, value] = [node.firstChild, node.getChild('MatchOp'), node.lastChild]
  if (name === null || op === null || value === null) throw refusal(text, node.from, 'wanted name="value"')
  const isQuoted = name.name === 'QuotedLabelName'
  const matcher: Matcher = {
    name: isQuoted ? literal(name) : text.slice(name.from, name.to),
    op: text.slice(op.from, op.to) as MatchOp,
    value: literal(value),
  }
  if (matcher.op === '=~' || matcher.op === '!~') patternTest(matcher.value)
  return matcher
}

// FunctionCall → function call.
function plain(name: string): string {
  const words = name.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase()
  return `${/^[aeiou]/.test(words) ? 'an' : 'a'} ${words}`
}

function refusal(text: string, at: number, what: string): Failure {
  const before = text.slice(0, at).split('\n')
  return new Failure('bad_query', `${before.length}:${(before.at(-1) ?? '').length + 1}: ${what}`)
}
