// The configuration is read again one time after the other, and the last outcome is known.
import { expect, test } from 'vitest'
import { SimulatedClock } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import { openReloads } from '../../bin/reloads.ts'

test('a refusal is told and remembered, until one is taken again', async () => {
  const clock = new SimulatedClock(1_000)
  let isBad = false
  const reloads = openReloads(clock, async () => {
    if (isBad) throw new Failure('bad_config', 'no route')
    return ['listen']
  })
  expect(reloads.last()).toEqual({ isGood: true, goodAtMs: 1_000 })
  isBad = true
  await clock.runFor(5_000)
  await expect(reloads.run()).rejects.toThrow('no route')
  expect(reloads.last()).toEqual({ isGood: false, goodAtMs: 1_000 })
  isBad = false
  expect(await reloads.run()).toEqual(['listen'])
  expect(reloads.last()).toEqual({ isGood: true, goodAtMs: 6_000 })
})

test('two at once follow each other, also behind one that fails', async () => {
  const said: string[] = []
  let count = 0
  const reloads = openReloads(new SimulatedClock(0), async () => {
    const nth = ++count
    said.push(`begins ${nth}`)
    await Promise.resolve()
    said.push(`ends ${nth}`)
    if (nth === 1) throw new Failure('bad_config', 'first')
    return []
  })
  const both = await Promise.allSettled([reloads.run(), reloads.run()])
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
  expect(said).toEqual(['begins 1', 'ends 1', 'begins 2', 'ends 2'])
})
