import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { SimulatedClock } from '#core/clock.ts'
import { tidyOnceIdle } from '../../bin/tidy-heap.ts'

test('the room for young objects that a start has taken is given back', () => {
  const file = join(import.meta.dirname, '../../bin/tidy-heap.ts')
  const work = `
    import { getHeapSpaceStatistics } from 'node:v8'
    import { tidyHeap } from ${JSON.stringify(file)}
    const room = () => getHeapSpaceStatistics().find(each => each.space_name === 'new_space').space_size
    let kept = []
    for (let nth = 0; nth < 1e6; nth++) {
      kept.push({ nth, text: String(nth) })
      if (kept.length > 1e5) kept = []
    }
    kept = []
    const before = room()
    tidyHeap()
    console.log(JSON.stringify({ before, after: room() }))
  `
  const flags = ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=16', '--input-type=module']
  const out = execFileSync(process.execPath, [...flags, '--eval', work], { encoding: 'utf8' })
  const { before, after } = JSON.parse(out) as { before: number; after: number }
  expect(before).toBeGreaterThan(8 * 1_048_576)
  expect(after).toBeLessThanOrEqual(2 * 1_048_576)
})

test('another thread has the room that it states, and not that of the first one', () => {
  const file = join(import.meta.dirname, '../../bin/tidy-heap.ts')
  const inside = `
    import { getHeapSpaceStatistics } from 'node:v8'
    import { parentPort } from 'node:worker_threads'
    let kept = []
    for (let nth = 0; nth < 1e6; nth++) {
      kept.push({ nth, text: String(nth) })
      if (kept.length > 1e5) kept = []
    }
    const room = getHeapSpaceStatistics().find(each => each.space_name === 'new_space').space_size
    parentPort.postMessage(room)
  `
  const work = `
    import { Worker } from 'node:worker_threads'
    import { leaveRoomToThreads } from ${JSON.stringify(file)}
    const resourceLimits = { maxYoungGenerationSizeMb: 4 }
    const room = () => new Promise((resolve, reject) =>
      new Worker(${JSON.stringify(inside)}, { eval: true, resourceLimits }).on('message', resolve).on('error', reject))
    const before = await room()
    leaveRoomToThreads()
    console.log(JSON.stringify({ before, after: await room() }))
  `
  const flags = ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=8', '--input-type=module']
  const out = execFileSync(process.execPath, [...flags, '--eval', work], { encoding: 'utf8' })
  const { before, after } = JSON.parse(out) as { before: number; after: number }
  expect(before).toBeGreaterThan(4 * 1_048_576)
  expect(after).toBeLessThanOrEqual(4 * 1_048_576)
})

test('it is given back once, after a second with little to do', async () => {
  const clock = new SimulatedClock(0)
  const busy = [1, 0.5, 0.1, 0]
  let tidied = 0
  using _tidying = tidyOnceIdle(clock, { busyShare: () => busy.shift() ?? 0, tidy: () => void tidied++ })
  const t = async (seconds: number, wanted: number) => {
    await clock.runFor(seconds * 1000)
    expect(tidied).toBe(wanted)
  }

  await t(2, 0)
  await t(1, 1)
  await t(60, 1)
})

test('a service that stops before has nothing given back', async () => {
  const clock = new SimulatedClock(0)
  let tidied = 0
  tidyOnceIdle(clock, { busyShare: () => 0, tidy: () => void tidied++ })[Symbol.dispose]()
  await clock.runFor(2000)
  expect(tidied).toBe(0)
})
