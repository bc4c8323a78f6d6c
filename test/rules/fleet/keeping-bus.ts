// A topic of samples that keeps what it is given, as Kafka does, for several processes on one simulated clock: readers
// have positions of their own, and are handed one call at a time for each partition. Alerts go to whoever asks for them.
import { setImmediate } from 'node:timers/promises'
import { type Batch, cutByPartition, RowBuffer } from '#core/batch.ts'
import type { At, Bus, Handler, Place, Subscription, Topic, Topics } from '#core/bus.ts'
import type { Clock } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import type { AlertTransition, Series } from '#core/model.ts'
import { partitions } from '#core/partition.ts'
import type { SeriesTable } from '#core/series.ts'
import { isStale, staleNaN } from '#core/stale.ts'

// Without rows nobody can read it.
type Kept = Readonly<{ receivedAtMs: number; rows?: readonly (readonly [Series, number, number])[] }>

// A fetch brings no more records than this.
const fetchMax = 7

export class KeptTopic {
  readonly #logs: Kept[][] = Array.from({ length: partitions }, () => [])
  readonly #readers = new Set<() => void>()
  readonly told: AlertTransition[] = []
  // A partition whose leader is gone is read by nobody.
  readonly away = new Set<number>()
  // Nobody reaches the brokers.
  isCut = false
  // Who begins to read has to wait for this.
  joins: Promise<void> = Promise.resolve()
  // One more whenever anybody was handed something, or had dealt with it.
  steps = 0

  get logs(): readonly (readonly Kept[])[] {
    return this.#logs
  }

  add(batches: readonly Batch[], table: SeriesTable): void {
    for (const { partition, receivedAtMs, rows } of batches) {
      const kept = [...rows.series].map(
        (number, at) =>
          [
            table.get(number),
            rows.tMs[at]!,
            isStale(rows.values, at) ? Number.NaN : rows.values[at]!,
          ] as const,
      )
      this.#logs[partition]!.push({ receivedAtMs, rows: kept })
    }
    this.wake()
  }

  spoil(partition: number, receivedAtMs: number): void {
    this.#logs[partition]!.push({ receivedAtMs })
    this.wake()
  }

  wake(): void {
    for (const each of this.#readers) each()
  }

  refuseIfCut(): void {
    if (this.isCut) throw new Failure('bus_unavailable', 'the brokers are away')
  }

  listen(reader: () => void): () => void {
    this.#readers.add(reader)
    return () => this.#readers.delete(reader)
  }

  // As one process sees it. While it is paused, or for ever, nothing happens there.
  bus(table: SeriesTable, machine: Machine): Bus {
    const publish = async <T extends Topic>(topic: T, records: readonly Topics[T][]): Promise<void> => {
      await machine.awake()
      this.refuseIfCut()
      if (topic === 'samples') this.add(records as readonly Batch[], table)
      if (topic === 'alerts') this.told.push(...(records as readonly AlertTransition[]))
      this.steps++
    }
    return {
      carries: 'text',
      publish,
      subscribe: async (_topic, _group, handler) => {
        await this.joins
        return new Reader(this, { table, machine, handler: handler as Handler<'samples'> })
      },
      places: async (_topic, at) => {
        await machine.awake()
        this.refuseIfCut()
        return new Map(this.#logs.map((log, partition) => [partition, placeIn(log, at)]))
      },
      health: async () => ({ writable: true }),
      close: async () => {},
    }
  }
}

export type Machine = Readonly<{ clock: Clock; awake(): Promise<void>; isPaused(): boolean }>

type Member = Readonly<{ table: SeriesTable; machine: Machine; handler: Handler<'samples'> }>

function placeIn(log: readonly Kept[], at: At): number {
  if (at === 'beginning') return 0
  if (at === 'end') return log.length
  const found = log.findIndex(each => each.receivedAtMs >= at.atMs)
  return found < 0 ? log.length : found
}

class Reader implements Subscription {
  readonly #topic: KeptTopic
  readonly #member: Member
  readonly #positions = Array.from({ length: partitions }, () => 0)
  readonly #paused = new Set(this.#positions.keys())
  readonly #running = new Map<number, Promise<void>>()
  readonly #forget: () => void
  #isStopped = false

  constructor(topic: KeptTopic, member: Member) {
    this.#topic = topic
    this.#member = member
    this.#forget = topic.listen(() => this.#wake())
  }

  pause(those: readonly number[]): void {
    for (const each of those) this.#paused.add(each)
  }

  resume(those: readonly number[]): void {
    for (const each of those) this.#paused.delete(each)
    this.#wake()
  }

  seek(places: ReadonlyMap<number, number>): void {
    for (const [partition, place] of places) this.#positions[partition] = place
    this.#wake()
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    this.#forget()
    await Promise.all(this.#running.values())
  }

  #wake(): void {
    for (const partition of this.#positions.keys()) {
      if (this.#running.has(partition) || !this.#hasNext(partition)) continue
      const running = this.#read(partition).finally(() => {
        this.#running.delete(partition)
        this.#wake()
      })
      this.#running.set(partition, running)
    }
  }

  #hasNext(partition: number): boolean {
    const { away, isCut } = this.#topic
    if (this.#isStopped || isCut || this.#paused.has(partition) || away.has(partition)) return false
    return this.#positions[partition]! < this.#topic.logs[partition]!.length
  }

  async #read(partition: number): Promise<void> {
    while (this.#hasNext(partition)) {
      const from = this.#positions[partition]!
      const kept = this.#topic.logs[partition]!.slice(from, from + fetchMax)
      const read = kept.flatMap(({ receivedAtMs, rows }, at) =>
        rows === undefined ? [] : { receivedAtMs, rows, offset: from + at },
      )
      const place: Place = { partition, offsets: read.map(each => each.offset), next: from + kept.length }
      // Whoever is asked to go elsewhere meanwhile does not come back here.
      this.#positions[partition] = place.next
      const batches = read.map(each => this.#batchOf(each, partition))
      await this.#handled(batches, place)
      this.#topic.steps++
      await setImmediate()
    }
  }

  // Again and again, until it is taken.
  async #handled(batches: readonly Batch[], place: Place): Promise<void> {
    const { machine, handler } = this.#member
    while (!this.#isStopped) {
      await machine.awake()
      this.#topic.steps++
      try {
        return await handler(batches, place)
      } catch (error) {
        if (!(error instanceof Failure)) throw error
        await machine.clock.sleep(250)
      }
    }
  }

  #batchOf({ receivedAtMs, rows }: Required<Kept>, partition: number): Batch {
    const buffer = new RowBuffer(rows.length)
    for (const [series, tMs, value] of rows) {
      const number = this.#member.table.intern(series.name, series.labels)
      buffer.push(number, tMs, Number.isNaN(value) ? staleNaN : value)
    }
    const cut = { source: 'x', receivedAtMs, rows: buffer.rows(), notes: [] }
    return { ...cutByPartition(cut, this.#member.table)[0]!, receivedAtMs, partition, rows: buffer.rows() }
  }
}
