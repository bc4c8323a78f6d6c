// Processes that end in the middle of writing. Whatever was acknowledged must be there afterwards; it is counted.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startService } from '../running.ts'
import { missing, Sender } from './acknowledged.ts'

const rounds = Number(process.env['PLIMSOLL_CRASH_ROUNDS'] ?? 50)
// So little that segments are written and merged several times a second.
const settings = 'store: {memory: 32MB}\n'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-crash-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const senders = (): Sender[] => ['a', 'b', 'c', 'd'].map(name => new Sender(name))

test(`kill -9 while samples come in, ${rounds} times at random moments: nothing acknowledged is lost`, async () => {
  const all = senders()
  let segments = 0
  for (let round = 0; round < rounds; round++) {
    const service = await startService(folder, settings)
    const stop = new AbortController()
    const writing = all.map(sender => sender.writeTo(service, stop.signal))
    await sleep(100 + Math.random() * 1_400)
    expect(await service.kill('SIGKILL')).toBe('SIGKILL')
    stop.abort()
    await Promise.all(writing)
    if (round % 10 !== 9 && round !== rounds - 1) continue
    // Before the count, which writes some itself.
    segments += readdirSync(join(folder, 'data/store/segments')).length
    const lost = await missing(all, join(folder, 'data/store'))
    const count = all.reduce((sum, sender) => sum + sender.count, 0)
    console.log(
      `killed ${round + 1} times: ${count} samples acknowledged, ${lost} lost; ${segments} segments`,
    )
    expect(lost).toBe(0)
  }
  expect(Math.min(...all.map(sender => sender.count))).toBeGreaterThan(0)
  // Without any, no kill met a flush.
  if (rounds >= 10) expect(segments).toBeGreaterThan(0)
})

test('SIGTERM under load: exit 0, and everything acknowledged is there', async () => {
  const all = senders()
  for (let round = 0; round < 5; round++) {
    const service = await startService(folder, settings)
    const writing = all.map(sender => sender.writeTo(service, new AbortController().signal))
    await sleep(700)
    expect(await service.kill('SIGTERM'), service.output()).toBe(0)
    await Promise.all(writing)
  }
  expect(await missing(all, join(folder, 'data/store'))).toBe(0)
  expect(Math.min(...all.map(sender => sender.count))).toBeGreaterThan(0)
})
