// `plimsoll alertmanager` as far as it needs no process of its own; the rest is test/live/alertmanager.test.ts.
import { expect, test } from 'vitest'
import { parse } from '../../bin/parse.ts'
import { world } from './world.ts'

test('its words are its own: what they mean is not for the other commands to say', () => {
  const asked = parse(['alertmanager', '--version', '--web.listen-address=:1', '--web.listen-address=:2'])
  expect(asked).toMatchObject({
    do: 'run',
    call: { args: ['--version', '--web.listen-address=:1', '--web.listen-address=:2'] },
  })
  // And its flags are nobody else's.
  expect(parse(['up', '--web.listen-address=:1'])).toMatchObject({ do: 'wrong' })
})

test('help, version and wrong flags end it at once', async () => {
  const w = world()
  const help = await w.run('alertmanager', '--help')
  expect(help).toMatchObject({ exit: 0, err: '' })
  expect(help.out).toContain('--config.file FILE')
  expect(await w.run('help', 'alertmanager')).toEqual(help)
  const version = await w.run('alertmanager', '--version')
  expect(version).toMatchObject({
    exit: 0,
    out: expect.stringMatching(/^plimsoll \d.*alertmanager 0\.31\n$/),
  })
  const wrong = await w.run('alertmanager', '--config.fil=x')
  expect(wrong).toMatchObject({ exit: 2, out: '' })
  expect(wrong.err).toContain('did you mean --config.file?')
})

test('a door is not left open because a flag was not understood', async () => {
  const w = world({ 'web.yml': 'basic_auth_users: {ann: x}' })
  const { exit, err } = await w.run('alertmanager', '--web.config.file=web.yml')
  expect([exit, err]).toEqual([1, expect.stringContaining('Without them everything would be open')])
})
