// The key `capacity` of plimsoll.yml: what it comes to, and what is said of mistakes.
import { expect, test } from 'vitest'
import type { ConfigResult } from '#core/config.ts'
import { labelsOf } from '#core/labels.ts'
import { readDay } from '../../capacity/days.ts'
import type { Pool } from '../../capacity/pool.ts'
import { type CapacitySettings, capacitySchema } from '../../capacity/pool-settings.ts'
import { scheduleFault, timetableOf } from '../../capacity/schedule.ts'
import { read as readFiles } from '../core/config/files.ts'

const read = (text: string): ConfigResult => readFiles(text, { rooms: { capacity: capacitySchema } })

function settingsOf(text: string): CapacitySettings {
  const found = read(text)
  if (!found.ok) throw new Error(JSON.stringify(found.problems, null, 1))
  return found.config.capacity as CapacitySettings
}

const indented = (text: string, by: string): string => text.trimEnd().replaceAll(/^/gm, by)
const pools = (text: string): string => `capacity:\n  pools:\n${indented(text, '    ')}\n`
const poolOf = (text: string): Pool => settingsOf(pools(text)).pools[0]!

// Of the first mistake: where, and what was wanted; then what may help.
function mistake(text: string): string {
  const found = read(text)
  if (found.ok) return 'none'
  const { path, wanted, hint } = found.problems[0]!
  return `${path}: ${wanted}${hint === undefined ? '' : ` (${hint})`}`
}

test('without the key there are no pools, and a schedule', () => {
  expect(settingsOf('')).toEqual({ schedule: '0 9 25 * *', planners: [], tickets: undefined, pools: [] })
})

test('a pool says little, and the rest is usual', () => {
  expect(poolOf('web: {resources: {cpu: {usage: "sum(x)", capacity: "sum(y)", unit: cores}}}')).toEqual({
    ...{ name: 'web', labels: labelsOf([]), unit: 'server', by: [], partsMax: 200, units: undefined },
    resources: [
      {
        ...{ name: 'cpu', usage: 'sum(x)', unit: 'cores', waterline: 0.7 },
        supply: { kind: 'capacity', capacity: 'sum(y)', unitCapacity: undefined, units: undefined },
      },
    ],
    ...{ spare: { kind: 'units', units: 0 }, leadDays: 30, cost: undefined, events: [] },
    ...{ method: 'linear', daily: 'peak', windowDays: 60, advice: undefined },
  })
})

test('everything that can be said of pools', () => {
  const settings = settingsOf(`
capacity:
  schedule: "30 8 1,25 jan-dec *"
  planners: ann
  tickets: jira
  window: 90d
  method: auto
  daily: p95
  pools:
    web:
      labels: {owner: payments, module: web}
      unit: server
      by: [zone, machine_type]
      parts: 30
      lead_time: 45d
      spare: zone
      cost: {per_unit: 1200, currency: CNY}
      events:
        - {name: double 11, from: 2026-11-10, to: 2026-11-12, factor: 2.5}
        - {name: one day, from: 2026-12-12, factor: 0.5}
      resources:
        cpu: {usage: 'sum by (zone) (x)', units: 'count by (zone) (up == 1)', unit_capacity: 32, waterline: 65.5%, unit: cores}
        disk: {usage: 'y', capacity: 'z', waterline: 0.8, unit: bytes, unit_capacity: 2e12}
      advice: {busy: 'sum(increase(s[1m]))', processes: 'count(p)', most: 20, grow_after: 2m, steps: [2], proxy_label: proxy}
    batch:
      window: 14d
      method: mstl
      daily: busy_hour
      units: 12
      spare: N+2
      resources: {cpu: {usage: x, unit_capacity: 8, unit: cores}}
`)
  expect(settings).toMatchObject({
    schedule: '30 8 1,25 jan-dec *',
    planners: ['ann'],
    tickets: 'jira',
  })
  const [web, batch] = settings.pools
  const day = (text: string): number => readDay(text)!
  expect(web).toMatchObject({
    ...{
      labels: { module: 'web', owner: 'payments' },
      by: ['zone', 'machine_type'],
      partsMax: 30,
      leadDays: 45,
    },
    ...{ spare: { kind: 'zone' }, cost: { perUnit: 1200, currency: 'CNY' } },
    events: [
      { name: 'double 11', fromDay: day('2026-11-10'), toDay: day('2026-11-12'), factor: 2.5 },
      { name: 'one day', fromDay: day('2026-12-12'), toDay: day('2026-12-12'), factor: 0.5 },
    ],
    resources: [
      { waterline: 0.655, supply: { kind: 'live', units: 'count by (zone) (up == 1)', unitCapacity: 32 } },
      { waterline: 0.8, supply: { kind: 'capacity', capacity: 'z', unitCapacity: 2e12 } },
    ],
    ...{ windowDays: 90, method: 'auto', daily: 'p95' },
    advice: {
      ...{
        busy: 'sum(increase(s[1m]))',
        processes: 'count(p)',
        concurrency: 1,
        share: 0.6,
        shrinkShare: 0.3,
      },
      ...{ growAfterMs: 120_000, shrinkAfterMs: 600_000, steps: [2], least: 1, most: 20 },
      ...{ cores: undefined, placed: undefined, proxyLabel: 'proxy', webhook: undefined },
    },
  })
  expect(batch).toMatchObject({
    ...{ windowDays: 14, method: 'mstl', daily: 'busy_hour', units: 12, spare: { kind: 'units', units: 2 } },
    resources: [{ supply: { kind: 'stated', unitCapacity: 8 } }],
  })
})

test('says of each mistake where it is and what was wanted', () => {
  const cpu = "{usage: 'sum(x)', capacity: 'y', unit: cores}"
  const t = (text: string, wanted: string) => expect(mistake(pools(text)), text).toEqual(wanted)
  const at = 'capacity.pools.web'

  t(
    `web: {resources: {cpu: {usage: 'sum(x', capacity: 'y', unit: cores}}}`,
    expect.stringContaining('usage: a question of PromQL that answers with numbers (1:4: this ( has no )'),
  )
  t(
    `web: {resources: {cpu: {usage: 'x[5m]', capacity: 'y', unit: cores}}}`,
    `${at}.resources.cpu.usage: a question of PromQL that answers with numbers (this is a window of time: put a function around it)`,
  )
  t(
    `web: {resources: {cpu: {usage: '"x"', capacity: 'y', unit: cores}}}`,
    `${at}.resources.cpu.usage: a question of PromQL that answers with numbers (this is a text)`,
  )
  t(
    `web: {resources: {cpu: {usage: 'x', unit: cores}}}`,
    `${at}.resources.cpu: \`capacity\`, or \`unit_capacity\` beside \`units\` here or in the pool`,
  )
  t(
    `web: {resources: {cpu: {usage: 'x', units: 'y', unit: cores}}}`,
    `${at}.resources.cpu: \`capacity\`, or \`unit_capacity\` beside \`units\` here or in the pool`,
  )
  t(`web: {resources: {}}`, `${at}.resources: at least one resource`)
  t(`web: {}`, `${at}.resources: a map of keys`)
  t(`web: {units: 0, resources: {cpu: ${cpu}}}`, `${at}.units: a whole number from 1 up`)
  t(`web: {units: 1.5, resources: {cpu: ${cpu}}}`, `${at}.units: a whole number`)
  t(
    `web: {counted: 2026-11-25, resources: {cpu: ${cpu}}}`,
    `${at}.counted: it beside \`units\`, which were counted on that day`,
  )
  t(`web: {units: 2, counted: soon, resources: {cpu: ${cpu}}}`, `${at}.counted: a day like 2026-11-10`)
  t(`web: {lead_time: 36h, resources: {cpu: ${cpu}}}`, `${at}.lead_time: whole days, like 30d`)
  t(`web: {window: 5d, resources: {cpu: ${cpu}}}`, `${at}.window: at least 7d`)
  t(
    `web: {spare: N-1, resources: {cpu: ${cpu}}}`,
    `${at}.spare: N+1, N+2 … for units that stay unused, zone for the largest zone, or none`,
  )
  t(
    `web: {spare: zone, resources: {cpu: ${cpu}}}`,
    `${at}.spare: N+1, or \`zone\` in \`by\` beside it: nobody knows the largest zone otherwise`,
  )
  t(
    `web: {cost: {per_unit: -1, currency: CNY}, resources: {cpu: ${cpu}}}`,
    `${at}.cost.per_unit: a number from 0 up`,
  )
  t(
    `web: {cost: {per_unit: 1, currency: yuan}, resources: {cpu: ${cpu}}}`,
    `${at}.cost.currency: a currency of ISO 4217, like CNY`,
  )
  t(
    `web: {by: [zone, zone], resources: {cpu: ${cpu}}}`,
    `${at}.by: labels that occur once, also not below \`labels\`: not zone`,
  )
  t(
    `web: {by: [zone], labels: {zone: a}, resources: {cpu: ${cpu}}}`,
    `${at}.by: labels that occur once, also not below \`labels\`: not zone`,
  )
  t(
    `what-if: {resources: {cpu: ${cpu}}}`,
    'capacity.pools.what-if: another name: /capacity/what-if is a page of its own',
  )
  t(
    `web: {by: [edge], resources: {cpu: ${cpu}}}`,
    `${at}.by[0]: another name: pool, resource, edge, finding are labels of what capacity writes itself`,
  )
  t(
    `web: {labels: {resource: x}, resources: {cpu: ${cpu}}}`,
    `${at}.labels: another name: pool, resource, edge, finding are labels of what capacity writes itself`,
  )
  t(
    `web: {events: [{name: x, from: 2026-02-30, factor: 2}], resources: {cpu: ${cpu}}}`,
    `${at}.events[0].from: a day like 2026-11-10`,
  )
  t(
    `web: {events: [{name: x, from: 2026-03-02, to: 2026-03-01, factor: 2}], resources: {cpu: ${cpu}}}`,
    `${at}.events[0].to: a day that is not before \`from\``,
  )
  t(
    `web: {events: [{name: x, from: 2026-03-02, factor: 0}], resources: {cpu: ${cpu}}}`,
    `${at}.events[0].factor: a number above 0, at most 1000`,
  )
  t(`web: {led_time: 3d, resources: {cpu: ${cpu}}}`, expect.stringContaining('did you mean lead_time?'))
  t(`"a\\u0007b": {resources: {cpu: ${cpu}}}`, expect.stringContaining('a name of at most 200 characters'))
  t(
    `${'x'.repeat(201)}: {resources: {cpu: ${cpu}}}`,
    expect.stringContaining('a name of at most 200 characters'),
  )
  t(
    `web: {method: magic, resources: {cpu: ${cpu}}}`,
    expect.stringContaining(`${at}.method: one of linear, theil_sen`),
  )
})

test('advice is checked as a whole', () => {
  const t = (text: string, wanted: string) =>
    expect(
      mistake(pools(`web: {resources: {cpu: {usage: x, capacity: y, unit: c}}, advice: {${text}}}`)),
      text,
    ).toBe(`capacity.pools.web.advice.${wanted}`)
  t('busy: x', 'processes: a question of PromQL that answers with numbers')
  t('busy: x, processes: y, share: 30%', 'shrink_share: less than `share`')
  t('busy: x, processes: y, least: 200', 'least: no more than `most`')
  t('busy: x, processes: y, steps: []', 'steps: at least one step')
  t('busy: x, processes: y, steps: [0]', 'steps[0]: a whole number from 1 up')
  t('busy: x, processes: y, concurrency: 0', 'concurrency: a number above 0')
})

test('shares are written in two ways', () => {
  const share = 'a share above 0 and at most 1, like 70% or 0.7'
  const resources = (waterline: string): string =>
    pools(`web: {resources: {cpu: {usage: x, capacity: y, unit: c, waterline: ${waterline}}}}`)
  const t = (written: string, wanted: number) =>
    expect(settingsOf(resources(written)).pools[0]?.resources[0].waterline, written).toBe(wanted)
  t('70%', 0.7)
  t('"70 %"', 0.7)
  t('0.7', 0.7)
  t('"0.7"', 0.7)
  t('100%', 1)
  t('1', 1)
  const bad = (written: string, hint = '') =>
    expect(mistake(resources(written)), written).toBe(
      `capacity.pools.web.resources.cpu.waterline: ${share}${hint}`,
    )
  bad('0')
  bad('0%')
  bad('-0.1')
  bad('101%')
  bad('.nan')
  bad('70', ' (for 70 percent: 70%)')
  bad('much')
  bad('[]')
})

test('schedules are five fields of cron, and what node-cron can keep', () => {
  const t = (schedule: string, wanted: string) =>
    expect(mistake(`capacity: {schedule: "${schedule}"}`), schedule).toContain(wanted)
  t('0 9 25 * *', 'none')
  t('*/5 0-6,12 1-31/2 1,12 *', 'none')
  t('0 9 * * mon-fri', 'none')
  t('0 9 ? * 0-7', 'none')
  t('0 9 1 JAN *', 'none')
  t('0 9 L * *', 'none')
  t('0 22-2 1 * *', 'none')
  t('0 9 31 1,4 *', 'none')
  const fields = 'capacity.schedule: five fields of cron (minute, hour, day, month, weekday), like 0 9 25 * *'
  t('0 9 25 *', fields)
  t('0 0 9 25 * *', fields)
  t('60 9 25 * *', fields)
  t('0 24 25 * *', fields)
  t('0 9 0 * *', fields)
  t('0 9 25 13 *', fields)
  t('0 9 25 * 8', fields)
  t('*/0 9 25 * *', fields)
  t('0 9 25 mon *', fields)
  t('@monthly', fields)
  t('', fields)
  // These were taken, and ended the process when it planned.
  t('0 9 30 2 *', `${fields}; 30 2 is an impossible day of month`)
  t('0 9 25/2 * *', `${fields}; 25/2 is a invalid expression for day of month`)
  t('5/10 9 25 * *', `${fields}; 5/10 is a invalid expression for minute`)
  t('0 9 31 4,6 *', `${fields}; 31 4,6 is an impossible day`)
  // The 25th and a Monday for node-cron, the 25th or a Monday for cron.
  t('0 9 25 * mon', 'capacity.schedule: a day of the month or a weekday, and * for the other')
})

test('what is taken as a schedule has a timetable', () => {
  const parts = [
    '*',
    '?',
    '5',
    '1-3',
    '3-1',
    '*/2',
    '1-9/3',
    '5/2',
    '31',
    'L',
    '15W',
    '5#2',
    '5L',
    'jan',
    'mon',
    '0',
    '99',
    '-',
    ',',
  ]
  let taken = 0
  for (const [nth, part] of parts.entries())
    for (const other of parts)
      for (let at = 0; at < 5; at++) {
        const fields = ['0', '9', '*', '*', '*']
        fields[at] = part
        fields[(at + 1 + (nth % 4)) % 5] = other
        const schedule = fields.join(' ')
        if (scheduleFault(schedule) !== undefined) continue
        taken++
        const { hours, minutes, seconds } = timetableOf(schedule)
        expect(hours.length * minutes.length * seconds.length, schedule).toBeGreaterThan(0)
      }
  expect(taken).toBeGreaterThan(100)
})
