// The addresses of pools: what they show, what can be supposed, and what is refused.
import { expect, test } from 'vitest'
import { planRoutes } from '../../../capacity/api/plan-routes.ts'
import { poolLine } from '../../../capacity/api/pool-line.ts'
import type { Plan, WhatIf } from '../../../capacity/plan.ts'
import { makePlan } from '../../../capacity/planning.ts'
import { ask, bearer, openStand } from '../../core/http/ask.ts'
import { historyOf, pool, straight } from '../planned.ts'
import { asOfDay, believablePlan } from '../report/believable.ts'

const line = (name: string, part = {}) => ({ pool: name, resource: 'cpu', part })
const told = [
  { line: line('web'), demand: (day: number) => day - 20_740, supply: () => 100 },
  { line: line('web', { zone: 'a' }), demand: (day: number) => (day - 20_740) / 2, supply: () => 50 },
]

async function opened() {
  const asked: WhatIf[] = []
  const forecaster = {
    forecast: async (all: readonly Parameters<typeof straight>[0][]) => all.map(straight),
    close: async () => {},
  }
  const make = (whatIf?: WhatIf): Promise<Plan> =>
    makePlan({
      pools: [
        pool({ labels: { owner: 'payments' }, cost: { perUnit: 10, currency: 'EUR' }, by: ['zone'] }),
        pool({ name: 'a/b ü' }),
      ],
      history: historyOf(told),
      forecaster,
      orders: { coming: () => [], past: () => null },
      zone: 'UTC',
      nowMs: Date.parse('2026-11-25T04:00:00Z'),
      whatIf,
    })
  const planner = {
    making: () => ({ done: 3, of: 10 }),
    present: () => make(),
    suppose: (whatIf: WhatIf) => {
      asked.push(whatIf)
      return make(whatIf)
    },
  }
  const stand = await openStand(planRoutes({ planner }))
  return { ...stand, asked }
}

const path = '/api/plimsoll/v1/capacity/pools'

test('shows every pool, and what is not known as null', async () => {
  await using stand = await opened()
  const { status, json } = await ask(stand.http, path, { headers: bearer('read') })

  expect(status).toBe(200)
  expect(json).toMatchObject({ v: 1, asOf: '2026-11-24', month: '2026-12' })
  const [web, other] = json.pools
  expect(web).toMatchObject({
    ...{ name: 'web', labels: { owner: 'payments' }, binding: 'cpu', supply: 100, waterline: 0.7 },
    ...{ why: null, method: 'linear', currency: 'EUR', meets: { late: '2026-12-31' } },
  })
  expect(web.cost).toBe(web.units * 10)
  expect(web.daysLeftEarly).toBeLessThan(web.daysLeftLikely)
  expect(other).toMatchObject({ name: 'a/b ü', why: 'no_history', level: null, meets: null, units: 0 })
})

test('shows the parts that are asked for, of the present plan', async () => {
  await using stand = await opened()
  const get = async (query: string) => (await ask(stand.http, path + query, { headers: bearer('read') })).json
  const [whole] = (await get('')).pools
  const [web, other] = (await get('?by=zone&by=rack')).pools
  const { parts, ...rest } = web
  expect(rest).toEqual(whole)
  expect(parts).toMatchObject([
    { part: { zone: 'a' }, used: whole.used / 2, supply: 50, meets: { late: '2026-12-31' }, binding: 'cpu' },
  ])
  expect(parts[0].cost).toBe(parts[0].units * 10)
  expect([other.parts, (await get('?by=rack')).pools[0].parts]).toEqual([undefined, undefined])
  expect(stand.asked).toEqual([])
})

test('what is above its waterline has no days left, whenever the line meets it again', async () => {
  const [web] = (await believablePlan()).pools.filter(({ pool }) => pool.name === 'fraud-scoring')
  expect(web!.lines[0]!.level).toBeGreaterThan(web!.lines[0]!.waterline)
  const later = web!.lines.map(each => ({
    ...each,
    forecast: { ...each.forecast!, meets: { ...each.forecast!.meets, likelyDay: asOfDay + 60 } },
  }))
  expect(poolLine({ ...web!, lines: later }, asOfDay)).toMatchObject({ daysLeftLikely: 0, daysLeftEarly: 0 })
})

test('one pool comes with all that its numbers were made of', async () => {
  await using stand = await opened()
  const { json } = await ask(stand.http, `${path}/web`, { headers: bearer('read') })

  expect(json).toMatchObject({ targetDay: '2027-01-30', windowDays: 60, demandOf: 'peak' })
  const [cpu] = json.lines
  expect(cpu.demand.values).toHaveLength(60)
  expect(cpu).toMatchObject({ asked: { usage: 'sum(cores_used)' }, target: { day: '2027-01-30' } })
  expect(cpu.forecast).toMatchObject({ fit: { slopePerDay: 1 }, chosen: { by: 'configured' } })
  const named = await ask(stand.http, `${path}/${encodeURIComponent('a/b ü')}`, { headers: bearer('read') })
  expect(named.json.lines[0]).toMatchObject({ why: 'no_history', forecast: null, target: null })
})

test('says how far a plan is that is being made', async () => {
  await using stand = await opened()
  const { json } = await ask(stand.http, '/api/plimsoll/v1/capacity/making', { headers: bearer('read') })
  expect(json).toEqual({ making: { done: 3, of: 10 } })
})

test('what is supposed is handed on, for the pools that are asked for', async () => {
  await using stand = await opened()
  const get = (query: string) => ask(stand.http, `${path}?${query}`, { headers: bearer('read') })

  const some = await get('growth=20%25&event=2026-12-01=2&event=2026-12-02=3&pool=web')
  expect(some.json.pools).toHaveLength(1)
  expect(stand.asked).toMatchObject([{ growth: 1.2, events: [{ factor: 2 }, { factor: 3 }], pools: ['web'] }])
  const all = await get('waterline=50%25')
  expect(all.json.pools).toHaveLength(2)
  expect(stand.asked[1]).toEqual({ waterline: 0.5 })
})

test('refuses what cannot be read, who may not, and pools that are not there', async () => {
  await using stand = await opened()
  const t = async (query: string, status: number, says: string, ...scopes: ('read' | 'write')[]) => {
    const reply = await ask(stand.http, path + query, { headers: bearer(...scopes) })
    expect(reply.status, query).toBe(status)
    expect(reply.text, query).toContain(says)
  }

  await t('?growth=much', 400, 'growth: wanted', 'read')
  await t('/wev', 404, 'did you mean web?', 'read')
  await t('?pool=nothing', 404, 'no pool is called nothing', 'read')
  await t('', 403, 'read', 'write')
})

test('two suppose something at a time; whoever comes then is told when to ask again, and present numbers go on', async () => {
  const gate = Promise.withResolvers<void>()
  let begun = 0
  const planner = {
    making: () => null,
    present: () => believablePlan(),
    async suppose(whatIf: WhatIf) {
      begun++
      await gate.promise
      return believablePlan(whatIf)
    },
  }
  await using stand = await openStand(planRoutes({ planner }))
  const headers = bearer('read')
  const first = [1, 2].map(() => ask(stand.http, `${path}?growth=1.2`, { headers }))
  await expect.poll(() => begun).toBe(2)
  const refused = await ask(stand.http, `${path}?growth=1.3`, { headers })
  expect([refused.status, refused.headers['retry-after'], refused.json.error.code]).toEqual([
    503,
    '5',
    'overloaded',
  ])
  expect((await ask(stand.http, path, { headers })).status).toBe(200)
  gate.resolve()
  expect((await Promise.all(first)).map(({ status }) => status)).toEqual([200, 200])
  expect((await ask(stand.http, `${path}?growth=1.3`, { headers })).status).toBe(200)
})
