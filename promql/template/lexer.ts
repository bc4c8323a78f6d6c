// A parser's first half: the text of a template in tokens, with Go's rules for delimiters, trim markers and comments.
// Called by parser.ts. What cannot be a token becomes one of kind 'error', so that the parser says what it was reading.

export type TokenKind =
  | 'text'
  | 'open'
  | 'close'
  | 'space'
  | 'field'
  | 'identifier'
  | 'keyword'
  | 'variable'
  | 'string'
  | 'number'
  | 'char'
  | 'declare'
  | 'assign'
  | 'pipe'
  | '('
  | ')'
  | 'other'
  | 'error'
  | 'end'

export type Token = Readonly<{ kind: TokenKind; at: number; text: string }>

const keywords: ReadonlySet<string> = new Set([
  'block',
  'break',
  'continue',
  'define',
  'else',
  'end',
  'if',
  'nil',
  'range',
  'template',
  'with',
])

const spaces = /[ \t\r\n]+/y
const word = /[\p{L}\p{Nd}_]+/uy
const closing = /(?:[ \t\r\n]-)?\}\}/y
const signs: Readonly<Record<string, TokenKind>> = { '=': 'assign', ':=': 'declare', '|': 'pipe' }
// Wider than numbers are: what is wrong with one the parser says.
const number =
  /[+-]?(?:0[xX][\da-fA-F_]*(?:\.[\da-fA-F_]*)?(?:[pP][+-]?[\d_]*)?|(?:0[oObB])?[\d_]*(?:\.[\d_]*)?(?:[eE][+-]?[\d_]*)?)i?/y
const quoted: Readonly<Record<string, RegExp>> = {
  '"': /"(?:[^"\\\n]|\\[^\n])*"/y,
  "'": /'(?:[^'\\\n]|\\[^\n])*'/y,
  '`': /`[^`]*`/y,
}
const quotedNames: Readonly<Record<string, string>> = {
  '"': 'this text between quotes',
  "'": 'this character between quotes',
  '`': 'this text between backticks',
}

function take(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}

export function lex(text: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  let trimming = false
  for (;;) {
    const open = text.indexOf('{{', at)
    const until = open === -1 ? text.length : open
    const trims = open !== -1 && /^-[ \t\r\n]/.test(text.slice(open + 2, open + 4))
    let plain = text.slice(at, until)
    let from = at
    if (trimming) {
      plain = plain.replace(/^[ \t\r\n]+/, '')
      from = until - plain.length
    }
    if (trims) plain = plain.slice(0, trimmedLength(plain))
    if (plain !== '') tokens.push({ kind: 'text', at: from, text: plain })
    if (open === -1) break
    const inside = lexAction(text, open, trims, tokens)
    if (inside === undefined) return tokens
    at = inside
    trimming = /[ \t\r\n]-\}\}$/.test(text.slice(at - 4, at))
  }
  tokens.push({ kind: 'end', at: text.length, text: '' })
  return tokens
}

// By hand: a pattern that ends in spaces would look at each run of them again and again.
function trimmedLength(text: string): number {
  let end = text.length
  while (end > 0 && ' \t\r\n'.includes(text[end - 1]!)) end--
  return end
}

// Answers where the text goes on, or nothing after an error.
function lexAction(text: string, open: number, trims: boolean, tokens: Token[]): number | undefined {
  let at = open + (trims ? 4 : 2)
  const wrong = (what: string, where = at): undefined => {
    tokens.push({ kind: 'error', at: where, text: what })
  }
  if (text.startsWith('/*', at)) {
    const end = text.indexOf('*/', at + 2)
    if (end === -1) return wrong('this comment is never closed by */', open)
    const close = take(closing, text, end + 2)
    return close === undefined
      ? wrong('wanted }} at once behind the end of the comment', end)
      : end + 2 + close.length
  }
  tokens.push({ kind: 'open', at: open, text: '{{' })
  let parens = 0
  for (;;) {
    const close = take(closing, text, at)
    if (close !== undefined) {
      if (parens > 0) return wrong(`wanted ${parens} more ) before the end of this action`)
      tokens.push({ kind: 'close', at, text: close })
      return at + close.length
    }
    if (at >= text.length) return wrong('this {{ is never closed by }}', open)
    const token = lexInside(text, at)
    if (token.kind === '(') parens++
    if (token.kind === ')' && --parens < 0) return wrong('this ) closes nothing')
    tokens.push(token)
    if (token.kind === 'error') return undefined
    at += token.text.length
  }
}

function lexInside(text: string, at: number): Token {
  const token = (kind: TokenKind, found: string): Token => ({ kind, at, text: found })
  const first = text[at]!
  const space = take(spaces, text, at)
  if (space !== undefined) {
    // The last one belongs to the trim marker that may follow.
    const isMarked = space.length > 1 && take(closing, text, at + space.length - 1) !== undefined
    return token('space', isMarked ? space.slice(0, -1) : space)
  }
  if (first === '(' || first === ')') return token(first, first)
  const sign = text.startsWith(':=', at) ? ':=' : first
  const kind = signs[sign]
  if (kind !== undefined) return token(kind, sign)
  if (first === ':') return token('error', 'wanted := here, found a : alone')
  const quotes = quoted[first]
  if (quotes !== undefined) {
    const found = take(quotes, text, at)
    if (found === undefined) return token('error', `${quotedNames[first]} is never closed`)
    return token(first === "'" ? 'char' : 'string', found)
  }
  if (/[+\-\d]/.test(first) || (first === '.' && /\d/.test(text[at + 1] ?? ''))) return lexNumber(text, at)
  if (first === '.' || first === '$') {
    const name = take(word, text, at + 1) ?? ''
    return ended(text, token(first === '$' ? 'variable' : 'field', first + name))
  }
  const found = take(word, text, at)
  if (found !== undefined) return ended(text, token(keywords.has(found) ? 'keyword' : 'identifier', found))
  if (/[!-~]/.test(first)) return token('other', first)
  const point = text.codePointAt(at)!
  const code = `U+${point.toString(16).toUpperCase().padStart(4, '0')}`
  return token('error', `did not expect the character ${code} here`)
}

function lexNumber(text: string, at: number): Token {
  const found = take(number, text, at) ?? ''
  const more = take(word, text, at + found.length)
  if (more !== undefined) return { kind: 'error', at, text: `${found + more} is no number` }
  const next = text[at + found.length]
  if (next === '+' || next === '-' || found.endsWith('i')) {
    return { kind: 'error', at, text: 'there are no complex numbers here' }
  }
  return { kind: 'number', at, text: found }
}

// A name ends before what may follow one: `$x+2` is no sum.
function ended(text: string, token: Token): Token {
  const at = token.at + token.text.length
  const next = text[at]
  if (next === undefined || /[ \t\r\n.,|:()]/.test(next) || text.startsWith('}}', at)) return token
  return {
    kind: 'error',
    at,
    text: `did not expect ${JSON.stringify(String.fromCodePoint(text.codePointAt(at)!))} behind ${token.text}`,
  }
}
