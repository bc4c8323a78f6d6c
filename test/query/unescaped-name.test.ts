import fc from 'fast-check'
import { expect, test } from 'vitest'
import { unescapedName } from '../../query/unescaped-name.ts'

test('names come back from their escaped form', () => {
  const t = (written: string, name: string) => expect(unescapedName(written)).toBe(name)

  t('host', 'host')
  t('a.b', 'a.b')
  t('U__host_2e_name', 'host.name')
  t('U__a__b', 'a_b')
  t('U___1F600_', '😀')
  t('U___78C1__76d8_', '磁盘')
  // What is not written so is taken as it is.
  t('U_a', 'U_a')
  t('U__a_b', 'U__a_b')
  t('U__a_', 'U__a_')
  t('U__a_zz_', 'U__a_zz_')
  t('U__a_1234567_', 'U__a_1234567_')
  t('U__a_110000_', 'U__a_110000_')
  t('U__a_d800_', 'U__a_d800_')
})

test('whatever the name, it comes back', () => {
  const escaped = (name: string): string =>
    `U__${[...name].map(each => (each === '_' ? '__' : /\w/.test(each) ? each : `_${each.codePointAt(0)!.toString(16)}_`)).join('')}`
  fc.assert(
    fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), name => {
      expect(unescapedName(escaped(name))).toBe(name)
    }),
  )
})

test('refuses what is no name', () => {
  const t = (written: string) => expect(() => unescapedName(written), written).toThrow('invalid label name')
  t('')
  t('U__')
  t('\ud800')
})
