// Files that nobody means well with, or that a program wrote which nobody understands: what cannot be read is said with its
// place, in a time that grows with the file and no faster.
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dayText } from '../../../capacity/days.ts'
import { isOpenAfter } from '../../../capacity/import/quoted.ts'
import { readRows } from '../../../capacity/import/text-rows.ts'
import { imported } from './pools.ts'

const disk = { pool: 'db', resource: 'disk' }
const good = '2026-11-20 08:00,3'

const read = async (text: string | Uint8Array, change: Parameters<typeof imported>[1] = disk) => {
  const { lines, doubts } = await imported(text, change)
  return {
    days: lines.flatMap(({ rows }) => [...rows.values()].map(({ day, max }) => `${dayText(day)} ${max}`)),
    doubts: doubts.map(({ line, column, wanted, found }) => `${line}:${column} ${wanted}, found ${found}`),
  }
}
const refused = (text: string | Uint8Array, message: string) =>
  expect(read(text)).rejects.toMatchObject({ code: 'bad_import', message: expect.stringContaining(message) })

test('a quote that strays spoils its own cell, and nothing behind it', async () => {
  const number = 'a number with a decimal point, like 1234.5'
  const t = async (line: string, doubt: string) =>
    expect(await read(`time,value\n${line}\n${good}`), line).toEqual({
      days: ['2026-11-20 3'],
      doubts: [doubt],
    })
  await t('2026-11-20 07:00,5"', `2:18 ${number}, found 5"`)
  await t('2026-11-20 07:00,"5"x', `2:18 ${number}, found 5"x`)
  const { doubts } = await read(`time,value\n5",3\n${good}`)
  expect(doubts).toEqual([expect.stringMatching(/^2:1 a time: .*found 5"$/)])
})

test('a quote that nobody closes ends it, by the line where it was opened', async () => {
  const many = `${good}\n`.repeat(5_000)
  const closing = 'wanted a " that closes the one opened there'
  await refused(`time,value\n"5,3\n${many}`, `line 2: ${closing}, found nothing within 65536 characters`)
  await refused(`time,value\n${good}\n"a\nb",1,"c\n${good}`, `line 4: ${closing}, found the end of the file`)
})

test('each line is looked at once, however many quotes are open', async () => {
  let looked = 0
  class Counted extends String {}
  const line = '1700000000,12.345'
  const text = new Counted(line)
  text.indexOf = (found: string, from?: number): number => {
    looked += line.length - (from ?? 0)
    return line.indexOf(found, from)
  }
  // A line within an open cell needs a look at itself only, not at what was before it.
  expect(isOpenAfter(text as string, { isInside: true, separator: ',' })).toBe('still')
  expect(looked).toBe(line.length)
  // Quotes without a separator between them.
  expect(isOpenAfter('x"'.repeat(50_000), { isInside: false, separator: ',' })).toBe('no')
})

test('cells in quotes hold separators, quotes and ends of lines', async () => {
  const rows: string[][] = []
  async function* chunks(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('a,b,c\n"1,""x""\r\n2", "3" ,4\n"",5",\n')
  }
  await readRows(chunks(), cells => rows.push([...cells]))
  expect(rows).toEqual([
    ['a', 'b', 'c'],
    ['1,"x"\r\n2', '3', '4'],
    ['', '5"', ''],
  ])
})

test('whatever is written in quotes comes back', async () => {
  const cell = fc.string({ unit: fc.constantFrom(...',;\t"\n\r ax') })
  const table = fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { minLength: 1 })
  await fc.assert(
    fc.asyncProperty(table, fc.constantFrom(',', ';', '\t'), fc.nat(7), async (rows, separator, cut) => {
      // The first line says what separates.
      const all = [['a', 'b', 'c'], ...rows]
      const written = all.map(cells => cells.map(each => `"${each.replaceAll('"', '""')}"`).join(separator))
      const bytes = Buffer.from(`${written.join('\n')}\n`)
      async function* chunks(): AsyncGenerator<Uint8Array> {
        for (let at = 0; at < bytes.length; at += cut + 1) yield bytes.subarray(at, at + cut + 1)
      }
      const found: string[][] = []
      await readRows(chunks(), cells => found.push([...cells]))
      expect(found).toEqual(all)
    }),
    { numRuns: 100 },
  )
})

test('bytes that are no text are refused', async () => {
  const utf16 = Buffer.from(`time,value\n${good}`, 'utf16le')
  await refused(utf16, 'line 1: wanted text, found a NUL byte')
  await refused(Buffer.concat([Buffer.from([0xff, 0xfe]), utf16]), 'found UTF-16: save it as UTF-8')
  await refused(Buffer.concat([Buffer.from([0xfe, 0xff]), utf16.swap16()]), 'found UTF-16: save it as UTF-8')
  await refused(`time,value\n${good}\n2026-11-20 08:05,\0`, 'line 3: wanted text, found a NUL byte')
  // One line to anybody who does not know that lines once ended so.
  await refused(`time,value\r${good}\r`, 'line 1: wanted a first line with the names of the columns')
})

test('a decimal comma without quotes is a cell too many, not a smaller number', async () => {
  const { days, doubts } = await read(`time,value\n2026-11-20 07:00,1,5\n${good},\n`)
  expect(days).toEqual(['2026-11-20 3'])
  expect(doubts).toEqual(['2:20 as many cells as the first line has: 2, found 5'])
  // The first line is not to be sure of either.
  await refused('1700000000;3,5\n1700000300;4', 'wanted a first line with the names')
})

test('columns are few, and each is there once', async () => {
  await refused(`time,value${',x'.repeat(1_000)}\n`, 'line 1: wanted at most 1000 columns, found 1002')
  await refused('time,value,value\n', 'line 1: wanted one column value, found two')
  await refused('time,Timestamp,value\n', 'line 1: wanted one column time, found two')
  await refused('time,value,zone,zone\n', 'line 1: wanted one column zone, found two')
})

test('days and times in other orders, or without anything between them, are not guessed at', async () => {
  const t = async (cell: string) => {
    const { days, doubts } = await read(`time,value\n${cell},1\n${good}`)
    expect(days, cell).toEqual(['2026-11-20 3'])
    expect(doubts, cell).toEqual([expect.stringMatching(/^2:1 a time/)])
  }
  await t('11/20/2026 08:00')
  await t('20/11/2026 08:00')
  await t('20.11.2026 08:00')
  await t('26-11-20 08:00')
  await t('Nov 20 2026 08:00')
  // Milliseconds would make 1976 of it, seconds 2034.
  await t('202611200800')
  await t('2026112008')
  await t('0099-11-20 08:00')
  await t('46346.33')
  // Nanoseconds.
  await t('1763596800000000000')
  // Tomorrow.
  await t('2026-11-26 08:00')
})

test('what was packed to make us unpack for ever is not', async () => {
  const packed = gzipSync(`time,value\n${good}\n`)
  expect((await read(packed)).days).toEqual(['2026-11-20 3'])
  await refused(gzipSync(packed), 'found it packed twice')
  await refused(
    gzipSync(Buffer.alloc(66 * 2 ** 20, `${' '.repeat(4_095)}\n`)),
    'unpacks to more than 300 times its size',
  )
  // Cut off: an error of the file, told by the command.
  await expect(read(packed.subarray(0, -9))).rejects.toMatchObject({ code: 'Z_BUF_ERROR' })
})

test('hours of Zabbix whose numbers contradict each other, or are to come, are not taken', async () => {
  const hour = (change: object) => ({
    ...{ itemid: '7', clock: String(Date.UTC(2026, 10, 20) / 1_000) },
    ...{ value_min: '1', value_avg: '1.0000001', value_max: '1', ...change },
  })
  const text = JSON.stringify([
    hour({}),
    hour({ value_min: '2' }),
    hour({ value_max: '0.5' }),
    hour({ clock: '1795651200' }),
  ])
  const { days, doubts } = await read(text)
  expect(days).toEqual(['2026-11-20 1'])
  expect(doubts.map(each => each.replace(/^\S+ /, ''))).toEqual([
    'value_min, value_avg and value_max in this order, found 7',
    'value_min, value_avg and value_max in this order, found 7',
    'a time that is past, found 7',
  ])
})
