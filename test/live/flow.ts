// Senders that publish numbered batches, one behind the other for each partition and each until it is acknowledged, and
// readers that write down what they were given: then what is missing, out of order or double can be counted.
import type { Batch } from '#core/batch.ts'
import type { Bus } from '#core/bus.ts'
import { realClock } from '#core/clock.ts'
import { labelsOf } from '#core/labels.ts'
import type { SeriesTable } from '#core/series.ts'

export type Found = Readonly<{ missing: number; outOfOrder: number; doubles: number }>

export class Flow {
  readonly #bus: Bus
  readonly #table: SeriesTable
  readonly #acknowledged = new Map<number, number>()
  readonly #handled = new Map<number, number[]>()
  #isOn = true
  #senders: Promise<void>[] = []
  // Publishes that failed and were repeated.
  failures = 0

  constructor(bus: Bus, table: SeriesTable) {
    this.#bus = bus
    this.#table = table
  }

  start(partitions: number, pauseMs = 5): void {
    this.#senders = Array.from({ length: partitions }, (_, each) => this.#send(each, pauseMs))
  }

  async stop(): Promise<void> {
    this.#isOn = false
    await Promise.all(this.#senders)
  }

  get acknowledged(): number {
    return [...this.#acknowledged.values()].reduce((sum, each) => sum + each, 0)
  }

  get handled(): number {
    return [...this.#handled.values()].reduce((sum, each) => sum + new Set(each).size, 0)
  }

  note(batches: readonly Batch[]): void {
    for (const { partition, rows } of batches) {
      const list = this.#handled.get(partition) ?? []
      this.#handled.set(partition, list)
      list.push(...rows.values)
    }
  }

  found(): Found {
    let [missing, outOfOrder, doubles] = [0, 0, 0]
    for (const [partition, count] of this.#acknowledged) {
      const list = this.#handled.get(partition) ?? []
      const seen = new Set<number>()
      let highest = -1
      for (const each of list) {
        if (seen.has(each)) doubles++
        else if (each < highest) outOfOrder++
        seen.add(each)
        highest = Math.max(highest, each)
      }
      for (let each = 0; each < count; each++) if (!seen.has(each)) missing++
    }
    return { missing, outOfOrder, doubles }
  }

  async #send(partition: number, pauseMs: number): Promise<void> {
    const series = this.#table.intern('sent', labelsOf([['host', `h${partition}`]]))
    for (let number = 0; this.#isOn; number++) {
      const receivedAtMs = realClock.nowMs()
      const rows = {
        series: Uint32Array.of(series),
        tMs: Float64Array.of(receivedAtMs),
        values: Float64Array.of(number),
      }
      for (;;) {
        try {
          await this.#bus.publish('samples', [{ receivedAtMs, partition, rows, notes: [] }])
          break
        } catch {
          this.failures++
          await realClock.sleep(50)
        }
      }
      this.#acknowledged.set(partition, number + 1)
      await realClock.sleep(pauseMs)
    }
  }
}
