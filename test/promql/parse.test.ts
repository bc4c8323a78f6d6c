import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Failure } from '#core/errors.ts'
import type { Expr } from '#promql/ast.ts'
import { parse } from '#promql/parse.ts'
import { print } from '#promql/print.ts'
import { runs } from '../runs.ts'
import { expressions } from './expressions.ts'

// Every operator and sign with its operands in brackets: the shape of the tree, on one line.
function shape(expr: Expr): string {
  if (expr.kind === 'binary') return `(${shape(expr.left)} ${expr.op} ${shape(expr.right)})`
  if (expr.kind === 'unary') return `(${expr.op}${shape(expr.expr)})`
  if (expr.kind === 'paren') return `[${shape(expr.expr)}]`
  return print(expr)
}

test('operators bind as in Prometheus', () => {
  const t = (text: string, wanted: string) => expect(shape(parse(text)), text).toBe(wanted)

  t('a + b * c', '(a + (b * c))')
  t('a * b + c', '((a * b) + c)')
  t('a - b - c', '((a - b) - c)')
  t('a / b * c % d', '(((a / b) * c) % d)')
  t('a atan2 b * c', '((a atan2 b) * c)')
  t('a ^ b ^ c', '(a ^ (b ^ c))')
  t('a * b ^ c', '(a * (b ^ c))')
  t('a == b + c', '(a == (b + c))')
  t('a < b == c', '((a < b) == c)')
  t('a and b == c', '(a and (b == c))')
  t('a or b and c', '(a or (b and c))')
  t('a and b unless c', '((a and b) unless c)')
  t('a or b or c', '((a or b) or c)')
  t('(a + b) * c', '([(a + b)] * c)')

  // A sign binds as multiplication does: less strongly than a power.
  t('-a ^ b', '(-(a ^ b))')
  t('-1 ^ 2', '(-(1 ^ 2))')
  t('-a * b', '((-a) * b)')
  t('2 ^ -1 * 3', '((2 ^ -1) * 3)')
  t('a - -b', '(a - (-b))')
  t('- - 1', '1')
  t('-(1)', '(-[1])')

  // What stands behind a selector belongs to it and to nothing before it.
  t('a + b offset 5m * c', '(a + (b offset 5m * c))')
  t('-a @ 5', '(-a @ 5.000)')
  t('1 - a offset 5m', '(1 - a offset 5m)')
})

test('numbers are written in many ways', () => {
  const t = (text: string, value: number) => {
    expect(parse(text), text).toMatchObject({ kind: 'number', value })
  }

  t('5', 5)
  t('-5', -5)
  t('.5', 0.5)
  t('2.', 2)
  t('1e3', 1000)
  t('1.5E-3', 0.0015)
  t('1_000.5', 1000.5)
  t('0x1F', 31)
  t('0X_ff', 255)
  t('0x1_0', 16)
  // Octal, unless it cannot be.
  t('0755', 493)
  t('0855', 855)
  t('9007199254740993', 9007199254740992)
  t('99999999999999999999', 1e20)
  t('Inf', Number.POSITIVE_INFINITY)
  t('-inf', Number.NEGATIVE_INFINITY)
  t('nAn', Number.NaN)
  t('5m', 300)
  t('-1h30m', -5400)
  t('1y', 31_536_000)
  t('250ms', 0.25)
})

test('durations and times stand behind selectors', () => {
  const t = (text: string, wanted: object) => expect(parse(text), text).toMatchObject(wanted)

  t('x[5m]', { kind: 'range', rangeMs: 300_000 })
  t('x[1h30m]', { rangeMs: 5_400_000 })
  t('x[1.5]', { rangeMs: 1_500 })
  t('x[1.001]', { rangeMs: 1_001 })
  t('x[1.0019]', { rangeMs: 1_001 })
  t('x[1001ms]', { rangeMs: 1_001 })
  t('x[ 5m ]', { rangeMs: 300_000 })
  t('x[0x10]', { rangeMs: 16_000 })
  t('x offset 5m', { kind: 'selector', offsetMs: 300_000 })
  t('x offset -5m', { offsetMs: -300_000 })
  t('x offset 90', { offsetMs: 90_000 })
  t('x offset 0', { offsetMs: 0 })
  t('x[5m] offset 1m', { kind: 'range', selector: { offsetMs: 60_000 } })
  t('x @ 1700000000.5', { at: 1_700_000_000_500 })
  t('x @ -1', { at: -1_000 })
  t('x @ 1h', { at: 3_600_000 })
  t('x @ START ( )', { at: 'start' })
  t('x[5m] @ end() offset 1m', { selector: { at: 'end', offsetMs: 60_000 } })
  t('x[1h:5m]', { kind: 'subquery', rangeMs: 3_600_000, stepMs: 300_000 })
  t('x[1h:]', { kind: 'subquery', stepMs: undefined })
  t('x[1h : 5m ] offset -1m @ 5', { offsetMs: -60_000, at: 5_000 })
  t('sum(x)[5m:]', { kind: 'subquery', expr: { kind: 'aggregate' } })
  t('x offset 1m[5m:]', { kind: 'subquery', expr: { offsetMs: 60_000 } })
  t('max_over_time(x[1h:])[5m:]', { kind: 'subquery', expr: { args: [{ kind: 'subquery' }] } })
})

test('words of the language may be names', () => {
  const names =
    'and or unless offset by without sum count_values start end step fill anchored limitk rate time'
  for (const name of names.split(' ')) {
    const [alone, braced] = [parse(name), parse(`${name}{${name}="a"}`)]
    expect(alone, name).toMatchObject({ kind: 'selector', name })
    expect(braced, name).toMatchObject({ name, matchers: [{ value: name }, { name, op: '=', value: 'a' }] })
  }
  for (const label of [...names.split(' '), 'on', 'bool', 'group_left', 'inf', 'nan']) {
    expect(parse(`sum by (${label}) (x{${label}="1"})`), label).toMatchObject({ labels: [label] })
  }
  expect(parse('and and and')).toMatchObject({ kind: 'binary', op: 'and' })
  expect(parse('offset offset 5m')).toMatchObject({ name: 'offset', offsetMs: 300_000 })
  expect(parse('sum by (by) (by)')).toMatchObject({ kind: 'aggregate', labels: ['by'] })
  // Other letters go in quotes.
  expect(parse('{"机器.温度", "a b"="c"}')).toMatchObject({
    matchers: [
      { name: '__name__', op: '=', value: '机器.温度' },
      { name: 'a b', op: '=', value: 'c' },
    ],
  })
  expect(parse('sum by ("机房", host,) (x)')).toMatchObject({ labels: ['机房', 'host'] })
})

test('comments and space mean nothing', () => {
  const t = (text: string) => expect(print(parse(text)), text).toBe('sum by (a) (x{b="# c"}) > 5')

  t('sum by (a) (x{b="# c"}) > 5')
  t('# first\nsum # then\r\nby(a)\t(x{ # in braces\nb = "# c"}\n)\n>5# last')
  t('sum by(a)(x{b="# c",})>5')
})

test('matching says which elements belong together', () => {
  const t = (text: string, wanted: object | undefined) =>
    expect(parse(text), text).toMatchObject({ kind: 'binary', matching: wanted })
  const plain = { card: 'one-to-one', on: false, labels: [], include: [] }

  t('a + b', plain)
  t('a + ignoring () b', plain)
  t('a + on (x, y) b', { ...plain, on: true, labels: ['x', 'y'] })
  t('a > bool ignoring (x) b', { ...plain, labels: ['x'] })
  t('a * on (x) group_left (y) b', { card: 'many-to-one', on: true, labels: ['x'], include: ['y'] })
  t('a * ON (x) GROUP_RIGHT b', { card: 'one-to-many', include: [] })
  t('a and b', { ...plain, card: 'many-to-many' })
  t('a unless on () b', { ...plain, card: 'many-to-many', on: true })
  for (const text of ['a + 1', '1 + 1', '1 + on () 1', 'a > bool time()', '1 + on () group_left 1']) {
    expect(parse(text), text).not.toMatchObject({ matching: expect.anything() })
  }
})

test('spans say where each part stands', () => {
  const text = ' -sum by (a) (rate(x{b="c"}[5m] offset 1m)) + 2'
  const part = ({ span }: Expr) => text.slice(span.from, span.to)
  const plus = parse(text)
  expect(part(plus)).toBe('-sum by (a) (rate(x{b="c"}[5m] offset 1m)) + 2')
  const sum = plus.kind === 'binary' && plus.left.kind === 'unary' ? plus.left.expr : plus
  expect(part(sum)).toBe('sum by (a) (rate(x{b="c"}[5m] offset 1m))')
  const rate = sum.kind === 'aggregate' ? sum.expr : sum
  expect(part(rate)).toBe('rate(x{b="c"}[5m] offset 1m)')
  const range = rate.kind === 'call' ? rate.args[0]! : rate
  expect(part(range)).toBe('x{b="c"}[5m] offset 1m')
  expect(part(range.kind === 'range' ? range.selector : range)).toBe('x{b="c"}')
})

test('depth and length have an end', () => {
  const t = (text: string, message?: string) => {
    if (message === undefined) expect(parse(text).kind).toBeDefined()
    else expect(() => parse(text), text.slice(0, 40)).toThrow(message)
  }

  t(`${'('.repeat(490)}1${')'.repeat(490)}`)
  t(`${'('.repeat(501)}1${')'.repeat(501)}`, 'more than 500 levels')
  t('('.repeat(200_000), 'more than 500 levels')
  t(`${'-'.repeat(200_000)}x`, 'more than 500 levels')
  t(`1${'^1'.repeat(100_000)}`, 'more than 500 levels')
  t(`x${' or x'.repeat(490)}`)
  t(`x${' or x'.repeat(50_000)}`, 'a chain of more than 500 operators')
  t(`x${'[5m:]'.repeat(490)}`, 'a subquery wants')
  t(`x${'[5m:]'.repeat(50_000)}`, 'more than 500 levels')
  t(`${'abs('.repeat(50_000)}x`, 'more than 500 levels')
  // Chains inside of brackets inside of chains.
  t(`${'('.repeat(300)}x${' or x'.repeat(300)}${')'.repeat(300)}`, 'more than 500 levels')
  t(`up{host=~"${'web-1234-example-com|'.repeat(10_000)}x"}`)
  t(' '.repeat(262_145), 'found 262145 characters, wanted at most 262144')
  t(`x ${'#\n'.repeat(100_000)}`)
  t(`"${'\\n'.repeat(100_000)}"`)
  t('{'.repeat(100_000), '1:2: found {')
})

const attempt = (text: string): void => {
  try {
    parse(text)
  } catch (error) {
    expect(error, text).toBeInstanceOf(Failure)
    expect((error as Failure).message, text).toMatch(/^bad_query: \d+:\d+: \S/)
  }
}

test('whatever comes is read or refused with line and column', () => {
  const pieces = fc.constantFrom(
    ...[
      'up',
      'sum',
      'rate',
      'by',
      'on',
      'offset',
      'bool',
      'and',
      'inf',
      '5',
      '5m',
      '0x',
      '1e',
      '"a"',
      "'",
      '`',
      '\\',
    ],
    ...[
      '(',
      ')',
      '{',
      '}',
      '[',
      ']',
      ',',
      '=',
      '==',
      '=~',
      '!',
      '<',
      '^',
      '-',
      '@',
      ':',
      '#',
      '\n',
      ' ',
      '机',
      '\0',
    ],
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.array(pieces, { maxLength: 12 }).map(each => each.join('')),
        fc.string(),
      ),
      attempt,
    ),
    { numRuns: 3_000 },
  )
})

test('whatever is changed in a good expression is read or refused', () => {
  const slip = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    gone: fc.integer({ min: 0, max: 3 }),
    put: fc.constantFrom('', '(', ')', '{', '"', '[', ',', '=', 'by', ' 5m', '-', '\\', '\n'),
  })
  fc.assert(
    fc.property(expressions, fc.array(slip, { minLength: 1, maxLength: 3 }), (expr, slips) => {
      const slipped = slips.reduce((text, { at, gone, put }) => {
        const from = Math.floor(at * text.length)
        return text.slice(0, from) + put + text.slice(from + gone)
      }, print(expr))
      attempt(slipped)
    }),
    { numRuns: runs(200) },
  )
})
