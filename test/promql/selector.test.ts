import { expect, test } from 'vitest'
import type { Matcher } from '#core/model.ts'
import { parseSelector } from '#promql/selector.ts'

const name = (value: string): Matcher => ({ name: '__name__', op: '=', value })

test('reads plain and range selectors', () => {
  const t = (text: string, matchers: readonly Matcher[], rangeMs?: number) =>
    expect(parseSelector(text), text).toEqual({ matchers, rangeMs })

  t('up', [name('up')])
  t('a:b:c', [name('a:b:c')])
  t(' up { } ', [name('up')])
  t('up{host="a"}', [name('up'), { name: 'host', op: '=', value: 'a' }])
  t(`up{host!='a',rack=~"b.*",}`, [
    name('up'),
    { name: 'host', op: '!=', value: 'a' },
    { name: 'rack', op: '=~', value: 'b.*' },
  ])
  t('{__name__=~"up|down", x!~`\\d`}', [
    { name: '__name__', op: '=~', value: 'up|down' },
    { name: 'x', op: '!~', value: '\\d' },
  ])
  t('{"a name", "a label"="x"}', [name('a name'), { name: 'a label', op: '=', value: 'x' }])
  t('up[5m]', [name('up')], 300_000)
  t('up[90]', [name('up')], 90_000)
  t('up # a comment', [name('up')])
})

test('refuses what is more than a selector', () => {
  const t = (text: string, found: string) =>
    expect(() => parseSelector(text), text).toThrow(
      `1:1: wanted a selector like up{host="a"} or up[5m], found ${found}`,
    )

  t('rate(up[5m])', 'a function')
  t('up + up', 'an operator')
  t('up offset 5m', 'an offset')
  t('up[5m] offset 5m', 'an offset')
  t('up @ 5', 'an @')
  t('up[5m:]', 'a subquery')
  t('(up)', 'brackets')
  t('5', 'a number')
  t('"up"', 'a text')
  t('-up', 'a sign')
  t('sum(up)', 'an aggregation')
})

test('what cannot be read is refused where it stands', () => {
  expect(() => parseSelector('up{host=a}')).toThrow('bad_query: 1:9: found a')
})
