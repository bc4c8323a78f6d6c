import { expect, test } from 'vitest'
import { Stopwatch } from '../../query/stopwatch.ts'

const cost = { used: 3, read: 2, peak: 4 }

test('waiting, reading and computing are told apart, in seconds', async () => {
  let nowMs = 1_000
  const watch = new Stopwatch(() => nowMs)
  nowMs += 5
  watch.begin()
  const slow = watch.over({
    select: async () => {
      nowMs += 20
      return []
    },
  })
  await slow.select([], { fromMs: 0, toMs: 1 })
  await slow.select([], { fromMs: 0, toMs: 1 })
  nowMs += 3.5

  expect(watch.stats(cost)).toEqual({
    timings: {
      evalTotalTime: 0.0435,
      resultSortTime: 0,
      queryPreparationTime: 0.04,
      innerEvalTime: 0.0035,
      execQueueTime: 0.005,
      execTotalTime: 0.0485,
    },
    samples: { totalQueryableSamples: 3, samplesRead: 2, peakSamples: 4 },
  })
})

test('what reads nothing took no time to read', () => {
  let nowMs = 0
  const watch = new Stopwatch(() => nowMs)
  watch.begin()
  nowMs = 2
  expect(watch.stats(cost)).toMatchObject({ timings: { queryPreparationTime: 0, innerEvalTime: 0.002 } })
})
