import { expect, test } from 'vitest'
import { world } from './world.ts'

test('a good configuration is one line that says what would run', async () => {
  const { run, cwd } = world({
    'plimsoll.yml':
      'listen: :9\ndata: d\nstore: {keep: 30d}\nagent: {interval: 5s}\ninputs: {cpu: false, self: false}',
  })
  const { exit, out, err } = await run('check')
  expect([exit, err]).toEqual([0, ''])
  expect(out).toMatch(
    `plimsoll.yml is fine: listens on 0.0.0.0:9, keeps 30d of data in ${cwd}/d, watches this machine every 5s (`,
  )
  expect(out).toMatch(/\(disk, diskio, .*\)\.\n$/)
  expect(out).not.toMatch(/cpu|self/)
})

test('without a file the defaults are fine', async () => {
  const { exit, out } = await world().run('check')
  expect([exit, out]).toEqual([
    0,
    expect.stringContaining('There is no plimsoll.yml, which is fine: listens on 127.0.0.1:1876'),
  ])
  const silent = await world({ 'a.yml': 'agent: {enabled: false}\nauth: {anonymous: [read, write]}' }).run(
    'check',
    'a.yml',
  )
  expect(silent.out).toContain('listens on 127.0.0.1:1876, is open to everyone for read and write, keeps')
  expect(silent.out).toContain('does not watch this machine.')
})

test('every problem is shown, counted, and makes exit 1', async () => {
  const { run } = world({ 'plimsoll.yml': 'lisen: x\ninputs:\n  cpu: {intervall: 1s}\n' })
  const { exit, out } = await run('check')
  expect(exit).toBe(1)
  expect(out).toContain('plimsoll.yml:1:1  lisen: wanted')
  expect(out).toContain(`plimsoll.yml:3:9  inputs.cpu.intervall: wanted`)
  expect(out).toMatch(/did you mean listen\?[\s\S]*did you mean interval\?[\s\S]*\n2 problems\.\n$/)
})

test('the file is the word, the flag, or the environment', async () => {
  const files = { 'a.yml': 'listen: a', 'b.yml': 'listen: b', 'c.yml': 'listen: c' }
  const { run } = world(files, { env: { PLIMSOLL_CONFIG: 'c.yml' } })
  expect((await run('check', 'a.yml', '--config', 'b.yml')).out).toContain('a.yml:1:9')
  expect((await run('check', '--config', 'b.yml')).out).toContain('b.yml:1:9')
  expect((await run('check')).out).toContain('c.yml:1:9')
  expect((await run('check', 'nix.yml')).out).toContain('nix.yml  wanted a readable file, found no such file')
})

test('JSON for programs', async () => {
  const { run } = world({ 'good.yml': '', 'bad.yml': 'listen: 5' })
  const good = await run('check', 'good.yml', '--json')
  expect([good.exit, JSON.parse(good.out)]).toEqual([0, { ok: true, file: 'good.yml', problems: [] }])
  const bad = await run('check', 'bad.yml', '--json')
  expect(bad.exit).toBe(1)
  expect(JSON.parse(bad.out)).toMatchObject({
    ok: false,
    problems: [{ file: 'bad.yml', line: 1, column: 9, path: 'listen', found: '5' }],
  })
})
