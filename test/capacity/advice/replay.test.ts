import { expect, test } from 'vitest'
import { MemorySource } from '#promql/memory-source.ts'
import type { Source } from '#promql/source.ts'
import { freshHive, step } from '../../../capacity/advice/hive.ts'
import { type ReplayProgress, replayAdvice } from '../../../capacity/advice/replay.ts'
import type { AdviceSettings } from '../../../capacity/pool.ts'
import { minute, poolOf, settings, startMs } from './world.ts'

type At = Readonly<{ busy?: number | undefined; ran?: number | undefined }>

// A minute for each, and what came of it.
async function replayed(minutes: readonly At[], change: Partial<AdviceSettings> = {}, source?: Source) {
  const stored = new MemorySource()
  for (const [at, { busy, ran }] of minutes.entries()) {
    const tMs = startMs + at * minute
    const labels = { pool: 'web' }
    stored.put({ name: 'busy', labels }, tMs, busy ?? 'stale')
    stored.put({ name: 'processes', labels }, tMs, ran ?? 'stale')
  }
  const progress: ReplayProgress[] = []
  const replay = await replayAdvice({
    pool: poolOf('web', change),
    source: source ?? stored,
    fromMs: startMs,
    toMs: startMs + (minutes.length - 1) * minute,
    signal: new AbortController().signal,
    onProgress: each => void progress.push(each),
  })
  return { replay, progress }
}

const times = (count: number, at: At): At[] => Array.from({ length: count }, () => at)
const after = (minutes: number) => startMs + minutes * minute

test('tells what would have been advised, and follows it', async () => {
  const { replay } = await replayed([
    ...times(10, { busy: 100, ran: 4 }),
    ...times(20, { busy: 200, ran: 4 }),
    ...times(30, { busy: 20, ran: 4 }),
  ])
  expect(replay.advice.map(({ atMs, from, to }) => [(atMs - startMs) / minute, from, to])).toEqual([
    // 200 s are too many for 5 as well, and not for 7.
    [12, 4, 5],
    [16, 5, 7],
    [40, 7, 6],
    [52, 6, 4],
  ])
  expect(replay.processes).toEqual([
    { atMs: startMs, processes: 4 },
    { atMs: after(13), processes: 5 },
    { atMs: after(17), processes: 7 },
    { atMs: after(41), processes: 6 },
    { atMs: after(53), processes: 4 },
  ])
  const { summary } = replay
  expect(summary).toMatchObject({
    minutes: 60,
    unmeasuredMinutes: 0,
    grown: 2,
    shrunk: 2,
    peak: 7,
    ranPeak: 4,
    fewest: 4,
  })
  // 7 minutes of more than 144 or 180 s; in truth all twenty.
  expect(summary.shortHours * 60).toBeCloseTo(7)
  expect(summary.ranShortHours * 60).toBeCloseTo(20)
  // One more for 4 minutes, three for 24, two for 12.
  expect(summary.addedHours * 60).toBeCloseTo(4 + 3 * 24 + 2 * 12)
  expect(summary.savedHours).toBe(0)
  expect(summary.hours - summary.ranHours).toBeCloseTo(summary.addedHours)
})

test('counts what would have been saved', async () => {
  const { replay } = await replayed(times(61, { busy: 10, ran: 10 }), { steps: [100] })
  expect(replay.advice).toMatchObject([{ way: 'shrink', from: 10, to: 1, ran: 10 }])
  expect(replay.summary.savedHours * 60).toBeCloseTo(50 * 9)
})

test('minutes without a measurement are counted, and nothing is advised in them', async () => {
  const { replay } = await replayed([
    ...times(5, { ran: undefined, busy: 500 }),
    ...times(5, { busy: undefined, ran: 4 }),
    ...times(3, { busy: 200, ran: 4 }),
  ])
  expect(replay.summary.unmeasuredMinutes).toBe(10)
  expect(replay.advice.map(each => each.atMs)).toEqual([after(12)])
  // Once it is known how many there were, later ones follow from the advice.
  const later = await replayed([{ busy: 200, ran: 4 }, ...times(20, { busy: 200 })])
  expect(later.replay.advice.map(({ to, ran }) => [to, ran])).toEqual([
    [5, null],
    [7, null],
  ])
  expect(later.replay.summary).toMatchObject({ unmeasuredMinutes: 0, hours: 4 / 60 })
})

test('says how far it is, and says the same in pieces as minute by minute', async () => {
  const minutes = Array.from({ length: 900 }, (_, at) => ({ busy: 120 + 110 * Math.sin(at / 90), ran: 4 }))
  const { replay, progress } = await replayed(minutes)
  expect(progress.map(each => each.share)).toEqual([0.4, 0.8, 1])
  expect(progress.at(-1)).toMatchObject({ atMs: replay.toMs, given: replay.advice.length })
  expect(replay.summary.minutes).toBe(900)

  const given: unknown[] = []
  let [hive, processes] = [freshHive, 4]
  for (const [at, { busy: busySeconds }] of minutes.entries()) {
    const { state, given: now } = step(settings, hive, { busySeconds, processes }, after(at))
    hive = state
    if (now === null) continue
    given.push([now.atMs, now.from, now.to])
    processes = now.to
  }
  expect(replay.advice.map(({ atMs, from, to }) => [atMs, from, to])).toEqual(given)
  expect(given.length).toBeGreaterThan(5)
})

test('ends when nobody wants it any more, and when a question has several answers', async () => {
  const stop = new AbortController()
  stop.abort()
  const asked = { pool: poolOf(), source: new MemorySource(), fromMs: startMs, toMs: startMs + 60 * minute }
  await expect(replayAdvice({ ...asked, signal: stop.signal })).rejects.toThrow('abort')

  const source = new MemorySource()
  for (const host of ['a', 'b']) source.put({ name: 'busy', labels: { host } }, startMs, 1)
  const pool = poolOf('web', { busy: 'busy' })
  const { signal } = new AbortController()
  await expect(replayAdvice({ ...asked, pool, source, signal })).rejects.toThrow('put sum(…) around it')
  const empty = { ...asked, toMs: startMs + 1, fromMs: startMs + 1, signal }
  await expect(replayAdvice(empty)).rejects.toThrow('a minute or more')
})
