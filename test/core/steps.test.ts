// Work in steps: the same answer at once and in pieces, with others in between.
import { expect, test } from 'vitest'
import { elapsedMs } from '#core/clock.ts'
import { atOnce, inPieces, type Steps } from '#core/steps.ts'

function* counting(to: number, onStep: () => void = () => {}): Steps<number> {
  let sum = 0
  for (let at = 1; at <= to; at++) {
    sum += at
    onStep()
    yield
  }
  return sum
}

test('the answer is the same', async () => {
  expect(atOnce(counting(100))).toBe(5_050)
  expect(await inPieces(counting(100))).toBe(5_050)
})

test('others have their turn in between, and a mistake comes out', async () => {
  let turns = 0
  const other = setInterval(() => void turns++, 0)
  const busy = (): void => {
    const from = elapsedMs()
    while (elapsedMs() - from < 2) turns += 0
  }
  await inPieces(counting(20, busy))
  clearInterval(other)
  expect(turns).toBeGreaterThan(2)
  const bad = (): never => {
    throw new Error('ours')
  }
  expect(() => atOnce(counting(1, bad))).toThrow('ours')
  await expect(inPieces(counting(1, bad))).rejects.toThrow('ours')
})
