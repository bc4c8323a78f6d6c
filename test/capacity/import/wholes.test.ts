// What of a whole can be known from its parts and beside them; and what is said where it cannot.
import { expect, test } from 'vitest'
import { dayText } from '../../../capacity/days.ts'
import { readItem } from '../../../capacity/import/asked.ts'
import { remarksOf } from '../../../capacity/import/remarks.ts'
import type { Pool } from '../../../capacity/pool.ts'
import { imported, pool, pools } from './pools.ts'

type Options = Readonly<{
  pools?: readonly Pool[]
  items?: readonly string[]
  openMax?: number
  isMerge?: boolean
}>

async function came(text: string, { items = [], openMax = 1_000, isMerge = false, ...of }: Options = {}) {
  const asked = { pools, ...of, items: new Map(items.map(each => readItem(each)!)) }
  const { lines, leftOut, doubts } = await imported(text, asked, { openMax })
  const remarks = remarksOf({ pools: asked.pools, lines, leftOut, isMerge })
  return {
    rows: lines.flatMap(({ line, rows }) =>
      [...rows.values()].map(
        ({ day, count, max }) => `${line.part['zone'] ?? '-'} ${dayText(day).slice(-2)} ${count} × ${max}`,
      ),
    ),
    said: remarks.map(
      ({ line, track, days, what }) =>
        `${line.pool} ${line.part['zone'] ?? '-'} ${track} ${days} ${what.split(';')[0]}`,
    ),
    doubts: doubts.map(({ line, column, wanted, found }) => `${line}:${column} ${wanted}, found ${found}`),
  }
}

const samples = (...rows: string[]) =>
  `pool,resource,zone,time,value\n${rows.map(row => `web,cpu,${row}`).join('\n')}`
const days = (...rows: string[]) =>
  `pool,resource,zone,day,max\n${rows.map(row => `web,cpu,${row}`).join('\n')}`

test('samples with a label and without: the parts are sure, of the whole nobody knows', async () => {
  const own = ['a,2026-11-20 08:00,60', 'b,2026-11-20 08:00,40']
  expect(await came(samples(...own, ',2026-11-20 08:00,5'))).toEqual({
    rows: ['a 20 1 × 60', 'b 20 1 × 40'],
    said: ['web - usage 1 left out: values with and without zone beside each other'],
    doubts: [],
  })
  // In turn.
  const { said } = await came(samples(...own, ',2026-11-20 08:05,5', 'a,2026-11-20 08:10,60'))
  expect(said.length).toBe(1)
})

test('one after the other, both say what the whole is', async () => {
  const early = [',2026-11-20 08:00,90', ',2026-11-20 08:05,80']
  const late = ['a,2026-11-20 08:10,60', 'b,2026-11-20 08:10,40']
  expect(await came(samples(...early, ...late))).toEqual({
    rows: ['a 20 1 × 60', 'b 20 1 × 40', '- 20 3 × 100'],
    said: [],
    doubts: [],
  })
})

test('of days of parts the whole is not known, and it is said', async () => {
  const parts = ['a,2026-11-19,50', 'b,2026-11-19,40', 'a,2026-11-20,60', 'b,2026-11-20,40']
  expect(await came(days(...parts))).toMatchObject({
    rows: ['a 19 288 × 50', 'a 20 288 × 60', 'b 19 288 × 40', 'b 20 288 × 40'],
    said: ['web - usage 2 missing: the peak of a sum cannot be had from the peaks of its parts'],
  })
  // With its own rows it is.
  const { said, rows } = await came(days(...parts, ',2026-11-19,80', ',2026-11-20,95'))
  expect(said).toEqual([])
  expect(rows.slice(-2)).toEqual(['- 19 288 × 80', '- 20 288 × 95'])
})

test('a whole that is less than one of its parts is none', async () => {
  const t = async (whole: string, isTaken: boolean) => {
    const { said, rows } = await came(days('a,2026-11-20,60', 'b,2026-11-20,40', `,2026-11-20,${whole}`))
    expect(rows.filter(row => row.startsWith('-')).length, whole).toBe(isTaken ? 1 : 0)
    const small = 'web - usage 1 left out: no whole, since it is less than the largest part by zone'
    expect(said, whole).toEqual(isTaken ? [] : [small])
  }
  await t('5', false)
  await t('59', false)
  // Rounded.
  await t('59.99', true)
  await t('60', true)
})

test('what an item of Zabbix is said to be, it is; a whole that was added up may hide a peak of a part', async () => {
  const hour = (itemid: string, mean: number, most: number) => ({
    ...{ itemid, clock: String(Date.UTC(2026, 10, 20) / 1_000) },
    ...{ value_min: '0', value_avg: String(mean), value_max: String(most) },
  })
  const parts = [hour('1', 2, 50), hour('2', 1, 3)]
  const items = ['1=web/cpu/usage{zone=a}', '2=web/cpu/usage{zone=b}']
  const text = JSON.stringify(parts)
  expect(await came(text, { items })).toMatchObject({
    rows: ['a 20 12 × 50', 'b 20 12 × 3', '- 20 12 × 3'],
    said: [],
  })
  const whole = [...items, '3=web/cpu/usage']
  const { rows } = await came(JSON.stringify([...parts, hour('3', 4, 52)]), { items: whole })
  expect(rows.at(-1)).toBe('- 20 12 × 52')
})

test('values that add up and come too far apart are left out, not taken for one another', async () => {
  // Sorted by zone, with room for one day.
  const apart = [
    'a,2026-11-19 08:00,60',
    'a,2026-11-20 08:00,60',
    'b,2026-11-19 08:00,40',
    'b,2026-11-20 08:00,40',
  ]
  const pieces = 'left out: values that add up came too far apart'
  expect(await came(samples(...apart), { openMax: 1 })).toMatchObject({
    rows: ['a 19 1 × 60', 'a 20 1 × 60', 'b 19 1 × 40', 'b 20 1 × 40'],
    said: [`web - usage 2 ${pieces}`],
  })
  // By time it is no matter how little room there is.
  const sorted = [apart[0]!, apart[2]!, apart[1]!, apart[3]!]
  expect((await came(samples(...sorted), { openMax: 1 })).rows.slice(-2)).toEqual([
    '- 19 1 × 100',
    '- 20 1 × 100',
  ])
  // Machines of one zone are a sum as well.
  const clock = (day: number) => Date.UTC(2026, 10, day) / 1_000
  const values = ['1', '2'].flatMap(itemid => [19, 20].map(day => ({ itemid, clock: clock(day), value: 7 })))
  const items = ['1=db/disk/usage', '2=db/disk/usage']
  expect(await came(JSON.stringify(values), { items, openMax: 1 })).toMatchObject({
    rows: [],
    said: [`db - usage 2 ${pieces}`],
  })
})

test('days that do not say what the pool counts by are named', async () => {
  const own = (daily: Pool['daily']) => ({ pools: [pool('web', { daily, by: ['zone'] })] })
  const text = 'pool,resource,day,max,p95\nweb,cpu,2026-11-19,9,8\nweb,cpu,2026-11-20,9,\n'
  const t = async (of: Options, said: readonly string[]) => expect((await came(text, of)).said).toEqual(said)
  await t(own('peak'), [])
  await t(own('p95'), [
    'web - usage 1 not counted: `daily: p95` wants the 95th percentile of each day, which is not in them',
  ])
  await t(own('busy_hour'), [
    'web - usage 2 not counted: `daily: busy_hour` wants the busiest hour of each day, which is not in them',
  ])
  await t({ ...own('p95'), isMerge: true }, [
    'web - usage 2 not counted: `daily: p95` wants the 95th percentile of each day, which --merge cannot know',
  ])
  // Supply counts by its last value.
  expect(
    (await came(text.replace('pool,', 'track,pool,').replaceAll('\nweb', '\nsupply,web'), own('p95'))).said,
  ).toEqual([])
})

test('a day that is not over has no peak yet', async () => {
  // The clock of these tests stands on the 25th.
  const over = 'a day that is over: the peak of today may be still to come'
  const { rows, doubts } = await came(days(',2026-11-24,9', ',2026-11-25,3', ',2026-11-26,3'))
  expect(rows).toEqual(['- 24 288 × 9'])
  expect(doubts).toEqual([`3:10 ${over}, found 2026-11-25`, `4:10 ${over}, found 2026-11-26`])
})

test('days that were counted have as many values as there are five minutes, and numbers in order', async () => {
  const { lines, doubts } = await imported(
    'day,count,min,avg,max,sum\n2026-11-18,1440,1,2,3,2880\n2026-11-19,1440,,,3,2880\n2026-11-20,288,9,2,3,\n',
    { pool: 'db', resource: 'disk' },
  )
  expect([...lines[0]!.rows.values()].map(({ count, sum, max }) => [count, sum, max])).toEqual([
    [288, 576, 3],
    [288, 576, 3],
  ])
  expect(doubts).toMatchObject([
    { line: 4, wanted: 'numbers of one day: none above its max, none below its min' },
  ])
})
