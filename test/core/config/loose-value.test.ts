// As Alertmanager 0.31.1 sent these in `details` to PagerDuty.
import { expect, test } from 'vitest'
import { looseValue } from '#core/config/loose-value.ts'

test('values are read as Go reads them', () => {
  const t = (text: string, wanted: unknown) => expect(looseValue(text), text).toEqual(wanted)

  t('1', 1)
  t('-5', -5)
  t('+5', 5)
  t('  5  ', 5)
  t('5 # five', 5)
  t('1.50', 1.5)
  t('1e3', 1000)
  t('007', 7)
  t('0x1F', 31)
  t('1_000', 1000)
  t('true', true)
  t('yes', true)
  t('y', true)
  t('off', false)
  t('null', null)
  t('~', null)
  t('', null)
  t('[1, a, "firing"]', [1, 'a', 'firing'])
  t('a: b', { a: 'b' })
  t('a: 1\nb: 2', { a: 1, b: 2 })
  t('{a: 1, a: 2}', { a: 2 })
  t('- a', ['a'])
  t('[{"labels":{"a":"5"}}]', [{ labels: { a: '5' } }])
})

test('text is no value', () => {
  const t = (text: string) => expect(looseValue(text), text.slice(0, 40)).toBeUndefined()

  t('plain')
  t('2020-01-01')
  t('2020-01-01T00:00:00Z')
  t('1:30')
  t("'5'")
  t('"quoted"')
  t('!!str 5')
  t('!!binary aGk=')
  t('50%')
  t('x!')
  t('{a')
  t('@x')
})

test('nothing that an alert says in it costs much, or becomes more than it is', () => {
  const bomb = [...'bcdefghij'].reduce(
    (text, name, nth) => `${text}\n${name}: &${name} [*${'abcdefghi'[nth]},*${'abcdefghi'[nth]}]`,
    'a: &a [x, x]',
  )
  for (const text of [
    bomb,
    '['.repeat(16_000),
    `${'['.repeat(8_000)}${']'.repeat(8_000)}`,
    `${'- '.repeat(8_000)}1`,
  ])
    expect(() => looseValue(text), text.slice(0, 20)).not.toThrow()
  expect(looseValue(bomb)).toBeUndefined()
  // It could be read, and not be written.
  expect(looseValue(`${'['.repeat(7_000)}${']'.repeat(7_000)}`)).toBeUndefined()
  expect(looseValue(`a: ${'x'.repeat(20_000)}`)).toBeUndefined()
  expect(Object.getPrototypeOf(looseValue('{"__proto__": {"a": 1}}'))).toBe(Object.prototype)
  expect(Object.getPrototypeOf(looseValue('__proto__: {a: 1}'))).toBe(Object.prototype)
})
