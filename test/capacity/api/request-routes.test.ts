// Requests over HTTP: who may do what, which version he must have seen, and what programs get to read.
import { expect, onTestFinished, test } from 'vitest'
import { openApi } from '#core/http/open-api.ts'
import type { Scope } from '#core/model.ts'
import { requestRoutes } from '../../../capacity/api/request-routes.ts'
import { ask, bearer, openStand, type Reply } from '../../core/http/ask.ts'
import { expectClosedWithoutLogin } from '../../core/http/every-route.ts'
import { planOf, pooled, today } from '../requests/made.ts'
import { openRequestWorld } from '../requests/world.ts'

const path = '/api/plimsoll/v1/capacity/requests'
const runs = '/api/plimsoll/v1/capacity/runs'

async function served() {
  const w = await openRequestWorld()
  const history = { demand: () => ({ firstDay: today, values: Float64Array.of(98) }) }
  const run = (who: string) => w.run(planOf([pooled('web', 12), pooled('db', -2)]), { who })
  const routes = requestRoutes({ requests: w.requests, history, clock: w.clock, run, language: 'zh' })
  const stand = await openStand(routes, { clock: w.clock })
  onTestFinished(() => stand[Symbol.asyncDispose]())
  const get = (at: string, scope: Scope = 'read'): Promise<Reply> =>
    ask(stand.http, at, { headers: bearer(scope) })
  const post = (at: string, body: object, scope: Scope = 'operate'): Promise<Reply> =>
    ask(stand.http, at, {
      body: JSON.stringify(body),
      headers: { ...bearer(scope), 'content-type': 'application/json' },
    })
  return { ...w, routes, get, post }
}

test('nothing is open without a login, and reading is not changing', async () => {
  const s = await served()
  await expectClosedWithoutLogin(s.routes)
  expect((await s.post(runs, {}, 'read')).status).toBe(403)
  expect((await s.post(path, {}, 'read')).status).toBe(403)
  expect((await s.get(path, 'write')).status).toBe(403)
})

test('a run makes drafts, and a draft goes its way', async () => {
  const s = await served()
  const made = await s.post(runs, {})
  expect([made.status, made.json.drafts]).toEqual([201, { made: 2, changed: 0, noted: 0, withdrawn: 0 }])
  expect(made.json.run).toMatchObject({ who: 'test', month: '2026-12', summary: { expand: { pools: 1 } } })

  const listed = await s.get(`${path}?state=draft&pool=web&month=2026-12`)
  expect(listed.json.requests).toMatchObject([
    {
      ...{ number: 1, units: 12, needed: '2026-12-15', due: null, may: ['submit', 'withdraw', 'edit'] },
      basis: { resource: 'cpu', asOf: '2026-11-24', target: '2027-01-30', met: '2027-01-04', late: null },
    },
  ])
  const steps: readonly [string, object, object][] = [
    [
      'edit',
      { units: 10, needed: '2026-12-24', text: 'fewer', why: 'budget' },
      { units: 10, needed: '2026-12-24' },
    ],
    ['act', { act: 'submit' }, { state: 'submitted' }],
    ['act', { act: 'approve', due: '2026-12-20' }, { state: 'approved', due: '2026-12-20' }],
    ['edit', { due: null, why: 'not known' }, { due: null }],
    ['act', { act: 'order', due: '2026-12-22' }, { state: 'ordered', due: '2026-12-22' }],
    ['act', { act: 'deliver', units: 4 }, { state: 'ordered', deliveredUnits: 4 }],
    ['act', { act: 'deliver' }, { state: 'delivered', deliveredUnits: 10 }],
    ['act', { act: 'close' }, { state: 'closed', may: [] }],
  ]
  for (const [at, [verb, body, wanted]] of steps.entries()) {
    const answer = await s.post(`${path}/1/${verb}`, { version: at + 1, ...body })
    expect(answer.json.request, JSON.stringify(body)).toMatchObject({ version: at + 2, ...wanted })
  }
  const { json } = await s.get(`${path}/1`)
  expect(json.facts).toHaveLength(9)
  expect(json.facts[1]).toMatchObject({
    ...{ who: 'test', what: 'edited', why: 'budget' },
    details: { units: { was: 12, is: 10 }, neededDay: { was: '2026-12-15', is: '2026-12-24' } },
  })
  expect((await s.get(runs)).json.runs).toMatchObject([{ trigger: 'person', asOf: '2026-11-24' }])
  expect((await s.get('/api/plimsoll/v1/capacity/judged')).json).toEqual({
    requests: [],
    pools: [],
    planners: [],
  })
})

test('whoever was too late is shown the present one', async () => {
  const s = await served()
  await s.post(runs, {})
  await s.post(`${path}/1/edit`, { version: 1, units: 10, why: 'budget' })
  const late = await s.post(`${path}/1/edit`, { version: 1, units: 9, why: 'mine' })
  expect([late.status, late.json]).toMatchObject([
    409,
    {
      error: { code: 'request_changed', detail: 'request 1: wanted version 1, found 2 (draft, 10 server)' },
      request: { number: 1, units: 10, version: 2 },
    },
  ])
  const early = await s.post(`${path}/1/act`, { version: 2, act: 'order' })
  expect([early.status, early.json.error.code]).toEqual([409, 'request_not_now'])
})

test("people file their own, split the month's, and merge", async () => {
  const s = await served()
  await s.post(runs, {})
  const own = { pool: 'web', units: 3, application: 'pay', needed: '2026-12-20', why: 'launch' }
  expect(await s.post(path, own)).toMatchObject({
    status: 201,
    json: { request: { number: 3, source: 'person', month: '2026-12', by: 'test', why: 'launch' } },
  })
  const merged = await s.post(`${path}/3/merge`, { version: 1, into: 1, into_version: 1 })
  expect(merged.json.requests).toMatchObject([
    { number: 1, units: 15 },
    { number: 3, state: 'withdrawn', mergedInto: 1, may: [] },
  ])
  const pieces = [
    { units: 8, part: { zone: 'a' } },
    { units: 7, part: { zone: 'b' } },
  ]
  const split = await s.post(`${path}/1/split`, { version: 2, pieces })
  expect(split.json.requests).toMatchObject([
    { number: 1, units: 8, part: { zone: 'a' } },
    { number: 4, units: 7, part: { zone: 'b' }, splitFrom: 1 },
  ])
})

test('says where a request is not what it should be', async () => {
  const s = await served()
  const t = async (at: string, body: object, status: number, wanted: string) => {
    const { status: found, text } = await s.post(path + at, body)
    expect([found, text], at).toEqual([status, expect.stringContaining(wanted)])
  }

  const soon = await s.post(path, { pool: 'web', units: 3, needed: 'soon' })
  expect(soon.json.error.detail).toBe('body.needed: wanted a day like 2026-12-31, found "soon"')
  await t('', { pool: 'web', units: 0, needed: '2026-12-20' }, 400, 'units')
  await t('', { pool: 'wep', units: 1, needed: '2026-12-20' }, 404, 'no pool is called wep')
  await t('', { pool: 'web', units: 1, needed: '2026-12-20', colour: 'red' }, 400, 'colour')
  await t('/1/act', { version: 1, act: 'submit' }, 404, 'there is no request 1')
  await t('/x/act', { version: 1, act: 'submit' }, 404, 'there is no request x')
  await t('/1/act', { act: 'submit' }, 400, 'version')
  await t('/1/act', { version: 1, act: 'sign' }, 400, 'act')
  expect((await s.get(`${path}?state=lost`)).json.error.detail).toContain('wanted one of draft, submitted')
  expect((await s.get(`${path}/7`)).status).toBe(404)
})

test('every address describes itself', async () => {
  const s = await served()
  const described = JSON.parse(JSON.stringify(openApi(s.routes, '1')))
  const asked = described.paths[`${path}/{number}/act`].post.requestBody.content['application/json'].schema
  expect(asked.required).toEqual(['version', 'act'])
  expect(asked.properties).toMatchObject({
    due: { type: 'string' },
    act: { enum: expect.arrayContaining(['approve']) },
  })
  expect(Object.keys(described.paths).filter(each => each.startsWith(path))).toHaveLength(6)
})

test('reasons of drafts are in the language that is asked for, else in that of the service', async () => {
  const s = await served()
  await s.post(runs, {})
  const t = async (query: string, said: string) => {
    expect((await s.get(`${path}/1${query}`)).json.request.why, query).toContain(said)
    expect((await s.get(`${path}${query}`)).json.requests[1].why, query).toContain(said)
  }
  await t('', '水位线 70 %')
  await t('?language=zh', '水位线 70 %')
  await t('?language=en', 'of which 70 % may be used')
  expect((await s.get(`${path}?language=fr`)).status).toBe(400)
})
