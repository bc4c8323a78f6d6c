import { expect, test } from 'vitest'
import {
  amount,
  byUnit,
  count,
  digits,
  money,
  monthName,
  namedUnits,
  partOf,
  percent,
  percentOff,
  plain,
  shortMoney,
  span,
  units,
} from '../../../capacity/report/figures.ts'

test('amounts have three digits that mean something, and their unit', () => {
  const t = (value: number, unit: string, text: string) => expect(plain(amount(value, unit)), text).toBe(text)
  t(12_345, 'cores', '12,300 cores')
  t(0.012_345, 'cores', '0.0123 cores')
  t(2e12, 'bytes', '2 TB')
  t(999, 'bytes', '999 B')
  t(1_000, 'bytes', '1 kB')
  t(2.5e9, 'bytes/s', '2.5 GB/s')
  t(-3.21e9, 'bytes', '−3.21 GB')
  t(0, 'bytes', '0 B')
  t(-0, 'cores', '0 cores')
  t(Number.NaN, 'cores', '–')
  t(Number.POSITIVE_INFINITY, 'bytes', '–')
  t(5, '', '5')
})

test('shares, counts, money, spans', () => {
  expect(plain(percent(0.7149))).toBe('71 %')
  expect(plain(percent(0.0423))).toBe('4.2 %')
  expect(plain(percent(-0.056))).toBe('−5.6 %')
  expect(percent(Number.NaN)).toBe('–')
  expect(count(1_234_567)).toBe('1,234,567')
  expect(digits(1 / 3, 5)).toBe('0.33333')
  // Not a cent of an order is rounded away.
  expect(money(1_292_000.5, 'CNY')).toBe('1,292,000.5 CNY')
  expect(shortMoney(1_292_000, 'CNY', 'en')).toBe('1.29M CNY')
  expect(shortMoney(1_292_000, 'CNY', 'zh')).toBe('129万 CNY')
  expect(plain(span(4.8e12, 5.2e12, 'bytes', ' to '))).toBe('4.8 to 5.2 TB')
})

test('what is nearly nothing is not called nothing, and has no sign', () => {
  const t = (share: number, shown: string, off: string) =>
    expect([plain(percent(share)), plain(percentOff(share))], String(share)).toEqual([shown, off])

  t(0, '0 %', '0 %')
  t(-0, '0 %', '0 %')
  t(0.0004, '< 0.1 %', '< 0.1 %')
  t(-0.0004, '< 0.1 %', '< 0.1 %')
  t(0.0005, '0.1 %', '+0.1 %')
  t(-0.0005, '−0.1 %', '−0.1 %')
  t(0.14, '14 %', '+14 %')
  t(-0.02, '−2 %', '−2 %')
  t(Number.NaN, '–', '–')
  expect([count(-0.2), money(-0.001, 'CNY')]).toEqual(['0', '0 CNY'])
})

test('a part has a unit of its own where that of its whole would be none', () => {
  const t = (value: number, whole: number, unit: string, text: string) =>
    expect(plain(partOf(value, whole, unit)), text).toBe(text)

  t(738e9, 960e9, 'bytes', '738')
  t(738e9, 1.54e12, 'bytes', '738 GB')
  t(0, 1.54e12, 'bytes', '0')
  t(738e9, Number.NaN, 'bytes', '738 GB')
  t(41, 100, 'cores', '41')
  t(41, Number.NaN, 'cores', '41 cores')
  t(Number.NaN, 100, 'cores', '–')
  expect(plain(span(3e6, 5.2e12, 'bytes', ' to '))).toBe('3 MB to 5.2 TB')
})

test('units have a plural in English, where their name is Latin', () => {
  const t = (value: number, unit: string, en: string, zh: string) =>
    expect([units(value, unit, 'en'), units(value, unit, 'zh')]).toEqual([en, zh])
  t(1, 'server', '1 server', '1 server')
  t(12, 'server', '12 servers', '12 server')
  t(2, 'box', '2 boxes', '2 box')
  t(3, '台', '3 台', '3 台')
  t(0, 'GPUs', '0 GPUs', '0 GPUs')
})

test('units of many kinds are not added together, and a headline names a few', () => {
  const all = ['disk', 'server', 'disk', 'rack', 'GPU', '台'].map((unit, at) => ({ unit, units: at + 1 }))
  expect(byUnit(all).map(({ unit, units: some }) => [unit, some])).toEqual([
    ...[
      ['台', 6],
      ['GPU', 5],
      ['disk', 4],
      ['rack', 4],
      ['server', 2],
    ],
  ])
  expect(namedUnits(all, 'en')).toEqual(['6 台', '5 GPU', '4 disks'])
  expect(namedUnits(all.slice(0, 5), 'en')).toEqual(['5 GPU', '4 disks', '4 racks', '2 servers'])
})

test('months by name', () => {
  expect([monthName('2026-12', 'en'), monthName('2026-12', 'zh')]).toEqual(['December 2026', '2026年12月'])
})
