// Text to a document of YAML, as `parseDocument` does, in steps: a megabyte takes half a second. Called by read.ts.
import { Composer, type Document, Lexer, type LineCounter, Parser, YAMLParseError } from 'yaml'
import type { Steps } from '../steps.ts'

type Token = Parameters<Composer['next']>[0]

// Words and signs of YAML; a millisecond or two.
const togetherMax = 1_000

export function* documentIn(text: string, counter: LineCounter): Steps<Document> {
  const parser = new Parser(counter.addNewLine)
  const tokens: Token[] = []
  counter.addNewLine(0)
  let together = 0
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) tokens.push(token)
    if (++together < togetherMax) continue
    together = 0
    yield
  }
  for (const token of parser.end()) tokens.push(token)
  yield
  const composer = new Composer({ prettyErrors: false, uniqueKeys: false })
  const [first, second] = composer.compose(tokens, true, text.length)
  if (first === undefined) throw new Error('a composer that is forced gave no document')
  if (second !== undefined) {
    const [from, to] = second.range
    first.errors.push(new YAMLParseError([from, to], 'MULTIPLE_DOCS', 'there is a second document'))
  }
  return first
}
