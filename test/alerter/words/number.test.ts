import { expect, test } from 'vitest'
import { numberText, thresholdText } from '../../../alerter/words/number.ts'

test('three digits that count, and the unit', () => {
  const t = (value: string, unit: string, wanted: string) =>
    expect(numberText(value, unit), value).toBe(wanted)

  t('96.2345', '%', '96.2 %')
  t('96', 'percent', '96 %')
  t('0', '', '0')
  t('-0.5', '', '-0.5')
  t('0.012345', '', '0.0123')
  t('1.5e-05', '', '1.50e-5')
  t('99999', '', '99999')
  t('123456', '', '123 k')
  t('1.2345678e+07', '', '12.3 M')
  t('999999', '', '1 M')
  t('123456', 'rows', '123 krows')
  t('12', 'rows', '12 rows')
  t('123456789', 'bytes', '118 MiB')
  t('1023.9', 'B', '1 KiB')
  t('1048575', 'bytes', '1 MiB')
  t('0.0000021', 's', '2.1 µs')
  t('0.25', 'seconds', '250 ms')
  t('5', 's', '5 s')
  t('7200', 's', '2 h')
  t('1036800', 's', '12 d')
  // What is no number is said as it is.
  t('NaN', '%', 'NaN')
  t('+Inf', 's', '+Inf')
  t('> 5 s', 's', '> 5 s')
  t('', '%', '')
  t('1e999', '', '1e999')
  t('twelve', 's', 'twelve')
})

test('in a threshold only the number changes', () => {
  const t = (text: string, unit: string, wanted: string) => expect(thresholdText(text, unit)).toBe(wanted)

  t('> 90', '%', '> 90 %')
  t('<= 268435456', 'bytes', '<= 256 MiB')
  t('== 0', '', '== 0')
  t('> 0.95 or < 10000000', '', '> 0.95 or < 10 M')
  t('> 90 %', '%', '> 90 %')
  t('', '%', '')
})
