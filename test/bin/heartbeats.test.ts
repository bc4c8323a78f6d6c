import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import type { HeartbeatLine } from '../../alerter/api/heartbeat-routes.ts'
import { nowMs, world } from './world.ts'

const lineOf = (name: string, more: Partial<HeartbeatLine> = {}): HeartbeatLine => ({
  ...{ name, state: 'well', lastAtMs: nowMs - 60_000, dueAtMs: nowMs + 4_200_000 },
  ...{ everyMs: 3_600_000, graceMs: 600_000, failed: null },
  ...more,
})

async function shown(heartbeats: readonly HeartbeatLine[], ...flags: readonly string[]) {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ heartbeats }))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const ran = await world({}).run('heartbeats', ...flags, '--url', url)
  server.closeAllConnections()
  await new Promise(resolve => server.close(resolve))
  return ran
}

test('those in trouble stand on top, and the exit code says that there are some', async () => {
  const failed = { atMs: nowMs, text: 'no space left\non db-1' }
  const { out, exit } = await shown([
    lineOf('a'),
    lineOf('b', { state: 'missing', lastAtMs: null, dueAtMs: nowMs - 60_000 }),
    lineOf('c', { state: 'failed', failed }),
  ])
  expect(exit).toBe(1)
  expect(out.split('\n').map(line => line.replaceAll(/ {2,}/g, '|'))).toEqual([
    'state|heartbeat|every|grace|last (Asia/Shanghai)|missing from (Asia/Shanghai)|it says',
    'failed|c|1h|10m|2026-11-20 11:59:00|2026-11-20 13:10:00|no space left',
    'missing|b|1h|10m|never|2026-11-20 11:59:00',
    'well|a|1h|10m|2026-11-20 11:59:00|2026-11-20 13:10:00',
    '',
  ])
})

test('all is well, nothing is configured, and JSON', async () => {
  expect((await shown([lineOf('a')])).exit).toBe(0)
  expect(await shown([])).toMatchObject({ exit: 0, out: '', err: expect.stringContaining('Nobody must') })
  const { out } = await shown([lineOf('a')], '--json')
  expect(JSON.parse(out)).toEqual({ heartbeats: [lineOf('a')] })
})
