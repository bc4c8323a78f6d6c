// What is a number before any sample comes, is computed before any sample comes.
import { expect, test } from 'vitest'
import { parse } from '#promql/parse.ts'
import { numberOf } from '../../../rules/kernel/fold.ts'

test('constants become one number', () => {
  const t = (text: string, wanted: number) => expect(numberOf(parse(text)), text).toBe(wanted)

  t('5', 5)
  t('5m', 300)
  t('2 * 1024 ^ 2', 2_097_152)
  t('-(3 - 5)', 2)
  t('-2 ^ 2', -4)
  t('+(7 % 4)', 3)
  t('2 > bool 1', 1)
  t('NaN == bool NaN', 0)
  t('1 / 0', Number.POSITIVE_INFINITY)
  t('-0', -0)
  t('1 ^ NaN', 1)
  t('2 * pi()', 2 * Math.PI)
  t('1 atan2 1', Math.PI / 4)
})

test('everything else is none', () => {
  const t = (text: string) => expect(numberOf(parse(text)), text).toBeUndefined()

  t('m')
  t('m + 1')
  t('1 + m')
  t('time()')
  t('5 - time()')
  t('scalar(m)')
  t('vector(1)')
  t('-m')
  t('"5"')
})
