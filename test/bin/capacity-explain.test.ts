// What one pool's explanation says where numbers are large, and where they are next to nothing.
import { expect, test } from 'vitest'
import { explainText } from '../../bin/explain-view.ts'
import { poolJson } from '../../capacity/api/plan-json.ts'
import type { Forecast } from '../../capacity/forecast.ts'
import { makePlan } from '../../capacity/planning.ts'
import { cpu, historyOf, onOrder, pool, straight } from '../capacity/planned.ts'

const giga = 1e9
const line = { pool: 'web', resource: 'memory', part: {} }
const errors = { count: 90, horizonDays: 67, bias: -0.0003, smape: 0.0004, mase: 0.1147, coverage: 1 }

async function explained(among: readonly string[] = ['linear']): Promise<string> {
  const tried = among.map((method, at) => ({
    method,
    errors: at === 0 ? errors : { ...errors, coverage: Number.NaN },
  })) as unknown as Forecast['chosen']['among']
  const plan = await makePlan({
    pools: [
      pool({
        resources: [
          {
            ...cpu,
            ...{ name: 'memory', unit: 'bytes', usage: 'sum(mem_used)' },
            supply: { kind: 'live', units: 'count(up == 1)', unitCapacity: 128 * giga },
          },
        ],
        spare: { kind: 'units', units: 4 },
      }),
    ],
    history: historyOf([
      { line, demand: day => (700 + 0.7 * (day - 20_720)) * giga, supply: () => 1_536 * giga },
    ]),
    forecaster: {
      forecast: async asked =>
        asked.map(each => ({ ...straight(each), errors, chosen: { by: 'configured', among: tried } })),
      close: async () => {},
    },
    orders: { coming: () => onOrder(2), past: () => null },
    zone: 'UTC',
    nowMs: Date.parse('2026-11-25T04:00:00Z'),
  })
  return explainText(poolJson(plan, plan.pools[0]!), { paint: (_, text) => text, columns: 80 })
}

test('bytes have a prefix wherever they stand, the axis included', async () => {
  const text = await explained()
  for (const says of [
    'used 743 GB of 1.54 TB, 48 %; waterline 70 %',
    '743 GB + 700 MB a day',
    'forecast for 2027-01-30: 790 GB (90 %: 711 to 869 GB)',
    'units, numbers in TB: (0.79 ÷ 0.7 + 4 × 0.128 − 1.54 − 2 × 0.128) ÷ 0.128 = −1.21 → −1 server',
  ])
    expect(text).toContain(says)
  expect(text.match(/^ *[\d.]+ GB┤/gm)).toHaveLength(3)
  // Nothing that has to be counted in groups of three.
  expect(text.replaceAll(/\d{4}-\d\d-\d\d/g, '').match(/\d{5,}/g)).toBeNull()
  expect(text).not.toContain('\u00a0')
})

test('what is next to nothing says so, without a sign', async () => {
  expect(await explained()).toContain(
    "90 compared, error < 0.1 %, bias < 0.1 %, 0.11 of the naive one's, 100 % within the band",
  )
})

test('a method that was tried alone is not told twice', async () => {
  expect(await explained(['linear'])).not.toContain('tried')
  const text = await explained(['linear', 'theil-sen'])
  expect(text.match(/^ {2}tried .*: 90 compared/gm)).toHaveLength(2)
  // Only what was chosen has a band.
  expect(text).toMatch(/tried theil-sen: .* of the naive one's$/m)
})
