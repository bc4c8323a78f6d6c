// What programs read of reports and runs: days are text wherever they stand, and one name is one number.
import { expect, test } from 'vitest'
import { poolLine } from '../../../capacity/api/pool-line.ts'
import { requestColumns } from '../../../capacity/report/columns.ts'
import { reportJson } from '../../../capacity/report/json.ts'
import { reportedRequestsMax, reportOf } from '../../../capacity/report/report-model.ts'
import { runJson } from '../../../capacity/requests/run-json.ts'
import { basisOf, forecastOf, lineOf, planOf, pooled, poolOf, requestOf, today } from '../requests/made.ts'
import { openRequestWorld } from '../requests/world.ts'

// Of fields that are named as days and are none.
function numbersOfDays(value: unknown, at = ''): string[] {
  if (typeof value === 'number') return /day$/i.test(at) && !at.endsWith('PerDay') ? [at] : []
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, each]) => numbersOfDays(each, `${at}.${name}`))
}

test('requests of a report have days as text, as everywhere', () => {
  const requests = [requestOf({ basis: basisOf(), dueDay: today + 9 })]
  const report = reportOf({ plan: planOf([pooled('web', 2)]), requests, before: null })
  const json = JSON.parse(reportJson(report, 'en'))
  expect(json.requests).toMatchObject([
    { needed: '2026-12-25', due: '2026-12-04', basis: { asOf: '2026-11-24', target: '2027-01-30' } },
  ])
  expect(numbersOfDays(json)).toEqual([])
  expect(json.areRequestsCut).toBe(false)
  const many = Array<(typeof requests)[number]>(reportedRequestsMax).fill(requests[0]!)
  expect(JSON.parse(reportJson({ ...report, requests: many }, 'en')).areRequestsCut).toBe(true)
})

test('so have runs, and the notice of one', async () => {
  const w = await openRequestWorld()
  const short = lineOf('web', 12, { level: 0.8 })
  const { run } = await w.run(planOf([pooled('web', 12, { lines: [short] })]))
  const json = runJson(run)
  expect(json).toMatchObject({
    asOf: '2026-11-24',
    summary: { asOf: '2026-11-24', top: [{ needed: '2026-11-25' }], risks: [{ pool: 'web' }] },
  })
  expect(numbersOfDays(json)).toEqual([])
  await w.quiet()
  expect((w.told[0]!.data as { summary: unknown }).summary).toEqual(json.summary)
})

test('a pool is as full as its fullest resource, whichever decides over the units; days left are named by their edge', () => {
  const cpu = lineOf('web', 4)
  const resources = [
    ...poolOf('web').resources,
    {
      ...{ name: 'disk', usage: 'd', unit: 'bytes', waterline: 0.8 },
      supply: { kind: 'capacity', capacity: 'c', unitCapacity: 2, units: undefined },
    },
  ] as unknown as ReturnType<typeof poolOf>['resources']
  const withDisk = (change: Parameters<typeof lineOf>[2]) => {
    const line = { pool: 'web', resource: 'disk', part: {} }
    const disk = lineOf('web', 0, { line, usedNow: 75, level: 0.75, waterline: 0.8, ...change })
    return pooled('web', 4, { pool: poolOf('web', { resources }), lines: [cpu, disk] })
  }
  const t = (each: ReturnType<typeof withDisk>, wanted: object) => {
    const [asOfDay, of] = [today - 1, poolLine(each, today - 1)]
    expect(of).toMatchObject({ binding: 'cpu', units: 4, ...wanted })
    const report = reportOf({ plan: planOf([each], { asOfDay }), requests: [], before: null })
    const [pool] = JSON.parse(reportJson(report, 'en')).pools
    for (const name of ['daysLeftEarly', 'daysLeftLikely'] as const) expect(pool[name], name).toBe(of[name])
    expect([of, pool].map(found => 'daysLeft' in found)).toEqual([false, false])
  }
  const meets = (earlyDay: number | null, likelyDay: number | null) => ({
    forecast: forecastOf({ meets: { earlyDay, likelyDay, lateDay: null } }),
  })
  t(withDisk({ level: 0.85, usedNow: 85, ...meets(today + 90, null) }), {
    ...{ resource: 'disk', level: 0.85, used: 85, waterline: 0.8, resourceUnit: 'bytes' },
    ...{ daysLeftEarly: 0, daysLeftLikely: 0 },
  })
  t(withDisk(meets(today + 5, today + 9)), { resource: 'disk', daysLeftEarly: 5, daysLeftLikely: 9 })
  t(withDisk(meets(today + 90, null)), { resource: 'cpu', daysLeftEarly: 20, daysLeftLikely: 40 })
  t(withDisk(meets(today + 20, today + 40)), { resource: 'cpu', level: 0.6 })
})

test('what is given back is less than nothing, in units as in money', () => {
  const given = requestOf({
    kind: 'reclaim',
    units: 5,
    deliveredUnits: 2,
    cost: { amount: -5, currency: 'CNY' },
  })
  const report = reportOf({ plan: planOf([]), requests: [given, requestOf()], before: null })
  expect(JSON.parse(reportJson(report, 'en')).requests).toMatchObject([
    { kind: 'reclaim', units: -5, deliveredUnits: -2, cost: { amount: -5 } },
    { kind: 'expand', units: 12, deliveredUnits: 0, cost: { amount: 12_000 } },
  ])
  const rows = [given, requestOf()].map(each =>
    requestColumns('en').flatMap(({ name, of }) =>
      ['units', 'delivered', 'cost'].includes(name) ? [of(each)] : [],
    ),
  )
  expect(rows).toEqual([
    [-5, -2, { money: -5 }],
    [12, 0, { money: 12_000 }],
  ])
})
