// How many samples an answer took, as Prometheus counts them.
import { expect, test } from 'vitest'
import { labelsOf } from '#core/labels.ts'
import { evaluate, type Question } from '#promql/evaluate.ts'
import { MemorySource } from '#promql/memory-source.ts'
import { parse } from '#promql/parse.ts'

const source = new MemorySource()
for (const host of ['a', 'b']) {
  // At 0 s … 300 s.
  const points = Array.from({ length: 21 }, (_, at) => at)
  source.add({ name: 'up', labels: labelsOf([['host', host]]) }, points, 15_000)
}

const cost = async (text: string, question: Question) => (await evaluate(parse(text), source, question)).cost

test('each step counts what it looks at, each window all that is in it', async () => {
  const t = async (text: string, atOnce: number, inSteps: number | undefined) => {
    expect((await cost(text, { atMs: 300_000 })).used, text).toBe(atOnce)
    if (inSteps === undefined) return
    const question = { startMs: 240_000, endMs: 300_000, stepMs: 30_000 }
    expect((await cost(text, question)).used, text).toBe(inSteps)
  }
  await t('1', 0, 0)
  await t('up', 2, 6)
  await t('up + up{host="a"}', 3, 9)
  await t('sum(up)', 2, 6)
  await t('up @ 0', 2, 6)
  await t('timestamp(up @ 0)', 2, 6)
  await t('rate(up[1m])', 8, 24)
  await t('rate(up[1m] @ 300)', 8, 24)
  // Windows of a subquery count, not what they were made of.
  await t('max_over_time(up[1m:30s])', 4, 12)
  await t('up[1m]', 8, undefined)
  await t('up[1m:30s]', 4, undefined)
})

test('what was read and what was held at most', async () => {
  // This source knows no shorter way to the newest one.
  expect(await cost('up', { atMs: 300_000 })).toEqual({ used: 2, read: 40, peak: 40 })
  // Overlapping windows are read once; two equal selectors too.
  const question = { startMs: 240_000, endMs: 300_000, stepMs: 15_000 }
  expect(await cost('rate(up[1m]) + rate(up[1m])', question)).toMatchObject({ used: 80, read: 16 })
  expect((await cost('up', { ...question, stepMs: 1_000 })).peak).toBe(122)
})
