import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { realClock } from '#core/clock.ts'
import { StoreThread } from '#core/store/embedded/thread.ts'

test('a thread that was asked to close and has ended by itself is closed, and no fault', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const thread = new StoreThread({ folder, keepMs: 1_000, recentBytes: 1_000_000, flushMs: 1_000 }, realClock)
  await thread.opened
  await thread.ask('close', undefined)
  while (thread.ended === undefined) await setImmediate()
  await expect(thread.ask('size', undefined)).rejects.toThrow('the store is closed')
})

test('a data folder that went away is a disk that fails, and no bug', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-test-'))
  const options = { folder, keepMs: 1_000, recentBytes: 1_000_000, flushMs: 1_000 }
  const thread = new StoreThread(options, realClock)
  await thread.opened
  rmSync(folder, { recursive: true })
  const backup = thread.ask('backup', { into: join(folder, 'backup') })
  await expect(backup).rejects.toMatchObject({
    code: 'store_failing',
    detail: expect.stringContaining('ENOENT'),
  })
  await thread.ask('close', undefined).catch(() => {})
})
