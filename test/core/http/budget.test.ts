// Memory for bodies is never promised twice, and a busy process knows that it is.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openBudget } from '#core/http/budget.ts'
import { openLoopDelay } from '#core/http/loop-delay.ts'

test('what is taken is never more than the bound, but for one that is alone', () => {
  const steps = fc.array(fc.oneof(fc.record({ take: fc.nat(150) }), fc.record({ back: fc.nat(20) })))
  fc.assert(
    fc.property(steps, all => {
      let shed = 0
      const budget = openBudget(100, () => shed++)
      const held: { bytes: number; release: () => void }[] = []
      for (const step of all) {
        const sum = held.reduce((total, each) => total + each.bytes, 0)
        expect(budget.bytes).toBe(sum)
        if ('back' in step) {
          const [one] = held.splice(step.back % (held.length || 1), 1)
          one?.release()
          // Giving back twice gives back once.
          one?.release()
          continue
        }
        const before = shed
        try {
          held.push({ bytes: step.take, release: budget.take(step.take) })
          expect(sum === 0 || sum + step.take <= 100).toBe(true)
        } catch (error) {
          expect(error).toMatchObject({ code: 'overloaded' })
          expect(sum > 0 && sum + step.take > 100).toBe(true)
          expect(shed).toBe(before + 1)
        }
      }
    }),
  )
})

test('a process that was held up knows for how long', async () => {
  const holdUp = async (forMs: number) => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, forMs)
    for (let turn = 0; turn < 3; turn++) await new Promise(resolve => setImmediate(resolve))
  }
  using loop = openLoopDelay()
  expect(loop.maxMs()).toBe(0)
  await holdUp(60)
  await holdUp(300)
  expect(loop.maxMs()).toBeGreaterThan(200)
  expect(loop.maxMs()).toBeLessThan(30_000)
})
