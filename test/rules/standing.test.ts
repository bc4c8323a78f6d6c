// The standings in SQLite, and that who has them answers as the engine does that evaluates the rules.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Call } from '#core/http/route.ts'
import { openSqliteState } from '#core/state/sqlite.ts'
import { ruleRoutes } from '../../rules/rule-routes.ts'
import { openStandings } from '../../rules/standing.ts'
import type { ViewGroups } from '../../rules/view.ts'
import { World } from './engine/world.ts'
import { standingContract } from './standing.contract.ts'

standingContract('SQLite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-standing-'))
  const state = await openSqliteState({ file: join(folder, 'state.db') })
  const dispose = async (): Promise<void> => {
    await state.close()
    rmSync(folder, { recursive: true })
  }
  return { state, other: state, dispose }
})

const rules = `groups:
- name: g
  labels: {team: core}
  rules:
  - {alert: Hot, expr: heat > 90, labels: {severity: 'sev-{{ $value }}'}, annotations: {summary: '{{ $labels.host }}'}}
  - {alert: Slow, expr: heat > 50, for: 1m, keep_firing_for: 5m}
  - {record: 'heat:max', expr: max(heat)}
  - {alert: Two, expr: heat, labels: {host: x}}
- name: timed
  interval: 10s
  limit: 7
  rules: [{alert: Cold, expr: heat < 10}]
`

async function answers(view: ViewGroups): Promise<unknown[]> {
  const call = { query: { 'match[]': [], 'rule_name[]': [], 'rule_group[]': [], 'file[]': [] } }
  const signal = new AbortController().signal
  const all = ruleRoutes({ view }).map(each => each.handle({ ...call, signal } as unknown as Call))
  // Who was seen first comes first in the one, who is first in the state in the other.
  const inOrder = (_: string, value: unknown) =>
    Array.isArray(value) ? value.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : value
  return (await Promise.all(all)).map(({ body }) => JSON.parse(body as string, inOrder))
}

test('who has only the state answers as the engine that evaluates', async () => {
  const world = new World()
  const engine = await world.start(rules)
  await world.send(['heat', { host: 'a' }, 95], ['heat', { host: 'b' }, 5], ['heat', { host: 'c' }, 55])
  await world.runFor(70_000)
  await world.send(['heat', { host: 'a' }, 20])
  await world.runFor(11_000)
  const view = await engine.view()
  await openStandings(world).put('one', view)
  expect(await answers(openStandings(world).read)).toEqual(await answers(async () => view))
  // There is something to compare.
  const states = view.flatMap(each => each.rules.map(({ health, alerts }) => `${health} ${alerts.size}`))
  expect(states).toEqual(['ok 0', 'ok 2', 'ok 0', 'err 0', 'ok 1'])
  await world.close()
})
