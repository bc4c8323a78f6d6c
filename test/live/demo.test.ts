// The demonstration as a whole: samples, days, plans, drafts and the report, twice the same. Here because it takes seconds;
// it starts no foreign server.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { realClock } from '#core/clock.ts'
import { openSqliteState } from '#core/state/sqlite.ts'
import { reportCsv } from '../../capacity/report/csv.ts'
import { keptMonths, keptReport } from '../../capacity/report/kept-reports.ts'
import { nowMs, world } from '../bin/world.ts'

type Shown = Readonly<{
  pools: readonly Readonly<{ name: string; units: number; risk: string | null }>[]
}>

test('the report of the demonstration tells of each pool what happened to it, on every machine the same', async () => {
  const { cwd, run } = world({}, { clock: { ...realClock, nowMs: () => nowMs } })
  const words = ['demo', '--once', '--json', '--days', '62', '--timezone', 'Asia/Shanghai']
  const report = (name: string): string => readFileSync(join(cwd, 'demo', 'report', name), 'utf8')
  const { exit, out, err } = await run(...words)
  expect([exit, err]).toEqual([0, ''])
  const { samples, pools, requests } = JSON.parse(out)
  expect(pools).toBe(20)
  expect(samples).toBeGreaterThan(1_500_000)
  expect(requests).toBeGreaterThan(10)

  const first = report('report.json')
  const byName = new Map((JSON.parse(first) as Shown).pools.map(pool => [pool.name, pool]))
  expect(byName.get('gateway')?.risk).not.toBeNull()
  expect(byName.get('cache')?.units).toBeGreaterThan(0)
  expect(byName.get('reports')?.units).toBeLessThan(0)
  expect(byName.get('mail')?.units).toBeLessThan(0)
  expect(byName.get('licences')?.risk).toBeNull()
  const english = report('report.en.html')
  for (const name of byName.keys()) expect(english, name).toContain(`>${name}<`)
  expect(report('report.zh.html')).toContain('容量报告')

  // What the runs of both months have kept reads as what was written.
  const state = await openSqliteState({ file: join(cwd, 'demo', 'data', 'state.sqlite') })
  const months = await keptMonths(state.db)
  expect(months).toHaveLength(2)
  const [present, past] = await Promise.all(months.map(each => keptReport(state.db, each, '')))
  await state.close()
  expect(reportCsv(present!)).toBe(report('report.csv'))
  expect(reportCsv(past!).split('\r\n').length).toBeGreaterThan(20)

  expect((await run(...words)).exit).toBe(0)
  expect(report('report.json')).toBe(first)
}, 120_000)
