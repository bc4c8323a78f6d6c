// The alerter in a process that ends in the middle of a storm: every alert that was acknowledged must be told, and its
// end too; what is told twice must have been on its way when the process ended. Both are counted.
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Running, startService } from '../running.ts'

const rounds = Number(process.env['PLIMSOLL_CRASH_ROUNDS'] ?? 20)
const alertsARound = 500
// As many as delivery has under way to one place.
const inFlightMax = 32
const patienceMs = 30_000

let folder = ''
let server: Server
// By message, and by alert with its status: how often each was heard.
let messages = new Map<string, number>()
let heard = new Map<string, number>()

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-crash-alerter-'))
  messages = new Map()
  heard = new Map()
  server = createServer(async (request, response) => {
    let text = ''
    for await (const part of request.setEncoding('utf8')) text += part
    count(messages, String(request.headers['x-plimsoll-message']))
    const { alerts } = JSON.parse(text) as { alerts: { status: string; labels: { n: string } }[] }
    for (const { status, labels } of alerts) count(heard, `${labels.n} ${status}`)
    response.end()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
})
afterEach(async () => {
  server.closeAllConnections()
  await new Promise(resolve => server.close(resolve))
  rmSync(folder, { recursive: true, force: true })
})

const count = (counts: Map<string, number>, key: string): void =>
  void counts.set(key, (counts.get(key) ?? 0) + 1)

// Until it is acknowledged.
async function post(service: () => Running | undefined, body: string): Promise<void> {
  for (;;) {
    const running = service()
    const answer = await fetch(`${running?.origin}/api/v2/alerts`, {
      method: 'POST',
      body,
      headers: { authorization: `Bearer ${running?.token}`, 'content-type': 'application/json' },
    }).catch(() => undefined)
    if (answer?.status === 200) return
    await sleep(20)
  }
}

test(`kill -9 in a storm, ${rounds} times: every alert is told, and its end; twice only what was on its way`, async () => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const settings = `packs: []
channels: {ops: {webhook: {url: "${url}"}}}
alertmanager: {route: {receiver: ops, group_by: [n], group_wait: 0s, group_interval: 1s}}
`
  let service: Running | undefined
  const posting: Promise<void>[] = []
  const wanted: string[] = []
  const began = new Date().toISOString()
  for (let round = 0; round < rounds; round++) {
    service = await startService(folder, settings)
    const labels = Array.from({ length: alertsARound }, (_, at) => ({
      alertname: 'Crash',
      n: `${round}-${at}`,
    }))
    wanted.push(...labels.map(({ n }) => n))
    const firing = labels.map(each => ({ labels: each, startsAt: began }))
    posting.push(
      post(() => service, JSON.stringify(firing)).then(() => {
        const endsAt = new Date().toISOString()
        return post(() => service, JSON.stringify(firing.map(each => ({ ...each, endsAt }))))
      }),
    )
    await sleep(50 + Math.random() * 700)
    expect(await service.kill('SIGKILL')).toBe('SIGKILL')
  }
  service = await startService(folder, settings)
  await Promise.all(posting)
  const lost = (): string[] =>
    wanted.flatMap(n => [`${n} firing`, `${n} resolved`]).filter(each => !heard.has(each))
  // One that ended before it was told may be told as both in one message, which says `resolved`.
  const isLost = (each: string): boolean => each.endsWith('resolved')
  const untilMs = Date.now() + patienceMs
  while (lost().some(isLost) && Date.now() < untilMs) await sleep(100)
  const repeats = (counts: Map<string, number>): number =>
    [...counts.values()].reduce((sum, each) => sum + each - 1, 0)
  const again = repeats(messages)
  const brief = lost().filter(each => !isLost(each)).length
  console.log(
    `killed ${rounds} times: ${wanted.length} alerts acknowledged with their ends, ${lost().filter(isLost).length} lost; ` +
      `${brief} told as begun and ended at once; ${again} of ${messages.size} messages sent again`,
  )
  expect(lost().filter(isLost)).toEqual([])
  expect(again).toBeLessThanOrEqual(rounds * inFlightMax)
  expect(repeats(heard)).toBe(again)
  expect(await service.kill('SIGTERM'), service.output()).toBe(0)
})
