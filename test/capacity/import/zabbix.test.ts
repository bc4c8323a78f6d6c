import { expect, test } from 'vitest'
import { dayText } from '../../../capacity/days.ts'
import { readItem } from '../../../capacity/import/asked.ts'
import { imported } from './pools.ts'

const midnightS = Date.UTC(2026, 10, 19, 16) / 1_000
const items = (...texts: string[]) => new Map(texts.map(text => readItem(text)!))
const trend = (itemid: number, hour: number, [least, mean, most]: readonly number[]) => ({
  itemid: String(itemid),
  clock: String(midnightS + hour * 3_600),
  num: '60',
  value_min: String(least),
  value_avg: String(mean),
  value_max: String(most),
})
const day = (itemid: number, factor = 1) =>
  Array.from({ length: 24 }, (_, hour) =>
    trend(
      itemid,
      hour,
      [hour, hour + 1, hour + 5].map(each => each * factor),
    ),
  )

const rowsOf = async (text: string, given: readonly string[], chunk = 1_000) => {
  const { lines, doubts } = await imported(text, { items: items(...given), chunk })
  return {
    rows: lines.map(({ line, track, rows }) => ({ line, track, row: [...rows.values()][0]! })),
    doubts,
  }
}

test('an hour is twelve times five minutes; its extremes are those of the day', async () => {
  const answer = JSON.stringify({ jsonrpc: '2.0', result: day(23296), id: 1 })
  const { rows } = await rowsOf(answer, ['23296=web/cpu/usage'])
  expect(rows.length).toBe(1)
  const [{ row, track }] = rows as [(typeof rows)[number]]
  expect(track).toBe('usage')
  expect(dayText(row.day)).toBe('2026-11-20')
  expect(row).toMatchObject({ count: 288, min: 0, max: 28, busyHour: 24, p95: Number.NaN, last: 24 })
  expect(row.sum).toBe(12 * (24 * 12.5))
})

test('items of one line add up, and their peaks do not', async () => {
  const { rows } = await rowsOf(JSON.stringify([...day(1), ...day(2, 2)]), [
    '1=web/cpu/usage{zone=a}*0.5',
    '2=web/cpu/usage{zone=a}*0.5',
  ])
  const found = rows.map(({ line, row }) => [{ ...line.part }, row.count, row.min, row.max])
  // Hourly means from 1 to 24, three times, halved.
  expect(found).toEqual([
    [{ zone: 'a' }, 288, 1.5, 36],
    [{}, 288, 1.5, 36],
  ])
})

test('its tables are read as CSV as well, and its history as values', async () => {
  const header = 'itemid,clock,num,value_min,value_avg,value_max'
  const table = [header, ...day(7).map(each => Object.values(each).join(','))].join('\n')
  const { rows } = await rowsOf(table, ['7=db/disk/supply'])
  expect(rows.map(({ track, row }) => [track, row.count, row.max])).toEqual([['supply', 288, 28]])
  const history = `itemid\tclock\tvalue\tns\n7\t${midnightS}\t4\t1\n7\t${midnightS + 300}\t6\t2\n`
  const { rows: few } = await rowsOf(history, ['7=db/disk/usage'])
  expect(few.map(({ row }) => [row.count, row.min, row.max, row.p95])).toEqual([[2, 4, 6, 5.9]])
})

test('is read the same whatever its chunks, with the place of what is wrong', async () => {
  const text = `{"jsonrpc": "2.0", "a \\"[\\" text": "[{",
 "result": [
  ${JSON.stringify(trend(1, 0, [1, 2, 3]))},
  {"itemid": "1",
   "clock": "x", "value_avg": "1"}, {"itemid": "9", "clock": "${midnightS}", "value": "1"}
 ], "id": 1}`
  const doubts = [
    { line: 4, column: 3, wanted: expect.stringContaining('clock: a time'), found: 'x' },
    { line: 5, column: 37, wanted: expect.stringContaining('--item 9=POOL/RESOURCE/usage'), found: '9' },
  ]
  for (const chunk of [1, 7, 64, 100_000]) {
    const { rows, doubts: found } = await rowsOf(text, ['1=web/cpu/usage'], chunk)
    expect(rows.map(({ row }) => row.max)).toEqual([3])
    expect(found, String(chunk)).toMatchObject(doubts)
  }
})

test('what is no list of such objects ends with what was wanted', async () => {
  const t = (text: string, message: string) => expect(rowsOf(text, [])).rejects.toThrow(message)
  await t('{"error": {"code": -32602}}', 'wanted a list of objects')
  await t('[{"a": {"b": 1}}]', 'found an object within one')
  await t('[{"a": 1', 'found the end of the file')
  await t('{"jsonrpc": "2.0", "result": []}', 'wanted objects in the list, found none')
  await t('[', 'wanted objects in the list, found none')
  await t('[{"a": tru}]', 'wanted an object of JSON')
})

test('an item says where it belongs', () => {
  const t = (text: string, found: object | undefined) => expect(readItem(text)?.[1], text).toEqual(found)
  const plain = { pool: 'web', resource: 'cpu', track: 'usage', part: {}, factor: 1 }
  t('1=web/cpu/usage', plain)
  t('1=web/cpu/supply{zone=a, machine_type="m 7"}*0.32', {
    ...plain,
    track: 'supply',
    part: { zone: 'a', machine_type: 'm 7' },
    factor: 0.32,
  })
  for (const text of [
    'web/cpu/usage',
    'x=web/cpu/usage',
    '1=web/cpu',
    '1=web/cpu/used',
    '1=web/cpu/usage{a}',
    '1=web/cpu/usage*x',
  ])
    t(text, undefined)
})
