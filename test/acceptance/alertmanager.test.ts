// The alerter by itself in Alertmanager's place, in the test's own process: from flags to a message, and a reload that is
// refused. Beside the real one it stands in test/live/alertmanager.test.ts.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text as textOf } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { realClock } from '#core/clock.ts'
import { openConfig } from '#core/config/open.ts'
import type { Config } from '#core/config.ts'
import { openLog } from '#core/log.ts'
import { alertmanagerFlags } from '../../bin/alertmanager-flags.ts'
import { readKingpin } from '../../bin/kingpin.ts'
import { openReloads } from '../../bin/reloads.ts'
import { roomSchemas } from '../../bin/room-schemas.ts'
import { liveOf } from '../../bin/serve.ts'
import { standInOf } from '../../bin/stand-in.ts'
import { startService } from '../../bin/start.ts'

async function standIn(file: string, ...words: string[]) {
  const cwd = mkdtempSync(join(tmpdir(), 'plimsoll-stand-in-'))
  const write = (text: string): void => writeFileSync(join(cwd, 'alertmanager.yml'), text)
  write(file)
  const given = readKingpin(['--web.listen-address=127.0.0.1:0', ...words], alertmanagerFlags)
  const { tree } = standInOf(given, { hostname: 'box', cwd })
  const live = liveOf(openConfig({ env: {}, cwd, tree, rooms: roomSchemas }))
  const followers: ((config: Config) => Promise<void>)[] = []
  const reloads = openReloads(realClock, async () => {
    for (const follow of followers) await follow(live.current())
    return []
  })
  const service = await startService({
    config: live.current(),
    roles: new Set(['alerter']),
    clock: realClock,
    log: openLog({ write: () => {} }),
    reload: reloads.run,
    lastReload: reloads.last,
    reloadScope: 'operate',
    onAgentChange: () => {},
    onReload: follow => void followers.push(follow),
  })
  const text = async (path: string): Promise<string> => (await fetch(service.origin + path)).text()
  const post = (path: string, body?: object): Promise<Response> =>
    fetch(service.origin + path, { method: 'POST', ...(body && { body: JSON.stringify(body) }) })
  return {
    ...{ write, text, post, service, cwd },
    async [Symbol.asyncDispose]() {
      await service[Symbol.asyncDispose]()
      rmSync(cwd, { recursive: true })
    },
  }
}

test('from flags to a message, without a token and without a store', async () => {
  const heard: { externalURL: string; receiver: string }[] = []
  const hook = createServer(async (asked, answer) => {
    heard.push(JSON.parse(await textOf(asked)))
    answer.end()
  })
  await new Promise<void>(resolve => hook.listen(0, '127.0.0.1', resolve))
  const { port } = hook.address() as AddressInfo
  const file = (receiver: string) =>
    `{route: {receiver: ${receiver}, group_wait: 1ms}, receivers: [{name: ${receiver}, webhook_configs: [{url: "http://127.0.0.1:${port}/"}]}]}`
  await using w = await standIn(file('ops'), '--web.external-url=https://x.example/am/')
  expect(w.service.origin).toMatch(/\/am$/)
  expect(w.service.welcome).toBeUndefined()
  expect((await w.post('/api/v2/alerts', [{ labels: { alertname: 'Down' } }])).status).toBe(200)
  await expect.poll(() => heard).toHaveLength(1)
  expect(heard).toMatchObject([{ externalURL: 'https://x.example/am', receiver: 'ops' }])
  expect(await w.text('/')).toMatch(/Firing: 1.*Down.*<a href="\/am\/i\/1">/s)
  expect(await w.text('/metrics')).toMatch(/^alertmanager_config_last_reload_successful 1$/m)
  expect([
    existsSync(join(w.cwd, 'data/plimsoll/state.sqlite')),
    existsSync(join(w.cwd, 'data/plimsoll/store')),
  ]).toEqual([true, false])

  // A bad file is refused, and the number says so until a good one came.
  w.write('{route: {receiver: missing}, receivers: []}')
  expect((await w.post('/-/reload')).status).toBe(500)
  expect(await w.text('/api/v2/receivers')).toBe('[{"name":"ops"}]')
  expect(await w.text('/metrics')).toMatch(/^alertmanager_config_last_reload_successful 0$/m)
  w.write(file('others'))
  expect((await w.post('/-/reload')).status).toBe(200)
  expect(await w.text('/api/v2/receivers')).toBe('[{"name":"others"}]')
  expect(await w.text('/metrics')).toMatch(/^alertmanager_config_last_reload_successful 1$/m)
  // Who is told of it now hears of it.
  await expect.poll(() => heard.map(({ receiver }) => receiver)).toEqual(['ops', 'others'])

  // What Alertmanager has not is for whoever can read the data folder.
  const admin = async (path: string, body: object) =>
    (
      await fetch(`${w.service.origin}/api/plimsoll/v1/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
    ).status
  expect(await admin('tokens', { name: 'stranger', scopes: ['admin'] })).toBe(401)
  expect(await admin('backup', { folder: join(w.cwd, 'copy') })).toBe(401)
  expect(existsSync(join(w.cwd, 'copy'))).toBe(false)
  hook.close()
})
