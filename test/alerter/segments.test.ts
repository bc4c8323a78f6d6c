import fc from 'fast-check'
import { expect, test } from 'vitest'
import { asGsm7, gsm7Bytes, gsm7Text, isGsm7, segmentsOf } from '../../alerter/segments.ts'

test('counts as carriers do', () => {
  const t = (text: string, encoding: string, count: number) => {
    const found = segmentsOf(text)
    expect([found.encoding, found.parts.length], text.slice(0, 20)).toEqual([encoding, count])
  }

  t('', 'gsm7', 1)
  t('a'.repeat(160), 'gsm7', 1)
  t('a'.repeat(161), 'gsm7', 2)
  t('a'.repeat(306), 'gsm7', 2)
  t('a'.repeat(307), 'gsm7', 3)
  // Of the second table each is two.
  t('€'.repeat(80), 'gsm7', 1)
  t('€'.repeat(81), 'gsm7', 2)
  // 76 of them are 152, and the 77th does not fit by half.
  t('€'.repeat(152), 'gsm7', 2)
  t('€'.repeat(153), 'gsm7', 3)
  t('盘'.repeat(70), 'ucs2', 1)
  t('盘'.repeat(71), 'ucs2', 2)
  t('盘'.repeat(134), 'ucs2', 2)
  t('盘'.repeat(135), 'ucs2', 3)
  t('🔥'.repeat(35), 'ucs2', 1)
  // 33 pairs are 66 units; the next one would be cut in two.
  t('🔥'.repeat(66), 'ucs2', 2)
  t('🔥'.repeat(67), 'ucs2', 3)
  // One curly quote is enough.
  t(`${'a'.repeat(100)}’`, 'ucs2', 2)
})

test('parts are the text, in order, each within its size', () => {
  const letters = fc.oneof(
    fc.string({ unit: fc.constantFrom('a', '{', '€', '\n'), maxLength: 400 }),
    fc.string({ unit: 'binary', maxLength: 200 }),
  )
  fc.assert(
    fc.property(letters, text => {
      const { encoding, parts } = segmentsOf(text)
      expect(parts.join('')).toBe(text)
      for (const part of parts) {
        const units = encoding === 'gsm7' ? gsm7Bytes(part).length : part.length
        const [whole, cut] = encoding === 'gsm7' ? [160, 153] : [70, 67]
        expect(units).toBeLessThanOrEqual(parts.length === 1 ? whole : cut)
        expect(part.isWellFormed()).toBe(text.isWellFormed() || part.isWellFormed())
      }
    }),
  )
})

test('GSM-7 there and back', () => {
  expect([...gsm7Bytes('@£ A{€')]).toEqual([0x00, 0x01, 0x20, 0x41, 0x1b, 0x28, 0x1b, 0x65])
  expect(gsm7Text(gsm7Bytes('Grüße: [db-7] ~ 5 €'))).toBe('Gr\u00fc\u00dfe: [db-7] ~ 5 €')
  expect(gsm7Text(gsm7Bytes('磁'))).toBe('?')
  expect(gsm7Text(Uint8Array.from([0x1b]))).toBe('?')
  expect(isGsm7('ç')).toBe(false)
})

test('typography gives way where nothing else stands in the way', () => {
  const t = (text: string, wanted: string) => expect(asGsm7(text)).toBe(wanted)

  t('“disk” – 96 %…', '"disk" - 96 %...')
  t('🔥🔥 the cart is slow', 'the cart is slow')
  t('≥ 90 → page', '>= 90 -> page')
  // Text of another script stays as it is, curly quotes and all.
  t('磁盘 “满”…', '磁盘 “满”…')
  t('🔥', '🔥')
})
