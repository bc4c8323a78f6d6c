// `plimsoll alertmanager` as far as it needs no process of its own; the rest is test/live/alertmanager.test.ts.
import { expect, test } from 'vitest'
import { Failure } from '#core/errors.ts'
import { type StandardOptions, standardRoutes } from '#core/http/standard.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
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

test('probes and reloads answer as Alertmanager does, and only here', async () => {
  let reload = async (): Promise<readonly string[]> => []
  const own = openOwnMetrics()
  const t = async (path: string, reloadScope: StandardOptions['reloadScope'] = 'operate') => {
    const given = { own, checks: {}, reload: () => reload(), reloadScope, version: '1', routes: [] }
    const found = standardRoutes(given).find(each => each.path === path)
    return found?.handle({} as Parameters<typeof found.handle>[0])
  }

  expect(await t('/-/healthy')).toEqual({ body: 'OK' })
  expect(await t('/-/ready')).toEqual({ body: 'OK' })
  expect(await t('/-/healthy', 'admin')).toEqual({ body: 'healthy\n' })
  expect(await t('/-/ready', 'admin')).toEqual({ body: 'ready\n' })
  reload = async () => {
    throw new Failure('bad_config', 'a.yml:1:1: no route')
  }
  expect(await t('/-/reload')).toEqual({
    status: 500,
    body: 'failed to reload config: a.yml:1:1: no route\n',
  })
  await expect(t('/-/reload', 'admin')).rejects.toThrow(Failure)
})
