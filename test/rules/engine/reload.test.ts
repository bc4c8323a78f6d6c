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
