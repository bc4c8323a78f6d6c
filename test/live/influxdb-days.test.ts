// Bad days of an InfluxDB that is under load: killed and back, paused, away. Every sample that was acknowledged is
// there afterwards, once.
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Batch, noRows } from '#core/batch.ts'
import { Failure } from '#core/errors.ts'
import type { Store } from '#core/store.ts'
import { type InfluxdbPlace, influxdbPlace } from './influxdb-place.ts'

let influxdb: InfluxdbPlace
beforeAll(async () => {
  influxdb = await influxdbPlace()
})
afterAll(() => influxdb.end())

const nowMs = Date.UTC(2026, 10, 20, 12)
const always = { fromMs: nowMs - 86_400_000, toMs: nowMs + 86_400_000 }
const perBatch = 50

const batchOf = (sender: number, turn: number): Batch => ({
  receivedAtMs: nowMs,
  partition: sender,
  rows: noRows,
  notes: [],
  text: Buffer.from(
    Array.from(
      { length: perBatch },
      (_, at) => `day,sender=${sender} value=${turn} ${nowMs + turn * perBatch + at}\n`,
    ).join(''),
  ),
})

// Senders with one batch each under way, which is repeated until it is stored, as the bus does.
function sendUntil(store: Store, isOver: () => boolean) {
  const acknowledged = [0, 0, 0, 0, 0, 0, 0, 0]
  const failures: Failure[] = []
  const send = async (sender: number): Promise<void> => {
    for (let turn = 0; !isOver(); ) {
      try {
        await store.append([batchOf(sender, turn)])
        acknowledged[sender] = ++turn
      } catch (error) {
        if (!(error instanceof Failure)) throw error
        failures.push(error)
        await sleep(50)
      }
    }
  }
  const ended = Promise.all(acknowledged.map((_, sender) => send(sender)))
  const total = (): number => acknowledged.reduce((sum, each) => sum + each, 0)
  return { acknowledged, failures, ended, total }
}

async function everythingIsThere(store: Store, acknowledged: readonly number[]): Promise<void> {
  const found = await store.select([{ name: '__name__', op: '=', value: 'day' }], always)
  const counts = acknowledged.map((_, sender) => {
    const one = found.find(({ series }) => series.labels['sender'] === String(sender))
    // The last batch may have been stored without our hearing of it.
    const wanted = one === undefined ? 0 : one.tMs.length
    expect(new Set(one?.tMs).size).toBe(wanted)
    return Math.floor(wanted / perBatch)
  })
  for (const [sender, turns] of acknowledged.entries()) {
    expect(counts[sender], `sender ${sender}`).toBeGreaterThanOrEqual(turns)
    expect(counts[sender], `sender ${sender}`).toBeLessThanOrEqual(turns + 1)
  }
}

async function throughADay(day: () => Promise<void>) {
  const { store, letters } = await influxdb.open({ tuning: { writeLimitMs: 1_000 } })
  let isOver = false
  const sending = sendUntil(store, () => isOver)
  await expect.poll(sending.total).toBeGreaterThan(40)
  await day()
  const before = sending.total()
  await expect.poll(sending.total).toBeGreaterThan(before + 40)
  isOver = true
  await sending.ended
  await everythingIsThere(store, sending.acknowledged)
  expect(letters).toEqual([])
  expect(await store.health()).toEqual({ writable: true })
  await store.close()
  return sending
}

test('it is killed in the middle of writes and started again', async () => {
  const { failures } = await throughADay(async () => {
    await influxdb.server.kill()
    await sleep(300)
    await influxdb.server.restart()
  })
  expect(new Set(failures.map(({ code }) => code))).toEqual(new Set(['store_unavailable']))
})

test('it stops answering for a while', async () => {
  const { failures } = await throughADay(async () => {
    influxdb.server.pause()
    await sleep(2_500)
    influxdb.server.wake()
  })
  expect(failures.map(({ detail }) => detail)).toContainEqual(
    expect.stringContaining('no answer within 1000 ms'),
  )
})

test('it is stopped and started as a good operator does it', async () => {
  await throughADay(async () => {
    await influxdb.server.stop()
    await influxdb.server.restart()
  })
})
