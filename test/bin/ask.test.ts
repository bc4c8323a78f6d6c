import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { deafAddress, serviceThat, world } from './world.ts'

const empty = () => ({ body: { tokens: [] } })
const list = ['token', 'list'] as const

test('finds the service by flag, environment, then configuration', async () => {
  const one = await serviceThat(empty)
  const two = await serviceThat(empty)
  const files = { 'plimsoll.yml': `listen: ${two.address}` }
  await world(files).run(...list)
  expect([one.asked.length, two.asked.length]).toEqual([0, 1])
  await world(files, { env: { PLIMSOLL_URL: one.url } }).run(...list)
  expect([one.asked.length, two.asked.length]).toEqual([1, 1])
  await world(files, { env: { PLIMSOLL_URL: one.url } }).run(...list, '--url', `${two.url}/`)
  expect([one.asked.length, two.asked.length]).toEqual([1, 2])
  expect(two.asked[1]).toMatchObject({ method: 'GET', url: '/api/plimsoll/v1/tokens' })
})

test('who listens on every address is asked on the loopback one', async () => {
  const { address, asked } = await serviceThat(empty)
  await world({ 'plimsoll.yml': `listen: ":${address.split(':')[1]}"` }).run(...list)
  expect(asked).toHaveLength(1)
})

test('finds the token by flag, environment, then in the data folder', async () => {
  const { address, url, asked } = await serviceThat(empty)
  const files = { 'plimsoll.yml': `listen: ${address}`, 'data/token': 'local\n' }
  const env = { PLIMSOLL_TOKEN: 'env' }
  await world(files, { env }).run(...list, '--token', 'flag')
  await world(files, { env }).run(...list)
  await world(files).run(...list)
  await world({ ...files, 'data/token': '' }).run(...list)
  await world(files).run(...list, '--url', url)
  // The local token goes to the local service only.
  await world({ ...files, 'plimsoll.yml': 'listen: :1' }).run(...list, '--url', url)
  const tokens = asked.map(({ authorization }) => authorization)
  expect(tokens).toEqual(['Bearer flag', 'Bearer env', 'Bearer local', undefined, 'Bearer local', undefined])
})

test('a service that does not run is told how to start', async () => {
  const address = await deafAddress()
  const { exit, out, err } = await world({ 'plimsoll.yml': `listen: ${address}` }).run(...list)
  expect([exit, out]).toEqual([1, ''])
  expect(err).toBe(
    `plimsoll token list: nothing listens at http://${address}. Start the service by \`plimsoll up\`, or name another address by --url or PLIMSOLL_URL.\n`,
  )
})

test('a refused token is told where it was looked for', async () => {
  const refuse = (status: number) =>
    serviceThat(() => ({
      status,
      body: { error: { code: 'x', detail: 'wanted the scope admin', means: '', todo: '' } },
    }))
  const { address, url } = await refuse(401)
  const files = { 'plimsoll.yml': `listen: ${address}` }
  const w = world(files)
  expect((await w.run(...list)).err).toBe(
    `plimsoll token list: ${url} wants a token: wanted the scope admin. There was none: looked at --token, PLIMSOLL_TOKEN and ${w.cwd}/data/token. A new start of the service writes a good one into that file.\n`,
  )
  expect((await w.run(...list, '--token', 'bad')).err).toContain('The one found there is not good')
  expect((await w.run(...list, '--token', 'bad')).err).not.toContain('bad:')
  const elsewhere = await refuse(401)
  expect((await w.run(...list, '--url', elsewhere.url)).err).toContain(
    'There was none: looked at --token and PLIMSOLL_TOKEN. `plimsoll token create` on its machine makes one.',
  )
  const forbidden = await refuse(403)
  const { exit, err } = await w.run(...list, '--url', forbidden.url)
  expect([exit, err]).toEqual([
    1,
    expect.stringContaining('the token may not do this: wanted the scope admin'),
  ])
})

test('in a folder that is not that of the service it is said where to ask', async () => {
  const { address, url } = await serviceThat(() => ({ status: 401 }))
  // As if it listened where it does by default.
  const w = world({}, { env: { PLIMSOLL_LISTEN: address } })
  expect((await w.run(...list)).err).toBe(
    `plimsoll token list: ${url} wants a token. There was none: looked at --token, PLIMSOLL_TOKEN and ${w.cwd}/data/token. There is no plimsoll.yml here: ask in the folder of the service, or name its configuration by --config.\n`,
  )
})

test.skipIf(process.getuid?.() === 0)('a token file of somebody else is named as that', async () => {
  const { address, url } = await serviceThat(() => ({ status: 401 }))
  const w = world({ 'plimsoll.yml': `listen: ${address}`, 'data/token': 'theirs' })
  chmodSync(join(w.cwd, 'data/token'), 0)
  expect((await w.run(...list)).err).toBe(
    `plimsoll token list: ${url} wants a token. The one in ${w.cwd}/data/token may be read by the owner of the data folder only: ask as that user, or with a token of your own by --token or PLIMSOLL_TOKEN.\n`,
  )
})

test('an address that cannot be asked says why', async () => {
  const { err } = await world().run(...list, '--url', 'http://127.0.0.1:9', '--token', 't')
  expect(err).toContain('http://127.0.0.1:9 does not answer (bad port).')
})

test('other answers are passed on in their own words', async () => {
  const t = async (body: unknown, said: string) => {
    const { url } = await serviceThat(() => ({ status: 503, body }))
    expect((await world().run(...list, '--url', url)).err).toBe(`plimsoll token list: ${said}\n`)
  }

  await t({ error: { code: 'stopping', detail: 'stopping now' } }, 'stopping now (503)')
  await t({ status: 'error', errorType: 'bad_data', error: 'parse error' }, 'parse error (503)')
  await t({ code: 'x', message: 'influx says no' }, 'influx says no (503)')
  await t('plain words', 'plain words (503)')
  const odd = await serviceThat(() => ({ body: '<html>' }))
  expect((await world().run(...list, '--url', odd.url)).err).toContain(
    'does not answer like Plimsoll: wanted JSON, found <html>',
  )
})

test('a bad configuration ends a command, unless nothing of it is needed', async () => {
  const { url } = await serviceThat(empty)
  const { run } = world({ 'plimsoll.yml': 'lisen: x' })
  const { exit, err } = await run(...list)
  expect([exit, err]).toEqual([1, expect.stringContaining('plimsoll.yml:1:1  lisen: wanted')])
  expect((await run(...list, '--url', url, '--token', 't')).exit).toBe(0)
  const { exit: wrong } = await run(...list, '--url', 'localhost:1876')
  expect(wrong).toBe(2)
})
