// A parser: the text of a template becomes trees, the main one and those that `define` and `block` name, by Go's
// grammar. Functions and variables are looked up here, so that a misspelt one is found at load. Called by engine.ts.
import type { Failure } from '#core/errors.ts'
import { guessed } from '#core/nearest.ts'
import { unquote } from '../string-literal.ts'
import { lex, type Token, type TokenKind } from './lexer.ts'
import type { Command, Control, Invocation, Node, Nodes, Operand, Pipe } from './node.ts'
import { characterLiteral, numberLiteral } from './number-literal.ts'
import { refusal } from './refusal.ts'

export type Known = Readonly<{
  functions: ReadonlySet<string>
  // Declared before the text begins, `$labels` for one; defined templates do not see them.
  variables: readonly string[]
}>

export type Parsed = Readonly<{
  main: Nodes
  defined: ReadonlyMap<string, Nodes>
  // Functions that the text names.
  called: ReadonlySet<string>
}>

// Blocks in blocks and parentheses in parentheses; far from what people write, and from the end of the stack.
const depthMax = 100

const said: Partial<Readonly<Record<TokenKind, string>>> = {
  close: 'the end of the action',
  end: 'the end of the text',
  text: 'text',
}

export function parse(text: string, known: Known): Parsed {
  return new Parser(text, known).parse()
}

// How a list of nodes ended.
type Ending = Readonly<{ nodes: Nodes; by: Token }>

class Parser {
  readonly #text: string
  readonly #tokens: readonly Token[]
  readonly #functions: ReadonlySet<string>
  readonly #defined = new Map<string, Nodes>()
  readonly #called = new Set<string>()
  readonly #outer: readonly string[]
  #next = 0
  #variables: string[]
  #ranges = 0
  #depth = 0

  constructor(text: string, { functions, variables }: Known) {
    this.#text = text
    this.#tokens = lex(text)
    this.#functions = functions
    this.#outer = variables
    this.#variables = ['$', ...variables]
  }

  parse(): Parsed {
    const main: Node[] = []
    for (;;) {
      const token = this.#peek()
      if (token.kind === 'end') break
      if (token.kind === 'open' && this.#isKeyword('define', 1)) {
        this.#definition()
        continue
      }
      const node = this.#node()
      if (node === undefined) throw this.#refuse(token, this.#strayEnd())
      main.push(node)
    }
    return { main, defined: this.#defined, called: this.#called }
  }

  // The word of the `end` or `else` that came where nothing is open; it has been looked at, not taken.
  #strayEnd(): string {
    const word = this.#peekWord(0).text
    return `this ${word} belongs to nothing: wanted an if, range, with, block or define before it`
  }

  #refuse(at: Token | number, what: string): Failure {
    return refusal(this.#text, typeof at === 'number' ? at : at.at, what)
  }

  #unexpected(token: Token, where: string): Failure {
    if (token.kind === 'error') return this.#refuse(token, token.text)
    return this.#refuse(token, `did not expect ${said[token.kind] ?? token.text} in ${where}`)
  }

  #peek(): Token {
    return this.#tokens[Math.min(this.#next, this.#tokens.length - 1)]!
  }

  #take(): Token {
    const token = this.#peek()
    this.#next++
    return token
  }

  #skipSpace(): void {
    while (this.#peek().kind === 'space') this.#next++
  }

  // Without the space before it.
  #peekWord(skip: number): Token {
    let at = this.#next + skip
    while (this.#tokens[at]?.kind === 'space') at++
    return this.#tokens[Math.min(at, this.#tokens.length - 1)]!
  }

  #takeWord(): Token {
    this.#skipSpace()
    return this.#take()
  }

  #isKeyword(text: string, skip = 0): boolean {
    const token = this.#peekWord(skip)
    return token.kind === 'keyword' && token.text === text
  }

  #expectClose(where: string): void {
    const token = this.#takeWord()
    if (token.kind !== 'close') throw this.#unexpected(token, where)
  }

  #nested<T>(at: Token, read: () => T): T {
    if (this.#depth >= depthMax) throw this.#refuse(at, `nested more than ${depthMax} deep`)
    this.#depth++
    const found = read()
    this.#depth--
    return found
  }

  // A tree of its own: it sees no variables from outside.
  #tree(where: string, open: Token): Nodes {
    const [variables, ranges] = [this.#variables, this.#ranges]
    this.#variables = ['$']
    this.#ranges = 0
    const { nodes, by } = this.#nested(open, () => this.#list(open, where))
    if (by.text !== 'end') throw this.#unexpected(by, where)
    this.#expectClose('end')
    this.#variables = variables
    this.#ranges = ranges
    return nodes
  }

  #definition(): void {
    const open = this.#take()
    this.#takeWord()
    const name = this.#templateName('define')
    this.#expectClose('define')
    this.#define(name, this.#tree('define', open), open)
  }

  // An empty tree gives way to one that is not.
  #define(name: string, nodes: Nodes, at: Token): void {
    const before = this.#defined.get(name)
    if (before === undefined || isEmpty(before)) this.#defined.set(name, nodes)
    else if (!isEmpty(nodes)) throw this.#refuse(at, `the template ${JSON.stringify(name)} is defined twice`)
  }

  #templateName(where: string): string {
    const token = this.#takeWord()
    if (token.kind !== 'string') throw this.#unexpected(token, `${where}: wanted a name in quotes`)
    return this.#unquoted(token)
  }

  #unquoted(token: Token): string {
    try {
      return unquote(token.text)
    } catch (error) {
      throw this.#refuse(token, (error as Error).message)
    }
  }

  // Up to the `end` or `else` that closes the list; it is taken, what stands behind it is not.
  #list(open: Token, where: string): Ending {
    const nodes: Node[] = []
    for (;;) {
      const token = this.#peek()
      if (token.kind === 'end') throw this.#refuse(open, `this ${where} has no {{end}}`)
      const node = this.#node()
      if (node !== undefined) nodes.push(node)
      else return { nodes, by: this.#takeWord() }
    }
  }

  // Nothing at an `end` or `else`, which is left.
  #node(): Node | undefined {
    const token = this.#take()
    if (token.kind === 'text') return { kind: 'text', at: token.at, text: token.text }
    if (token.kind !== 'open') throw this.#unexpected(token, 'the text')
    const word = this.#peekWord(0)
    if (word.kind !== 'keyword' || word.text === 'nil') {
      return { kind: 'action', at: word.at, pipe: this.#pipe('an action', 'close') }
    }
    if (word.text === 'end' || word.text === 'else') return undefined
    this.#takeWord()
    switch (word.text) {
      case 'if':
      case 'with':
      case 'range':
        return this.#control(word.text, token)
      case 'break':
      case 'continue':
        return this.#jump(word.text, word)
      case 'template':
        return this.#invocation()
      case 'block':
        return this.#block(token)
      default:
        throw this.#refuse(word, 'templates are defined at the outermost level only')
    }
  }

  #jump(kind: 'break' | 'continue', word: Token): Node {
    this.#expectClose(kind)
    if (this.#ranges === 0) throw this.#refuse(word, `${kind} outside of range`)
    return { kind, at: word.at }
  }

  #control(kind: Control['kind'], open: Token): Control {
    return this.#nested(open, () => {
      const variables = this.#variables.length
      const pipe = this.#pipe(kind, 'close')
      if (kind === 'range') this.#ranges++
      const { nodes: body, by } = this.#list(open, kind)
      if (kind === 'range') this.#ranges--
      const otherwise = by.text === 'else' ? this.#otherwise(kind, by) : undefined
      if (otherwise === undefined) this.#expectClose('end')
      this.#variables.length = variables
      return { kind, at: pipe.at, pipe, body, otherwise }
    })
  }

  // `{{else if …}}` is an if inside of the else, and shares its end.
  #otherwise(kind: Control['kind'], word: Token): Nodes {
    if (kind !== 'range' && this.#isKeyword(kind)) {
      this.#takeWord()
      return [this.#control(kind, word)]
    }
    this.#expectClose('else')
    const { nodes, by } = this.#list(word, 'else')
    if (by.text !== 'end') throw this.#refuse(by, 'wanted the end, found a second else')
    this.#expectClose('end')
    return nodes
  }

  #invocation(): Invocation {
    const at = this.#peekWord(0).at
    const name = this.#templateName('template')
    if (this.#peekWord(0).kind !== 'close') {
      return { kind: 'template', at, name, pipe: this.#pipe('template', 'close') }
    }
    this.#expectClose('template')
    return { kind: 'template', at, name, pipe: undefined }
  }

  #block(open: Token): Invocation {
    const at = this.#peekWord(0).at
    const name = this.#templateName('block')
    const pipe = this.#pipe('block', 'close')
    this.#define(name, this.#tree('block', open), open)
    return { kind: 'template', at, name, pipe }
  }

  #pipe(where: string, until: 'close' | ')'): Pipe {
    const at = this.#peekWord(0).at
    const { declares, assigns } = this.#declarations(where)
    const commands: Command[] = []
    for (;;) {
      const token = this.#peekWord(0)
      if (token.kind === until) break
      if (!startsOperand(token)) throw this.#unexpected(token, where)
      commands.push(this.#command())
    }
    if (commands.length === 0) throw this.#refuse(this.#peekWord(0), `${where} wants a value`)
    for (const { args } of commands.slice(1)) {
      if (['bool', 'dot', 'nil', 'number', 'string'].includes(args[0].kind)) {
        throw this.#refuse(args[0].at, 'wanted a function behind the |, which gets what stands before it')
      }
    }
    this.#takeWord()
    // Only now: `$x := $x` means the one outside.
    if (!assigns) this.#variables.push(...declares)
    return { kind: 'pipe', at, declares, assigns, commands }
  }

  #declarations(where: string): { declares: string[]; assigns: boolean } {
    const declares: string[] = []
    while (this.#peekWord(0).kind === 'variable') {
      this.#skipSpace()
      const variable = this.#peek()
      const next = this.#peekWord(1)
      const isComma = next.kind === 'other' && next.text === ','
      if (next.kind !== 'assign' && next.kind !== 'declare' && !isComma) break
      this.#take()
      this.#takeWord()
      if (next.kind === 'assign') this.#known(variable)
      declares.push(variable.text)
      if (!isComma) return { declares, assigns: next.kind === 'assign' }
      if (where !== 'range' || declares.length === 2) {
        throw this.#refuse(next, `too many variables in ${where}: only range takes two`)
      }
      const second = this.#peekWord(0)
      if (second.kind !== 'variable') throw this.#refuse(second, 'wanted a second variable behind the comma')
    }
    if (declares.length > 0) throw this.#refuse(this.#peekWord(0), 'wanted := behind the variables')
    return { declares, assigns: false }
  }

  #known(token: Token): void {
    if (this.#variables.includes(token.text)) return
    const why = this.#outer.includes(token.text)
      ? ' inside of a defined template: it sees only the data that it is given'
      : guessed(token.text, this.#variables.slice(1))
    throw this.#refuse(token, `there is no variable ${token.text}${why}`)
  }

  #command(): Command {
    const at = this.#peekWord(0).at
    const args: Operand[] = []
    for (;;) {
      this.#skipSpace()
      if (!startsOperand(this.#peek())) break
      args.push(this.#operand())
      if (this.#peek().kind !== 'space') break
    }
    const token = this.#peek()
    if (token.kind === 'pipe') this.#take()
    else if (token.kind !== 'close' && token.kind !== ')') {
      throw this.#unexpected(token, 'an action: wanted a space, | or the end')
    }
    return { kind: 'command', at, args: args as [Operand, ...Operand[]] }
  }

  #operand(): Operand {
    const first = this.#take()
    const term = this.#term(first)
    const start = this.#peek()
    const fields: string[] = []
    while (this.#peek().kind === 'field' && this.#peek().text !== '.') fields.push(this.#take().text.slice(1))
    if (fields.length === 0) return term
    // Messages point to the field behind the first.
    if (term.kind === 'field') return { kind: 'field', at: start.at, fields: [...term.fields, ...fields] }
    if (term.kind === 'variable') return { ...term, at: start.at, fields }
    if (term.kind !== 'pipe' && term.kind !== 'identifier') {
      throw this.#refuse(start, `${first.text} has no fields`)
    }
    return { kind: 'chain', at: start.at, of: term, fields }
  }

  #term(token: Token): Operand {
    const { at, text } = token
    switch (token.kind) {
      case 'field':
        return text === '.' ? { kind: 'dot', at } : { kind: 'field', at, fields: [text.slice(1)] }
      case 'variable':
        this.#known(token)
        return { kind: 'variable', at, name: text, fields: [] }
      case 'string':
        return { kind: 'string', at, text, value: this.#unquoted(token) }
      case 'number':
      case 'char': {
        const literal = token.kind === 'number' ? numberLiteral(text, at) : characterLiteral(text, at)
        if (typeof literal === 'string') throw this.#refuse(token, literal)
        return literal
      }
      case '(':
        return this.#nested(token, () => this.#pipe('parentheses', ')'))
      case 'keyword':
        return { kind: 'nil', at }
      default:
        return this.#identifier(token)
    }
  }

  #identifier({ at, text }: Token): Operand {
    if (text === 'true' || text === 'false') return { kind: 'bool', at, value: text === 'true' }
    if (!this.#functions.has(text)) {
      throw this.#refuse(at, `there is no function ${text}${guessed(text, [...this.#functions])}`)
    }
    this.#called.add(text)
    return { kind: 'identifier', at, name: text }
  }
}

export const isEmpty = (tree: Nodes): boolean =>
  tree.every(each => each.kind === 'text' && each.text.trim() === '')

const operands: ReadonlySet<TokenKind> = new Set([
  'field',
  'identifier',
  'variable',
  'string',
  'number',
  'char',
  '(',
])

const startsOperand = ({ kind, text }: Token): boolean =>
  operands.has(kind) || (kind === 'keyword' && text === 'nil')
