// Work in pieces lets others have the thread, and lets nobody in who works on the same.
import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { elapsedMs } from '#core/clock.ts'
import type { Pieces } from '../../../rules/ask.ts'
import { openBreaths } from '../../../rules/live/breaths.ts'

// Busy for so long.
function spend(ms: number): void {
  for (const began = elapsedMs(); elapsedMs() - began < ms; );
}

test('others have their turns while long work goes on', async () => {
  const breaths = openBreaths()
  let isDone = false
  let turns = 0
  const work = breaths.do(function* (): Pieces<string> {
    for (let piece = 0; piece < 10; piece++) {
      spend(5)
      yield
    }
    isDone = true
    return 'done'
  })
  await turn()
  while (!isDone) {
    turns++
    await turn()
  }
  expect(await work).toBe('done')
  expect(turns).toBeGreaterThanOrEqual(8)
})

test('one begins when the one before is done, even if that failed', async () => {
  const breaths = openBreaths()
  const said: string[] = []
  const work = (name: string, fails: boolean) =>
    function* (): Pieces {
      said.push(`${name} begins`)
      spend(6)
      yield
      said.push(`${name} ends`)
      if (fails) throw new Error(`${name} failed`)
    }
  const first = breaths.do(work('a', true))
  const second = breaths.do(work('b', false))
  await expect(first).rejects.toThrow('a failed')
  await second
  expect(said).toEqual(['a begins', 'a ends', 'b begins', 'b ends'])
})
