// A disk that fills up while samples come in, is then really full, and has space again later. On a small file system of its own, which
// only the superuser can mount; elsewhere the test says that it did not run.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Engine } from '#core/store/embedded/engine.ts'
import type { Append, Definition } from '#core/store/embedded/journal.ts'
import { type Running, startService } from '../running.ts'
import { missing, Sender } from './acknowledged.ts'

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-full-'))
const disk = join(folder, 'data')
let service: Running | undefined
const canMount = process.platform === 'linux' && process.getuid?.() === 0

beforeAll(() => {
  mkdirSync(disk)
  if (canMount) execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=48m', 'tmpfs', disk])
})
afterAll(async () => {
  await service?.kill('SIGKILL')
  if (canMount) execFileSync('umount', [disk])
  rmSync(folder, { recursive: true, force: true })
})

const storm = Array.from({ length: 500 }, (_, nth) => ({
  labels: { alertname: 'Told', nth: String(nth) },
  annotations: { summary: 'x'.repeat(1_000) },
}))

test.skipIf(!canMount)(
  'a full disk: writes answer 503, reads go on, and it recovers when space returns',
  async () => {
    service = await startService(folder, 'store: {memory: 32MB}\nauth: {anonymous: [read]}\n')
    const { origin } = service
    const sender = new Sender('a')
    const writeFor = async (ms: number): Promise<void> => {
      const stop = new AbortController()
      const writing = sender.writeTo(service!, stop.signal)
      await sleep(ms)
      stop.abort()
      await writing
    }
    const query = (): Promise<number> =>
      fetch(`${origin}/api/v1/query?query=crash&time=${Date.now() / 1_000}`).then(answer => answer.status)

    await writeFor(500)
    expect(sender.refused).toBe(0)

    const ballast = join(disk, 'ballast')
    const leave = (bytes: number): void => {
      const { bavail, bsize } = statfsSync(disk)
      writeFileSync(ballast, Buffer.alloc(Math.max(0, bavail * bsize - bytes)), { flag: 'a' })
    }
    // A twentieth of it is for alerts.
    leave(3_000_000)
    while (sender.refused === 0) await writeFor(100)
    const told = await fetch(`${origin}/api/v2/alerts`, {
      method: 'POST',
      headers: { authorization: `Bearer ${service.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(storm),
    })
    expect(told.status, await told.text()).toBe(200)

    // Who can be told is ready.
    expect((await fetch(`${origin}/-/ready`)).status).toBe(200)

    leave(0)
    const before = sender.count
    expect(await sender.writeOnce(service)).toBe(503)
    expect(await query()).toBe(200)

    rmSync(ballast)
    await writeFor(500)
    expect(sender.count).toBeGreaterThan(before)
    expect((await fetch(`${origin}/-/ready`)).status).toBe(200)

    expect(await service.kill('SIGTERM'), service.output()).toBe(0)
    const lost = await missing([sender], join(disk, 'store'))
    console.log(`a disk that was full: ${sender.count} samples acknowledged, ${lost} lost`)
    expect(lost).toBe(0)
  },
)

test.skipIf(!canMount)(
  'on a nearly full disk files wait to be merged, and what is left stays free',
  async () => {
    const store = join(disk, 'merged')
    mkdirSync(store)
    const nowMs = Date.UTC(2026, 10, 21, 12)
    const engine = new Engine(
      { folder: store, keepMs: 86_400_000, recentBytes: 1e9, flushMs: 900_000 },
      () => {},
      nowMs,
    )
    for (let file = 0; file < 8; file++) {
      engine.append(noise(nowMs + file), nowMs)
      await engine.flush(nowMs)
    }
    const { bavail, bsize } = statfsSync(disk)
    const ballast = join(disk, 'beside')
    writeFileSync(ballast, Buffer.alloc(bavail * bsize - 3_000_000))
    expect(await engine.mergeIfDue(nowMs)).toBe(false)
    await expect(engine.compact(nowMs)).rejects.toMatchObject({ code: 'store_nearly_full' })
    rmSync(ballast)
    expect(await engine.mergeIfDue(nowMs)).toBe(true)
    expect(engine.size().segments).toBe(1)
    await engine.close(nowMs)
  },
)

// Samples that nothing makes smaller, of as many series.
function noise(tMs: number): Append {
  const count = 20_000
  const rows = {
    series: Uint32Array.from({ length: count }, (_, id) => id),
    tMs: new Float64Array(count).fill(tMs),
    values: Float64Array.from({ length: count }, Math.random),
  }
  const definitions = Array.from(rows.series, (id): Definition => [id, 'm', { i: String(id) }])
  return { rows, definitions, notes: [] }
}
