// Requests over SQLite, and a month of many pools.
import { expect, test } from 'vitest'
import { planOf, pooled } from './requests/made.ts'
import { openRequestWorld, sqliteStates } from './requests/world.ts'
import { requestsContract } from './requests.contract.ts'

requestsContract('SQLite', sqliteStates)

test('a month of hundreds of pools goes in few statements, and again', async () => {
  const w = await openRequestWorld()
  const plan = (units: number) => planOf(Array.from({ length: 450 }, (_, at) => pooled(`p${at}`, units)))
  expect((await w.run(plan(1))).drafts).toEqual({ made: 450, changed: 0, noted: 0, withdrawn: 0 })
  expect((await w.run(plan(2))).drafts).toEqual({ made: 0, changed: 450, noted: 0, withdrawn: 0 })
  const found = await w.requests.list({ limit: 1_000 })
  expect(found.map(({ number }) => number)).toEqual([...new Array(450).keys()].map(at => 450 - at))
  expect(new Set(found.map(({ units, version }) => `${units} ${version}`))).toEqual(new Set(['2 2']))
})
