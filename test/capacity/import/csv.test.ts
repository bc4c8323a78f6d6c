import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dayStartMs, dayText, readDay } from '../../../capacity/days.ts'
import { spreadsheetOf } from '../../../capacity/report/xlsx/spreadsheet.ts'
import { imported, pool, resource, zone } from './pools.ts'

const disk = { pool: 'db', resource: 'disk' }
const shown = async (text: string | Uint8Array, change: Parameters<typeof imported>[1] = disk) => {
  const { lines, doubts } = await imported(text, change)
  return {
    rows: lines.flatMap(({ rows }) =>
      [...rows.values()].map(row => [dayText(row.day), row.count, row.max, row.last]),
    ),
    doubts: doubts.map(
      ({ line, column, wanted, found }) => `${line}:${column} wanted ${wanted}, found ${found}`,
    ),
  }
}
const day = '2026-11-20'

test('takes time and value in every form that tools write', async () => {
  const t = async (text: string, value = 3) =>
    expect(await shown(text), text).toEqual({ rows: [[day, 1, value, value]], doubts: [] })
  const noonS = Date.UTC(2026, 10, 20, 4) / 1_000
  await t(`${noonS},3`)
  await t(`${noonS}000,3`)
  await t(`${noonS}.25,3`)
  await t('2026-11-20T04:00:00Z,3')
  await t('2026-11-20T12:00:00.123456+08:00,3')
  // In the zone of the configuration: the first minute of its day.
  await t('2026-11-20 00:01,3')
  await t('2026/11/20 23:59:59,3')
  // As Excel writes it, also where it is Chinese.
  await t('2026/11/20 8:00,3')
  await t('2026-11-20 8:00:00,3')
  await t('2026年11月20日 8:00,3')
  await t('time,value\r\n2026-11-20 08:00,3\r\n')
  await t('\ufeff"time","value"\n"2026-11-20 08:00","3"\n')
  await t('Time;Value\n2026-11-20 08:00;3\n\n')
  await t('_time\t_value\n2026-11-20 08:00\t3e0')
  await t('value,timestamp\n+3.0,2026-11-20 08:00')
})

test('refuses what it cannot be sure of, with its place, and keeps the rest', async () => {
  const good = `\n2026-11-20 08:00,3`
  const number = 'a number with a decimal point, like 1234.5'
  const moment = 'a time: seconds or milliseconds since 1970, 2026-11-20T08:00:00Z, or 2026-11-20 08:00'
  const t = async (line: string, doubt: string) =>
    expect(await shown(`time,value\n${line}${good}`), line).toEqual({
      rows: [[day, 1, 3, 3]],
      doubts: [doubt],
    })
  await t('2026-11-20 08:05,"1,5"', `2:18 wanted ${number}, found 1,5`)
  await t('2026-11-20 08:05,0x10', `2:18 wanted ${number}, found 0x10`)
  await t('2026-11-20 08:05,Infinity', `2:18 wanted ${number}, found Infinity`)
  await t('2026-11-31 08:05,1', `2:1 wanted ${moment}, found 2026-11-31 08:05`)
  await t('20.11.2026 08:05,1', `2:1 wanted ${moment}, found 20.11.2026 08:05`)
  await t('2026-11-20 25:05,1', `2:1 wanted ${moment}, found 2026-11-20 25:05`)
  await t(
    '2026-11-20 08:05',
    `2:17 wanted ${number}, found nothing`.replace('found nothing', 'found nothing'),
  )
})

test('nothing is no number, and no doubt either', async () => {
  const empty = ['', 'NaN', 'null', '\\N', '-'].map((cell, at) => `2026-11-20 0${at}:00,${cell}`)
  expect(await shown(['time,value', ...empty, '2026-11-20 09:00,4'].join('\n'))).toEqual({
    rows: [[day, 1, 4, 4]],
    doubts: [],
  })
})

test('a file that is no such table ends with what was wanted', async () => {
  const t = (text: string | Uint8Array, message: string) => expect(shown(text)).rejects.toThrow(message)
  await t('', 'wanted rows, found an empty file')
  await t('a,b,c\n1,2,3', 'wanted a first line with the names of the columns')
  const other = 'wanted text in UTF-8, found other bytes: save it as CSV UTF-8'
  await t(Buffer.from([0x74, 0x2c, 0xff, 0x0a]), `line 1: ${other}`)
  const long = Buffer.concat([
    Buffer.from(`time,value,ü\n${'1,1\n'.repeat(40)}`),
    Buffer.from([0x31, 0xfc, 0x0a]),
  ])
  await expect(shown(long, { ...disk, chunk: 70 })).rejects.toThrow(`line 42: ${other}`)
  // Of a western Windows, and what was UTF-8 before.
  await t(Buffer.from('time,value,M\u00fcnchen', 'latin1'), `line 1: ${other}`)
  await t(Buffer.from([...Buffer.from('pool,time,value\n\u00fc,1,1\n'), 0xfc]), `line 3: ${other}`)
  const workbook = 'found a workbook (.xlsx, .ods, .xls) or another archive: save it as CSV UTF-8'
  await t(spreadsheetOf([]), workbook)
  await t(gzipSync(spreadsheetOf([])), workbook)
  await t(Buffer.from('d0cf11e0a1b11ae1', 'hex'), workbook)
  await t(Buffer.from('\ufefftime,value', 'utf16le'), 'save it as UTF-8')
  await t('time,value\n"2026', 'line 2: wanted a " that closes the one opened there, found the end')
})

test('of two values at one time the later wins; order does not matter', async () => {
  const { rows } = await shown('time,value\n2026-11-20 08:00,9\n2026-11-20 08:00,2\n2026-11-20 07:00,1')
  expect(rows).toEqual([[day, 24, 2, 2]])
})

test('five minutes are the mean of what lies in them, and a day that of its zone', async () => {
  const minutes = Array.from({ length: 2_880 }, (_, at) => {
    const tMs = dayStartMs(zone, readDay(day)!) + at * 60_000
    return `${tMs},${at % 5 === 0 ? 50 : 0}`
  })
  const { lines } = await imported(minutes.join('\n'), disk)
  const rows = [...lines[0]!.rows.values()]
  expect(rows.map(row => [dayText(row.day), row.count, row.min, row.max, row.sum, row.p95])).toEqual([
    ['2026-11-20', 288, 10, 10, 2_880, 10],
    ['2026-11-21', 288, 10, 10, 2_880, 10],
  ])
})

test('parts add up to the whole at each five minutes, so that its peak is exact', async () => {
  const text = `pool,resource,track,zone,time,value
web,cpu,usage,a,2026-11-20 08:00,10
web,cpu,usage,b,2026-11-20 08:00,1
web,cpu,usage,a,2026-11-20 08:05,2
web,cpu,usage,b,2026-11-20 08:05,8
web,cpu,supply,a,2026-11-20 08:05,32
`
  const { lines } = await imported(text)
  const found = lines.map(({ line, track, rows }) => [track, { ...line.part }, [...rows.values()][0]!.max])
  expect(found).toEqual([
    ['usage', { zone: 'a' }, 10],
    ['usage', { zone: 'b' }, 8],
    ['usage', {}, 11],
    ['supply', { zone: 'a' }, 32],
    ['supply', {}, 32],
  ])
})

test('says which pool, resource or label there is none of', async () => {
  const head = 'pool,resource,track,zone,time,value\n'
  const t = async (cells: string, doubt: string) =>
    expect((await shown(`${head}${cells},2026-11-20 08:00,1`, {})).doubts, cells).toEqual([doubt])
  await t('wab,cpu,usage,a', '2:1 wanted the name of a pool; did you mean web?, found wab')
  await t('web,gpu,usage,a', '2:5 wanted a resource of web; did you mean cpu?, found gpu')
  await t('web,cpu,used,a', '2:9 wanted usage or supply, found used')
  const { doubts } = await imported('time,value\n2026-11-20 08:00,1', {})
  expect(doubts.map(({ wanted }) => wanted)).toEqual(['a column `pool`, or --pool'])
})

test('days that somebody has counted are taken as they are', async () => {
  const text = `day,max,avg,p95,count
2026-11-20,9,5,8,288
2026-11-21,7,,,
x,7,1,1,1`
  const { lines, doubts } = await imported(text, disk)
  const rows = [...lines[0]!.rows.values()]
  expect(rows.map(row => [dayText(row.day), row.max, row.min, row.sum, row.p95, row.busyHour])).toEqual([
    ['2026-11-20', 9, 5, 1_440, 8, Number.NaN],
    ['2026-11-21', 7, 7, 7 * 288, Number.NaN, Number.NaN],
  ])
  expect(doubts).toMatchObject([{ line: 4, column: 1, wanted: 'a day like 2026-11-20', found: 'x' }])
})

test('days are read in every form that has the year first', async () => {
  const t = async (text: string, wanted = '2026-09-05', change: Parameters<typeof imported>[1] = disk) =>
    expect((await shown(`day,max\n${text},3`, change)).rows, text).toEqual([
      [wanted, expect.any(Number), 3, 3],
    ])
  await t('2026/9/5')
  await t('2026-9-5')
  await t('2026/09/05')
  await t('2026.9.5')
  await t('2026年9月5日')
  await t('2026/9/5 0:00')
  // There is no midnight: clocks were put forward.
  await t('2026/9/6', '2026-09-06', { ...disk, zone: 'America/Santiago' })
  const refused = async (text: string) =>
    expect((await shown(`day,max\n${text},3`)).doubts, text).toEqual([
      `2:1 wanted a day like 2026-11-20, found ${text}`,
    ])
  await refused('9/5/2026')
  await refused('2026/9/31')
  await refused('2026/13/5')
  await refused('26/9/5')
})

test('of an open day that had to go, the rest is merged', async () => {
  const times = ['20 08:00', '21 08:00', '20 09:00', '21 09:00']
  const text = times.map((time, at) => `2026-11-${time},${at + 1}`).join('\n')
  const { lines, counts } = await imported(text, disk, { openMax: 1 })
  const rows = [...lines[0]!.rows.values()]
  expect(rows.map(row => [dayText(row.day), row.count, row.min, row.max, row.last])).toEqual([
    ['2026-11-20', 2, 1, 3, 3],
    ['2026-11-21', 2, 2, 4, 4],
  ])
  expect(counts).toEqual({ values: 4, twice: 0, splitDays: 2 })
})

test('is read the same whatever its chunks, also packed', async () => {
  const text = '\ufefftime,value,note\r\n2026-11-20 08:00,3,"ü ""a"", \r\nb"\r\n2026-11-20 08:05,"4",\r\n'
  // A column that is no label of the pool is refused with its name.
  const plain = text.replaceAll(/,note|,"ü.*?b"|,(?=\r\n$)/gs, '')
  const whole = await shown(plain)
  expect(whole).toEqual({ rows: [[day, 2, 4, 4]], doubts: [] })
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 40 }), async chunk => {
      expect(await shown(plain, { ...disk, chunk })).toEqual(whole)
    }),
    { numRuns: 15 },
  )
  expect(await shown(gzipSync(plain))).toEqual(whole)
  expect((await shown(text)).doubts).toEqual([
    '2:1 wanted a label of `by` of db, and there is none, found 2026-11-20 08:00',
  ])
})

test('a file of a Chinese Excel is read as it is, whatever its chunks', async () => {
  const pools = [pool('订单中心', { by: ['zone'], resources: [resource('cpu')] })]
  // 订单中心 and 华东, as GBK writes them.
  const [name, east] = ['b6a9b5a5d6d0d0c4', 'bbaab6ab'].map(hex => Buffer.from(hex, 'hex'))
  const parts = ['pool,resource,zone,time,value\r\n', name!, ',cpu,', east!, ',2026/11/20 8:00,3\r\n']
  const bytes = Buffer.concat(parts.map(each => Buffer.from(each)))
  for (const text of [bytes, `\ufeff${new TextDecoder('gb18030').decode(bytes)}`]) {
    for (const chunk of [1, 2, 3, 7, 41, 1_000]) {
      const { lines, doubts } = await imported(text, { pools, chunk })
      expect(doubts, String(chunk)).toEqual([])
      expect(lines.map(({ line: { pool: of, part } }) => [of, { ...part }])).toEqual([
        ['订单中心', { zone: '华东' }],
        ['订单中心', {}],
      ])
    }
  }
})

test('never throws anything but a failure, whatever it is given', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit: fc.constantFrom(...'0123456789-:.,;"\n\t time,value{}[]é') }),
      async text => {
        const found = await shown(text).catch((error: unknown) => error)
        if (found instanceof Error) expect(found).toMatchObject({ code: 'bad_import' })
      },
    ),
    { numRuns: 200 },
  )
})
