import { parser as grammar } from '@prometheus-io/lezer-promql'
import { expect, test } from 'vitest'
import type { ValueType } from '#promql/ast.ts'
import { aggregators } from '#promql/ast.ts'
import { type FunctionSpec, functionNames, functionSpec, refusedFunctions } from '#promql/functions.ts'
import { parse } from '#promql/parse.ts'
import { typeOf } from '#promql/type-of.ts'

const sample: Readonly<Record<ValueType, string>> = {
  vector: 'up',
  matrix: 'up[5m]',
  scalar: '1',
  string: '"a"',
}
const argsOf = ({ args }: FunctionSpec, count: number): string[] =>
  Array.from({ length: count }, (_, at) => sample[args[at] ?? args.at(-1)!])

test('each function takes what its line says, and no other', () => {
  for (const name of functionNames) {
    const spec = functionSpec(name)!
    const call = (args: readonly string[]) => `${name}(${args.join(', ')})`
    for (let count = 0; count <= 8; count++) {
      const text = call(Array.from({ length: count }, (_, at) => argsOf(spec, count)[at] ?? '1'))
      if (count < spec.min || count > spec.max) expect(() => parse(text), text).toThrow(`of ${name}, wanted`)
      else expect(typeOf(parse(text)), text).toBe(spec.returns)
    }
    // Each argument of each other type is refused.
    const good = argsOf(spec, Math.min(spec.max, spec.args.length))
    for (const at of good.keys()) {
      for (const type of Object.keys(sample) as ValueType[]) {
        if (type === spec.args[at]) continue
        const text = call(good.with(at, sample[type]))
        expect(() => parse(text), text).toThrow(`${name} wants`)
      }
    }
  }
})

test('each name is one that Prometheus knows', () => {
  const isKnown = (text: string): boolean => {
    let known = true
    grammar.parse(text).iterate({
      enter: ({ type }) => {
        if (type.isError) known = false
      },
    })
    return known
  }
  for (const name of functionNames) expect(isKnown(`${name}(1)`), name).toBe(true)
  for (const name of aggregators) expect(isKnown(`${name} by (a) (1)`), name).toBe(true)
  expect(isKnown('frobnicate(1)')).toBe(false)
})

test('nothing is both offered and refused', () => {
  expect(functionNames.filter(name => Object.hasOwn(refusedFunctions, name))).toEqual([])
})

test('those behind a flag in Prometheus are marked', () => {
  expect(functionNames.filter(name => functionSpec(name)?.experimental)).toEqual([
    'double_exponential_smoothing',
    'first_over_time',
    'mad_over_time',
    'sort_by_label',
    'sort_by_label_desc',
    'ts_of_first_over_time',
    'ts_of_last_over_time',
    'ts_of_max_over_time',
    'ts_of_min_over_time',
  ])
})

test('types go through signs, brackets and operators', () => {
  const t = (text: string, type: ValueType) => expect(typeOf(parse(text)), text).toBe(type)

  t('1', 'scalar')
  t('-(1 + time())', 'scalar')
  t('1 == bool 1', 'scalar')
  t('1 + up', 'vector')
  t('up == bool 1', 'vector')
  t('-(up)', 'vector')
  t('up and up', 'vector')
  t('sum(up)', 'vector')
  t('scalar(up) * 2', 'scalar')
  t('up[5m]', 'matrix')
  t('up[5m:]', 'matrix')
  t('(up[5m])', 'matrix')
  t('("a")', 'string')
})
