import { expect, test } from 'vitest'
import { serviceThat, world } from './world.ts'

const alerting = (name: string, more: object = {}) => ({
  type: 'alerting',
  name,
  health: 'ok',
  evaluationTime: 0.0123,
  active: { firing: 0, pending: 0 },
  ...more,
})
const host = {
  name: 'host',
  file: 'packs/host.yml',
  rules: [
    alerting('DiskFull', { active: { firing: 2, pending: 1 } }),
    alerting('Calm', { evaluationTime: 0.0000042 }),
    { type: 'recording', name: 'a:b', health: 'ok', evaluationTime: 2.5 },
  ],
}
const mine = {
  name: 'mine',
  file: 'r.yml',
  rules: [
    alerting('Broken', { health: 'err', lastError: 'two results\nwould be one' }),
    alerting('New', { health: 'unknown', evaluationTime: 0 }),
  ],
}
const saying = (...groups: unknown[]) =>
  serviceThat(() => ({ body: { status: 'success', data: { groups } } }))

test('a table of rules; one that fails makes exit 1', async () => {
  const { url, asked } = await saying(host, mine)
  const { exit, out, err } = await world().run('rules', '--url', url)
  expect([exit, err]).toEqual([1, ''])
  // Alerts themselves are not asked for.
  expect(asked[0]?.url).toBe('/api/v1/rules?exclude_alerts=true')
  expect(out).toBe(`5 rules, 1 failing
group  rule      health   active                  took  last error
host   DiskFull  ok       2 firing, 1 pending  12.3 ms
host   Calm      ok       -                     4.2 µs
host   a:b       ok       records               2.50 s
mine   Broken    err      -                    12.3 ms  two results would be one
mine   New       unknown  -
`)
})

test('groups and rules may be named, and must be there', async () => {
  const { url } = await saying(host, mine)
  const t = async (names: readonly string[], rules: readonly string[]) => {
    const { exit, out } = await world().run('rules', ...names, '--json', '--url', url)
    const { groups } = JSON.parse(out) as { groups: { rules: { name: string }[] }[] }
    expect(groups.flatMap(each => each.rules.map(({ name }) => name))).toEqual(rules)
    expect(exit).toBe(rules.includes('Broken') ? 1 : 0)
  }
  await t(['host'], ['DiskFull', 'Calm', 'a:b'])
  await t(['New', 'Calm'], ['Calm', 'New'])
  await t(['mine', 'Calm'], ['Calm', 'Broken', 'New'])
  const stray = await world().run('rules', 'Claim', '--url', url)
  expect([stray.exit, stray.err]).toEqual([1, 'plimsoll rules: there is no group and no rule Claim\n'])
})

test('without rules, it says how to have some', async () => {
  const { url } = await saying()
  const { exit, out, err } = await world().run('rules', '--url', url)
  expect([exit, out]).toEqual([0, ''])
  expect(err).toContain('`rules:` in the configuration')
})
