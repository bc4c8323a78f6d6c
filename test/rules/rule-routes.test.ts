import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { Failure } from '#core/errors.ts'
import { faultAnswer } from '#core/http/fault.ts'
import { judge } from '#core/http/judge.ts'
import type { Answer, Call } from '#core/http/route.ts'
import { ruleRoutes } from '../../rules/rule-routes.ts'
import type { GroupView } from '../../rules/view.ts'
import { groupsOf } from './rules-of.ts'
import { alertOf, viewOf } from './views-of.ts'

const atMs = Date.UTC(2026, 10, 21, 6, 23, 51, 560)

// What Prometheus 3.15 answered for the same file; expectations below are its own, but for the times.
const groups = groupsOf(`
groups:
- name: zeta
  interval: 1500ms
  limit: 3
  labels: {team: core}
  rules:
  - alert: Down
    expr: up==0
    for: 1m30s
    keep_firing_for: 2m
    labels: {severity: page, gone: ''}
    annotations: {summary: '{{ $labels.instance }} is down', empty: ''}
  - record: a:b
    expr: sum(up)by(job)
    labels: {x: 'y'}
- name: empty
- name: alpha
  rules:
  - {alert: Always, expr: 'vector(1.5e-7)', labels: {severity: 'sev-{{ $value }}'}}
`)

const down = alertOf(
  { alertname: 'Down', instance: 'a:1', severity: 'page' },
  {
    phase: 'pending',
    activeAtMs: atMs - 1_000,
    value: 0,
    annotations: { summary: 'a:1 is down', empty: '' },
  },
)
const [zeta, empty, alpha] = groups as [never, never, never]
const view: GroupView[] = [
  viewOf(zeta, {
    Down: { health: 'ok', evaluatedAtMs: atMs, tookMs: 0.25, alerts: [down] },
    'a:b': { health: 'err', error: 'two results would be one', evaluatedAtMs: atMs + 1, tookMs: 1 },
  }),
  viewOf(empty),
  viewOf(alpha),
]

type Said = Readonly<Record<string, string | readonly string[]>>

async function raw(path: string, said: Said = {}, shown = view): Promise<Answer> {
  const route = ruleRoutes({ view: async () => shown }).find(each => each.path === `/api/v1/${path}`)!
  try {
    const query = route.query === undefined ? said : judge(route.query, said, 'query')
    return await route.handle({ query, signal: new AbortController().signal } as unknown as Call)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return faultAnswer(error, route.failure)
  }
}

async function ask(path: string, said: Said = {}, shown = view) {
  const { status = 200, body } = await raw(path, said, shown)
  return { status, body: typeof body === 'string' ? JSON.parse(body) : body }
}

const downJson = {
  state: 'pending',
  name: 'Down',
  query: 'up == 0',
  duration: 90,
  keepFiringFor: 120,
  labels: { gone: '', severity: 'page', team: 'core' },
  annotations: { empty: '', summary: '{{ $labels.instance }} is down' },
  alerts: [
    {
      labels: { alertname: 'Down', instance: 'a:1', severity: 'page' },
      annotations: { empty: '', summary: 'a:1 is down' },
      state: 'pending',
      activeAt: '2026-11-21T06:23:50.56Z',
      value: '0e+00',
    },
  ],
  health: 'ok',
  evaluationTime: 0.00025,
  lastEvaluation: '2026-11-21T06:23:51.56Z',
  type: 'alerting',
  active: { firing: 0, pending: 1 },
}
const recordJson = {
  name: 'a:b',
  query: 'sum by (job) (up)',
  labels: { team: 'core', x: 'y' },
  health: 'err',
  lastError: 'two results would be one',
  evaluationTime: 0.001,
  lastEvaluation: '2026-11-21T06:23:51.561Z',
  type: 'recording',
}
const alwaysJson = {
  state: 'unknown',
  name: 'Always',
  query: 'vector(0.00000015)',
  duration: 0,
  keepFiringFor: 0,
  labels: { severity: 'sev-{{ $value }}' },
  annotations: {},
  alerts: [],
  health: 'unknown',
  evaluationTime: 0,
  lastEvaluation: '0001-01-01T00:00:00Z',
  type: 'alerting',
  active: { firing: 0, pending: 0 },
}
const zetaTail = {
  interval: 1.5,
  limit: 3,
  evaluationTime: 0.00125,
  lastEvaluation: '2026-11-21T06:23:51.561Z',
}
const alphaJson = {
  name: 'alpha',
  file: 'a.yml',
  rules: [alwaysJson],
  interval: 0,
  limit: 0,
  evaluationTime: 0,
  lastEvaluation: '0001-01-01T00:00:00Z',
  onArrival: true,
}
const zetaJson = { name: 'zeta', file: 'a.yml', rules: [downJson, recordJson], ...zetaTail }

test('groups come by file and name with their rules as Prometheus writes them, those without rules not at all', async () => {
  const answer = await ask('rules')
  expect(answer).toEqual({
    status: 200,
    body: { status: 'success', data: { groups: [alphaJson, zetaJson] } },
  })
  const [, told] = answer.body.data.groups
  // The order of fields is Prometheus' too, ours are behind.
  expect(Object.keys(told)).toEqual(['name', 'file', 'rules', ...Object.keys(zetaTail)])
  expect(Object.keys(told.rules[0])).toEqual(Object.keys(downJson))
  expect(Object.keys(told.rules[0].labels)).toEqual(['gone', 'severity', 'team'])
})

test('alerts are told with their state, since when, and their value as Go writes it', async () => {
  const t = async (more: object, wanted: object) => {
    const shown = [viewOf(alpha, { Always: { alerts: [alertOf({ a: 'b' }, more)] } })]
    const { body } = await ask('alerts', {}, shown)
    expect(body.data.alerts).toEqual([expect.objectContaining({ labels: { a: 'b' }, ...wanted })])
  }
  const kept = { keepFiringSinceMs: atMs }
  await t({ value: 97.5, activeAtMs: 5_000 }, { state: 'firing', value: '9.75e+01', activeAt: '1970-01-01T00:00:05Z' }) // biome-ignore format: a row
  await t(kept, { keepFiringSince: '2026-11-21T06:23:51.56Z' })
  await t({ value: Number.NaN, phase: 'pending' }, { state: 'pending', value: 'NaN' })
  await t({ value: -1e-300 }, { value: '-1e-300' })
  await t({ value: -0 }, { value: '-0e+00' })
  await t({ value: Number.NEGATIVE_INFINITY }, { value: '-Inf' })
  // Resolved ones are remembered for others, and shown to nobody.
  const gone = [viewOf(alpha, { Always: { alerts: [alertOf({}, { phase: 'resolved' })] } })]
  expect((await ask('alerts', {}, gone)).body).toEqual({ status: 'success', data: { alerts: [] } })
  expect((await ask('rules', {}, gone)).body.data.groups[0].rules[0]).toMatchObject({ alerts: [] })
})

test('the state of a rule is that of its worst alert', async () => {
  const t = async (change: object, state: string) =>
    expect((await ask('rules', {}, [viewOf(alpha, { Always: change })])).body.data.groups[0].rules[0]).toMatchObject({ state }) // biome-ignore format: a row
  const [firing, pending] = [alertOf({ a: '1' }), alertOf({ a: '2' }, { phase: 'pending' })]
  await t({ evaluatedAtMs: 0 }, 'inactive')
  await t({ evaluatedAtMs: 0, alerts: [pending] }, 'pending')
  await t({ evaluatedAtMs: 0, alerts: [pending, firing] }, 'firing')
  // Taken up from the state, before the first evaluation.
  await t({ alerts: [firing] }, 'firing')
})

test('a caller chooses groups and rules', async () => {
  const t = async (said: Said, wanted: readonly string[]) => {
    const { body } = await ask('rules', said)
    const names = body.data.groups.flatMap((each: { name: string; rules: { name: string }[] }) =>
      each.rules.map(({ name }) => `${each.name}/${name}`),
    )
    expect(names, JSON.stringify(said)).toEqual(wanted)
  }
  const all = ['alpha/Always', 'zeta/Down', 'zeta/a:b']
  await t({ type: 'ALERT' }, ['alpha/Always', 'zeta/Down'])
  await t({ type: 'record' }, ['zeta/a:b'])
  await t({ type: '' }, all)
  await t({ type: ['alert', 'record'] }, ['alpha/Always', 'zeta/Down'])
  await t({ 'rule_name[]': ['Down', 'nix'] }, ['zeta/Down'])
  await t({ 'rule_group[]': 'alpha' }, ['alpha/Always'])
  await t({ 'file[]': ['a.yml'] }, all)
  await t({ 'file[]': '' }, [])
  await t({ 'rule_group[]': 'alpha', 'rule_name[]': 'Down' }, [])
  // Labels as they were written; the name of the rule is none of them.
  await t({ 'match[]': '{severity="page"}' }, ['zeta/Down'])
  await t({ 'match[]': '{severity=~"sev-.*value.*"}' }, ['alpha/Always'])
  await t({ 'match[]': ['{team="core", x=""}', '{severity=~"sev.*"}'] }, ['alpha/Always', 'zeta/Down'])
  await t({ 'match[]': 'Down' }, [])
  const without = await ask('rules', { exclude_alerts: 'TRUE', 'rule_name[]': 'Down' })
  expect(without.body.data.groups[0].rules).toEqual([{ ...downJson, alerts: null }])
  expect(await ask('rules', { exclude_alerts: '0' })).toEqual(await ask('rules'))
})

test('groups come in pages', async () => {
  const first = (await ask('rules', { group_limit: '1' })).body.data
  expect(first).toEqual({ groups: [alphaJson], groupNextToken: expect.stringMatching(/^[0-9a-f]{64}$/) })
  const second = (await ask('rules', { group_limit: '1', group_next_token: first.groupNextToken })).body.data
  expect(second).toEqual({ groups: [zetaJson] })
  // A page counts groups of which something is told.
  const records = (await ask('rules', { group_limit: '1', type: 'record' })).body.data
  expect(records).toEqual({ groups: [{ ...zetaJson, rules: [recordJson] }] })
  expect((await ask('rules', { group_limit: '2' })).body.data).not.toHaveProperty('groupNextToken')
})

test('what is asked for wrongly is refused in the words of Prometheus', async () => {
  const t = async (said: Said, error: string) =>
    expect(await ask('rules', said), JSON.stringify(said)).toEqual({
      status: 400,
      body: { status: 'error', errorType: 'bad_data', error },
    })
  const limit = (what: string): string =>
    `invalid parameter "group_limit": group_limit needs to be a valid number: strconv.ParseInt: parsing ${what}`
  await t({ type: 'foo' }, 'invalid parameter "type": not supported value "foo"')
  await t(
    { exclude_alerts: 'Maybe' },
    'invalid parameter "exclude_alerts": error converting exclude_alerts: strconv.ParseBool: parsing "maybe": invalid syntax',
  )
  await t(
    { group_next_token: 'x' },
    'invalid parameter "group_next_token": group_limit needs to be present in order to paginate over the groups',
  )
  await t({ group_limit: 'x' }, limit('"x": invalid syntax'))
  await t({ group_limit: '1.5' }, limit('"1.5": invalid syntax'))
  await t({ group_limit: '2147483648' }, limit('"2147483648": value out of range'))
  await t({ group_limit: '0' }, 'invalid parameter "group_limit": group_limit needs to be greater than 0')
  await t({ group_limit: '-1' }, 'invalid parameter "group_limit": group_limit needs to be greater than 0')
  await t(
    { group_limit: '1', group_next_token: 'zz' },
    `invalid parameter "group_next_token": invalid group_next_token 'zz'. were rule groups changed?`,
  )
  expect(await ask('rules', { 'match[]': 'up{' })).toMatchObject({
    status: 400,
    body: { errorType: 'bad_data', error: expect.stringMatching(/^1:\d: parse error: /) },
  })
  expect(await ask('rules', { 'match[]': 'up offset 5m' })).toMatchObject({ status: 400 })
  expect(await ask('rules', { 'match[]': '{a=~".*"}' })).toMatchObject({ status: 400 })
})

test('a hundred thousand alerts are written while they are taken', async () => {
  const alerts = Array.from({ length: 100_000 }, (_, at) => alertOf({ host: `h${at}` }))
  const shown = [viewOf(alpha, { Always: { alerts } })]
  for (const path of ['rules', 'alerts']) {
    const { body } = await raw(path, {}, shown)
    expect(body).toBeInstanceOf(Readable)
    const pieces: Buffer[] = []
    for await (const piece of body as Readable) pieces.push(piece as Buffer)
    expect(pieces.length).toBeGreaterThan(100)
    const { data } = JSON.parse(Buffer.concat(pieces).toString())
    const told = path === 'alerts' ? data.alerts : data.groups[0].rules[0].alerts
    expect(told).toHaveLength(100_000)
    expect(told[77_777].labels).toEqual({ host: 'h77777' })
  }
})

test('both are for readers', () => {
  expect(ruleRoutes({ view: async () => [] }).map(each => each.scope)).toEqual(['read', 'read'])
})
