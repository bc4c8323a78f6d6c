// A reload soon after a start, which came long after the last sample: what was waited for is waited for all the same.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { World } from './world.ts'

const group = (...rules: readonly string[]): string =>
  `groups:\n- name: g\n  rules:\n${rules.map(each => `  - ${each}\n`).join('')}`
const both = group('{alert: Fir, expr: q > 0}', '{alert: FirSum, expr: sum(q) > 0}')
const a = { host: 'a' }

let world: World
beforeEach(() => {
  world = new World()
})
afterEach(() => world.close())

// Both fire, and nobody listens for ten minutes.
async function restarted(rules: string, value = 1) {
  const before = await world.start(rules)
  await world.send(['q', a, value])
  await world.runFor(2_000)
  await before.close()
  await world.runFor(600_000)
  return world.start(rules)
}
const told = (): string[] => world.said().map(each => each.replace(/^\S+ /, ''))
const firing = ['firing Fir host=a', 'firing FirSum']

test('a reload soon after a start ends nothing whose data have not come back', async () => {
  const engine = await restarted(both)
  await world.runFor(10_000)
  await engine.reload(world.settings(both))
  await world.runFor(10_000)
  await engine.reload(world.settings(both))
  await world.runFor(10_000)
  await world.send(['q', a, 1])
  await world.runFor(2_000)
  expect(told()).toEqual(firing)
  await world.send(['q', a, 0])
  await world.runFor(2_000)
  expect(told().slice(2)).toEqual(['resolved Fir host=a', 'resolved FirSum'])
})

test('nor does it wait for longer than without one', async () => {
  const engine = await restarted(both)
  const startS = 602
  await world.runFor(30_000)
  await engine.reload(world.settings(both))
  await world.runFor(400_000)
  const ends = world.said().slice(2)
  expect(ends).toHaveLength(2)
  expect(ends[0]).toMatch(new RegExp(`^\\+${startS + 60}(\\.\\d+)?s resolved FirSum`))
  expect(ends[1]).toMatch(new RegExp(`^\\+${startS + 300}(\\.\\d+)?s resolved Fir host=a \\(stale\\)$`))
})

test('what a reload makes of rules whose data are back is told at once', async () => {
  const engine = await restarted(both, 5)
  await world.send(['q', a, 5])
  await world.runFor(5_000)
  await engine.reload(world.settings(both.replaceAll('> 0', '> 7')))
  await world.runFor(2_000)
  expect(told().slice(2)).toEqual(['resolved Fir host=a', 'resolved FirSum'])
})

test('labels that a reload changes are another alert at once', async () => {
  const engine = await restarted(group('{alert: Fir, expr: q > 0}'))
  await world.send(['q', a, 1])
  await world.runFor(5_000)
  await engine.reload(world.settings(group(`{alert: Fir, expr: 'label_replace(q, "to", "us", "", "") > 0'}`)))
  await world.runFor(2_000)
  expect(told().slice(1).sort()).toEqual(['firing Fir host=a to=us', 'resolved Fir host=a'])
})

test('after the patience of a start a reload has none', async () => {
  const engine = await restarted(both, 5)
  await world.runFor(250_000)
  await world.send(['q', a, 5])
  await world.runFor(100_000)
  const before = world.seen.length
  await engine.reload(world.settings(both.replaceAll('q > 0', 'x > 0')))
  await world.runFor(2_000)
  expect(
    told()
      .slice(before)
      .some(each => each.startsWith('resolved Fir host=a')),
  ).toBe(true)
})

test('a reload does not make half of what is needed whole', async () => {
  const text = group('{alert: Fir, expr: "rate(q[1m]) > 0"}', '{alert: Full, expr: q / on (host) r > 0}')
  const before = await world.start(text)
  const send = async (...values: readonly number[]): Promise<void> => {
    for (const value of values) {
      await world.send(['q', a, value], ['r', a, 1])
      await world.runFor(2_000)
    }
  }
  await send(1, 2, 3)
  await before.close()
  await world.runFor(600_000)
  const engine = await world.start(text)
  await world.send(['q', a, 5])
  await world.runFor(2_000)
  await engine.reload(world.settings(text))
  await world.runFor(2_000)
  await send(6, 7)
  expect(told().sort()).toEqual(['firing Fir host=a', 'firing Full host=a'])
})

// Each five seconds.
async function keep(seconds: number, value = 1): Promise<void> {
  for (let at = 0; at < seconds; at += 5) {
    await world.send(['q', a, value], ['q', { host: 'b' }, value])
    await world.runFor(5_000)
  }
}

test('what rules with times of their own have recorded is there until their next time', async () => {
  const reads = '- name: g\n  rules:\n  - {alert: Fir, expr: r > 0}\n'
  const onArrival = `groups:\n- name: rec\n  rules:\n  - {record: r, expr: sum(q)}\n${reads}`
  const timed = onArrival.replace('name: rec', 'name: rec\n  interval: 1m')
  const far = onArrival.replace('sum(q)', '"sum(max_over_time(q[2h]))"')
  const engine = await world.start(onArrival)
  await keep(70)
  for (const text of [timed, timed, timed, far, far, timed, onArrival]) {
    await engine.reload(world.settings(text))
    await keep(17)
  }
  expect(told()).toEqual(['firing Fir'])
  // And no longer: what is not found then has ended.
  await engine.reload(world.settings(timed))
  await engine.reload(world.settings(timed.replace('sum(q)', 'sum(q) > 15')))
  await keep(70)
  expect(told()).toEqual(['firing Fir', 'resolved Fir (stale)'])
  await keep(60, 9)
  await engine.reload(world.settings(`groups:\n${reads}`))
  await world.runFor(1_000)
  expect(told().slice(2)).toEqual(['firing Fir', 'resolved Fir (stale)'])
})

test('what a rule has recorded that fails since a reload ends with the lookback', async () => {
  const text = (expr: string): string =>
    `groups:\n- name: rec\n  interval: 1m\n  rules:\n  - {record: r, expr: "${expr}"}
- name: g\n  rules:\n  - {alert: Fir, expr: r > 0}\n`
  const engine = await world.start(text('sum(q)'))
  await keep(70)
  await engine.reload(world.settings(text('q * on () q')))
  await keep(200)
  expect((await engine.view())[0]!.rules[0]).toMatchObject({ health: 'err' })
  expect(told()).toEqual(['firing Fir'])
  await keep(200)
  expect(told()).toEqual(['firing Fir', 'resolved Fir (stale)'])
})

test('a rule on arrival sees at once what one over the store records', async () => {
  const record = '{record: r, expr: "count_over_time(q[2h])"}'
  const engine = await world.start(group(record, '{alert: Fir, expr: r > 1}'))
  await world.send(['q', a, 1])
  await world.runFor(1_000)
  await world.send(['q', a, 1])
  await world.runFor(200_000)
  expect(told()).toEqual(['firing Fir host=a'])
  const recordedMs = (await engine.view())[0]!.rules[0]!.evaluatedAtMs!
  expect((recordedMs - world.seen[0]!.atMs) % 60_000).toBe(0)
})
