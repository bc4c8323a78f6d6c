import { expect, test } from 'vitest'
import { csvTable, tableText, widthOf, wrapped } from '../../bin/table.ts'

test('columns are as wide as what stands in them, by places on the screen', () => {
  const text = tableText(
    [{ title: 'name' }, { title: 'n', right: true }, { title: 'x' }],
    [
      ['磁盘', '1', 'a'],
      ['e\u0301', '100', ''],
      ['tab\there', '', 'b'],
    ],
  )
  expect(text).toBe('name         n  x\n磁盘         1  a\ne\u0301          100\ntab\\there       b\n')
})

test('width in places', () => {
  const t = (text: string, width: number) => expect(widthOf(text), text).toBe(width)

  t('', 0)
  t('abc', 3)
  t('磁盘', 4)
  t('ｗ', 2)
  t('é', 1)
  t('e\u0301', 1)
  t('🚢', 2)
})

test('CSV is quoted where it must be, and is no formula', () => {
  const text = csvTable(
    [{ title: 'a' }, { title: 'n', right: true }],
    [
      ['x,"y"\n', '-1'],
      ['+1', '2'],
      ['@a', ''],
      ['\tb', ''],
    ],
  )
  expect(text).toBe('a,n\r\n"x,""y""\n",-1\r\n\'+1,2\r\n\'@a,\r\n\'\tb,\r\n')
})

test('long lines are broken between words', () => {
  expect(wrapped('aa bb cc', 5)).toEqual(['aa bb', 'cc'])
  expect(wrapped('aaaaaaaa b', 5)).toEqual(['aaaaaaaa', 'b'])
  expect(wrapped('', 5)).toEqual([''])
})
