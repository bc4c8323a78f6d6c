// A pool from its samples to an order: measured, forecast from days that were imported, drafted, approved, and told.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { act, importInto, poolOf, poolsOf, requestsOf, rising, runNow } from '../capacity-asks.ts'
import { openNoticed } from '../noticed.ts'
import { world } from './world.ts'

test('samples and sixty days become a forecast, a draft, an order, and news of each', async () => {
  await using noticed = await openNoticed()
  await using w = await world(
    {},
    {
      'plimsoll.yml': `packs: false
channels: {ops: {webhook: {url: "${noticed.url}"}}, tickets: {webhook: {url: "${noticed.url}"}}}
alertmanager: {route: {receiver: ops}}
capacity:
  planners: ops
  tickets: tickets
  pools:
    web:
      resources:
        cpu: {usage: sum(cpu_used), capacity: sum(cpu_size), waterline: 70%, unit: cores, unit_capacity: 10}
`,
    },
  )
  // Each minute of the last ten, so that the five minutes that are due have some, and are measured at the next start.
  const ago = (nth: number): string => `${(Date.now() - nth * 60_000) * 1_000_000}`
  for (let nth = 0; nth < 10; nth++)
    await w.write(
      ['cpu_used,host=a value=40', 'cpu_used,host=b value=80', 'cpu_size value=200']
        .map(line => `${line} ${ago(nth)}\n`)
        .join(''),
    )
  await w.restart()
  const token = readFileSync(join(w.data, 'token'), 'utf8').trim()
  const service = { origin: w.service.origin, token }
  expect((await poolsOf(service)).pools).toMatchObject([{ name: 'web', why: 'no_history', units: 0 }])

  await expect
    .poll(() => w.values('last_over_time(capacity_usage{pool="web"}[10m])'), { interval: 10 })
    .toEqual(['120'])
  expect(await w.values('last_over_time(capacity_supply{pool="web"}[10m])')).toEqual(['200'])

  await importInto(service, rising('web', { days: 60, from: 60, by: 1, supply: 200 }))
  const before = await poolOf(service, 'web')
  expect(before).toMatchObject({ used: 119, supply: 200, method: 'linear', why: null })
  expect(before.daysLeftLikely).toBeGreaterThan(15)
  expect(before.units).toBeGreaterThan(0)

  const { run } = await runNow(service)
  const [draft] = await requestsOf(service)
  expect(draft).toMatchObject({ pool: 'web', state: 'draft', units: before.units, month: run.month })
  await act(service, await act(service, draft!, 'submit'), 'approve')
  expect(await poolOf(service, 'web')).toMatchObject({ units: 0, lines: [{ onOrderUnits: before.units }] })

  const told = (receiver: string) =>
    [...noticed.data].filter(([place]) => place.startsWith(receiver)).map(([, data]) => data)
  await expect.poll(() => told('tickets').length, { interval: 10 }).toBe(3)
  expect(told('ops')).toMatchObject([{ kind: 'capacity_run', run: run.id, summary: { month: run.month } }])
  expect(told('tickets')).toMatchObject([
    { kind: 'capacity_run' },
    { kind: 'capacity_request', request: { number: draft!.number, state: 'submitted' } },
    { kind: 'capacity_request', request: { number: draft!.number, state: 'approved', units: before.units } },
  ])
  expect(noticed.saidAgain()).toBe(0)
})
