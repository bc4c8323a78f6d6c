// What people see of pools on a terminal.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { poolsText } from '../../bin/capacity-view.ts'
import { planJson, poolJson } from '../../capacity/api/plan-json.ts'
import { makePlan } from '../../capacity/planning.ts'
import { historyOf, onOrder, pool, straight } from '../capacity/planned.ts'
import { world } from './world.ts'

const line = (name: string, part = {}) => ({ pool: name, resource: 'cpu', part })
const rising = (day: number): number => day - 20_740

const plan = await makePlan({
  pools: [
    pool({ name: 'idle', labels: { owner: 'search' } }),
    pool({
      name: 'web',
      labels: { owner: 'payments' },
      cost: { perUnit: 1_200, currency: 'CNY' },
      by: ['zone'],
    }),
    pool({ name: 'new' }),
  ],
  history: historyOf([
    { line: line('idle'), demand: () => 5, supply: () => 100 },
    { line: line('web'), demand: rising, supply: () => 100 },
    { line: line('web', { zone: 'a' }), demand: day => rising(day) / 2, supply: () => 50 },
  ]),
  forecaster: { forecast: async asked => asked.map(straight), close: async () => {} },
  orders: {
    coming: () => onOrder(2),
    past: ({ pool }, day) =>
      pool === 'web' ? { madeDay: day - 31, ofDay: day, likely: 40, low: 30, high: 50 } : null,
  },
  zone: 'UTC',
  nowMs: Date.parse('2026-11-25T04:00:00Z'),
})

async function shown(...words: readonly string[]) {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(decodeURIComponent(request.url ?? ''))
    response.setHeader('content-type', 'application/json')
    const by = new URL(request.url ?? '', 'http://a').searchParams.getAll('by')
    const whole = /\/pools\/([^?]+)/.exec(request.url ?? '')
    const found = plan.pools.find(each => each.pool.name === whole?.[1])
    response.end(JSON.stringify(found === undefined ? planJson(plan, by) : poolJson(plan, found)))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const ran = await world({}).run('capacity', ...words, '--url', url)
  server.closeAllConnections()
  await new Promise(resolve => server.close(resolve))
  return { ...ran, asked }
}

const cellsOf = (text: string) =>
  text
    .trim()
    .split('\n')
    .map(each => each.trim().split(/ {2,}/))

test('the pool that may be full first stands on top, one of which nothing is known at the end', async () => {
  const { out, exit } = await shown('pools')
  expect(exit).toBe(0)
  const [titles, ...rows] = cellsOf(out)
  expect(titles).toEqual([
    ...['pool', 'resource', 'used', 'of', 'level', 'waterline', 'days left', 'early', 'likely', 'late'],
    ...['units', 'findings'],
  ])
  expect(rows.map(([name]) => name)).toEqual(['web', 'idle', 'new'])
  expect(rows[0]).toEqual([
    'web',
    'cpu',
    '41',
    '100 cores',
    '41 %',
    '70 %',
    '28',
    '2026-12-17',
    '2026-12-23',
    '2026-12-31',
    '+4',
  ])
  expect(rows[1]).toEqual(['idle', 'cpu', '5', '100 cores', '5 %', '70 %', '> 400', '−11'])
  expect(rows[2]).toEqual(['new', '–', '–', '–', '70 %', '0', 'no history'])
})

test('what is full stands above what may be full today, whatever they need', () => {
  const line = planJson(plan).pools.find(({ name }) => name === 'web')!
  const may = { ...line, name: 'may', daysLeftEarly: 0, daysLeftLikely: 19, units: 9 }
  const is = { ...line, name: 'is', daysLeftEarly: 0, daysLeftLikely: 0, units: 0 }
  const paint = (_: string, text: string): string => text
  const rows = cellsOf(poolsText([may, is], { paint }))
  expect(rows.slice(1).map(([name]) => name)).toEqual(['is', 'may'])
})

test('pools can be picked by their labels, and shown by them', async () => {
  expect(cellsOf((await shown('pools', 'owner=payments')).out)).toHaveLength(2)
  expect(cellsOf((await shown('pools', 'pool=new')).out)[1]![0]).toBe('new')
  expect((await shown('pools', 'owner=nobody')).err).toContain('No pool has these labels')
  expect(await shown('pools', 'payments')).toMatchObject({
    exit: 2,
    err: expect.stringContaining('owner=payments'),
  })
  const { out } = await shown('pools', '--by', 'owner')
  expect(out.split('\n').filter(each => each.startsWith('owner: '))).toEqual([
    'owner: none',
    'owner: payments',
    'owner: search',
  ])
  expect(JSON.parse((await shown('pools', '--json')).out).pools).toHaveLength(3)
})

test('by what a pool falls into, its parts are shown and picked, with numbers of their own', async () => {
  const part = ['web zone=a', 'cpu', '20.5', '50 cores', '41 %', '70 %']
  const dates = ['28', '2026-12-17', '2026-12-23', '2026-12-31', '+1']
  const { out } = await shown('pools', '--by', 'zone')
  const [none, a] = out.split('\n\n')
  expect([none!.split('\n')[0], a!.split('\n')[0]]).toEqual(['zone: none', 'zone: a'])
  expect(cellsOf(a!)[2]).toEqual([...part, ...dates])
  expect(cellsOf(none!).map(([name]) => name)).toEqual(['zone: none', 'pool', 'idle', 'new'])

  expect(cellsOf((await shown('pools', 'zone=a')).out)).toEqual([expect.any(Array), [...part, ...dates]])
  expect(cellsOf((await shown('pools', 'zone=a', 'owner=payments', 'pool=web')).out)).toHaveLength(2)
  expect((await shown('pools', 'zone=a', 'owner=search')).err).toContain('No pool has these labels')
  const { pools } = JSON.parse((await shown('pools', 'zone=a', '--json')).out)
  expect(pools).toMatchObject([
    {
      ...{ name: 'web', part: { zone: 'a' }, labels: { owner: 'payments', zone: 'a' }, used: 20.5 },
      ...{ supply: 50, binding: 'cpu', resource: 'cpu', units: 1, cost: 1_200 },
    },
  ])
})

test('what is supposed goes to the service as it was said', async () => {
  const { asked } = await shown(
    'forecast',
    'web',
    '--growth',
    '20%',
    '--lead-time',
    '45d',
    '--event',
    'sale 2026-12-01=2',
    '--event',
    '2026-12-05=3',
  )
  expect(asked[0]!.replaceAll('+', ' ')).toBe(
    '/api/plimsoll/v1/capacity/pools?growth=20%&lead_time=45d&event=sale 2026-12-01=2&event=2026-12-05=3&pool=web',
  )
})

test('explains a number so that it can be computed again', async () => {
  const { out } = await shown('explain', 'web')
  for (const says of [
    'web: +4 servers for 2026-12, 4,800 CNY',
    'as of 2026-11-24; target 2027-01-30',
    'usage: sum(cores_used)',
    'used 41 of 100 cores, 41 %; waterline 70 %',
    'fit: linear (configured) over 60 of 60 days; 41 cores + 1 a day',
    'past forecasts over 67 days: none to compare yet',
    'on 2026-10-24 it was said of 2026-11-24: 40 cores (30 to 50 cores); it was 41 cores',
    'meets the waterline: early 2026-12-17, likely 2026-12-23, late 2026-12-31',
    'forecast for 2027-01-30: 108 cores (90 %: 97.2 to 119 cores)',
    'units: (108 ÷ 0.7 − 100 − 2 × 10) ÷ 10 = 3.43 → +4 servers',
    '(forecast ÷ waterline + spare − there is − on order) ÷ unit, rounded up',
    '↑ today',
  ])
    expect(out).toContain(says)
  expect(cellsOf(out).at(-1)).toEqual(['cpu', 'a', '20.5', '50 cores', '41 %', '2026-12-23', '+1'])
  expect((await shown('explain', 'new')).out).toContain('no history')
})
