import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CallRefused } from '#promql/template/state.ts'
import { callable, func, listOf, mapOf, marked, type Value } from '#promql/template/value.ts'
import { jsonOf } from '../../../alerter/template/json.ts'

test('is JSON, in the order and with the escapes of Go', () => {
  const t = (value: Value, wanted: string) => expect(jsonOf(value, 1_000)).toBe(wanted)

  t(mapOf({ b: 1n, a: listOf([]) }), '{"a":[],"b":1}')
  t(listOf([1n, 'a', true, null, undefined, 0.1]), '[1,"a",true,null,null,0.1]')
  t('<&>\u2028\u0001\t"\\', '"\\u003c\\u0026\\u003e\\u2028\\u0001\\t\\"\\\\"')
  t(marked('<', 'template.HTML'), '"\\u003c"')
})

test('refuses what JSON has not, and what is too long', () => {
  const t = (value: Value, wanted: string) => expect(() => jsonOf(value, 50)).toThrow(wanted)

  t(Number.NaN, 'json: unsupported value: NaN')
  t(callable(func([], () => 1n)), 'json: unsupported type: func')
  t('a'.repeat(60), 'longer than 50 characters')
  t(listOf(Array.from({ length: 60 }, () => 1n)), 'longer than 50 characters')
  expect(() => jsonOf(Number.NaN, 50)).toThrow(CallRefused)
})

test('reads back as what it was', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.string()), texts => {
      expect(JSON.parse(jsonOf(mapOf(texts), 100_000))).toEqual({ ...texts })
    }),
  )
})
