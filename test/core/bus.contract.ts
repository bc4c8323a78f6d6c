// What every bus engine must do. Called with a way to open one, by test/core/bus.test.ts and by the live tests.
import { afterEach, describe, expect, test } from 'vitest'
import type { Batch } from '#core/batch.ts'
import type { Bus } from '#core/bus.ts'

const batch = (partition: number, receivedAtMs: number): Batch => ({
  receivedAtMs,
  partition,
  rows: { series: Uint32Array.of(1), tMs: Float64Array.of(receivedAtMs), values: Float64Array.of(0.5) },
  notes: [{ series: 1, tMs: 2, text: 'x' }],
})

export function busContract(name: string, open: () => Promise<Bus>): void {
  describe(`bus: ${name}`, () => {
    let bus: Bus | undefined
    afterEach(async () => bus?.close())

    test('every group sees every record, in order', async () => {
      bus = await open()
      const seen: Record<string, number[]> = { one: [], two: [] }
      for (const group of ['one', 'two']) {
        await bus.subscribe('samples', group, async records => {
          seen[group]?.push(...records.map(each => each.receivedAtMs))
        })
      }

      await bus.publish('samples', [batch(3, 1), batch(3, 2)])
      await bus.publish('samples', [batch(3, 3)])

      await expect.poll(() => seen).toEqual({ one: [1, 2, 3], two: [1, 2, 3] })
    })

    test('a record arrives as it was sent', async () => {
      bus = await open()
      const seen: Batch[] = []
      await bus.subscribe('samples', 'one', async records => void seen.push(...records))

      await bus.publish('samples', [batch(7, 5)])

      await expect.poll(() => seen).toEqual([batch(7, 5)])
    })

    test('members of a group share the records: none twice', async () => {
      bus = await open()
      const seen: number[] = []
      const take = async (records: readonly Batch[]): Promise<void> =>
        void seen.push(...records.map(each => each.receivedAtMs))
      await bus.subscribe('samples', 'one', take)
      await bus.subscribe('samples', 'one', take)

      for (let each = 0; each < 10; each++) await bus.publish('samples', [batch(each, each)])

      await expect.poll(() => seen.sort((a, b) => a - b)).toEqual([...Array(10).keys()])
    })

    test('when a member stops, another goes on', async () => {
      bus = await open()
      const seen: string[] = []
      const first = await bus.subscribe('samples', 'one', async () => void seen.push('first'))
      await bus.subscribe('samples', 'one', async () => void seen.push('second'))
      await first.stop()

      await bus.publish('samples', [batch(1, 1)])

      await expect.poll(() => seen).toEqual(['second'])
    })
  })
}
