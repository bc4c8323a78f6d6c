import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readSize, sizeText } from '#core/size.ts'

test('reads thousands and 1024s', () => {
  const t = (text: string, bytes: number | undefined) => expect(readSize(text), text).toBe(bytes)

  t('0B', 0)
  t('64B', 64)
  t('512kB', 512_000)
  t('512KB', 512_000)
  t('512KiB', 524_288)
  t('32MiB', 33_554_432)
  t('10MB', 10_000_000)
  t('1.5GiB', 1_610_612_736)
  t('2 GB', 2_000_000_000)
  t('1TiB', 2 ** 40)

  t('', undefined)
  t('5', undefined)
  t('MB', undefined)
  t('-5MB', undefined)
  t('5mb', undefined)
  t('5M', undefined)
  t('5MBs', undefined)
  t('1e3MB', undefined)
  t('99999999999TB', undefined)
})

test('writes the shortest exact text', () => {
  const t = (bytes: number, text: string) => expect(sizeText(bytes), text).toBe(text)

  t(0, '0B')
  t(999, '999B')
  t(1_000, '1kB')
  t(1_024, '1KiB')
  t(1_025, '1.0KiB')
  t(128_000_000, '128MB')
  t(33_554_432, '32MiB')
  t(1_610_612_736, '1536MiB')
  t(123_456_789, '117.7MiB')
})

test('exact texts are read again', () => {
  fc.assert(
    fc.property(fc.nat(4_000), fc.constantFrom(1_000, 1_024, 1_000_000, 1_048_576), (amount, unit) => {
      expect(readSize(sizeText(amount * unit))).toBe(amount * unit)
    }),
  )
})
