// Which batches go out together, and how many requests are under way? What waits when one becomes free goes out as one
// sheet; batches of one partition never overtake each other. Called by ../prometheus.ts.
import type { Batch } from '../../batch.ts'
import { elapsedMs } from '../../clock.ts'
import { Failure } from '../../errors.ts'
import type { OwnMetrics } from '../../own-metrics.ts'
import type { LabelBytes } from './label-bytes.ts'
import type { Sender } from './send.ts'
import { SheetMaker } from './sheet.ts'

// Two keep the wire busy while we encode; more would make smaller requests.
const lanesMax = 2
const sheetRowsMax = 50_000
// Beyond this many waiting rows, the bus is told to come again.
const waitingRowsMax = 4_000_000

type Waiting = Readonly<{ batches: readonly Batch[]; rows: number; done: (error?: unknown) => void }>

export class Writer {
  readonly #labels: LabelBytes
  readonly #own: OwnMetrics
  readonly #free: Sender[]
  readonly #sheets = new SheetMaker()
  // Partitions with a request under way.
  readonly #busy = new Set<number>()
  readonly #underWay = new Set<Promise<void>>()
  #waiting: Waiting[] = []
  #waitingRows = 0
  // Whether the last sheet went well; not before the first.
  isGoing = false

  constructor(newSender: () => Sender, labels: LabelBytes, own: OwnMetrics) {
    this.#labels = labels
    this.#own = own
    this.#free = Array.from({ length: lanesMax }, newSender)
    own.gauge('plimsoll_store_waiting_samples').read(() => this.#waitingRows)
  }

  add(batches: readonly Batch[]): Promise<void> {
    const rows = batches.reduce((sum, batch) => sum + batch.rows.series.length, 0)
    if (rows === 0) return Promise.resolve()
    if (this.#waitingRows + rows > waitingRowsMax && this.#waitingRows > 0) {
      return Promise.reject(new Failure('overloaded', `${this.#waitingRows} samples wait for the database`))
    }
    return new Promise((resolve, reject) => {
      const done = (error?: unknown): void => (error === undefined ? resolve() : reject(error))
      this.#waiting.push({ batches, rows, done })
      this.#waitingRows += rows
      this.#next()
    })
  }

  // Resolves when everything that was added is stored or refused.
  async idle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay)
  }

  #next(): void {
    while (this.#free.length > 0) {
      const taken = this.#take()
      if (taken.length === 0) return
      const sender = this.#free.pop()!
      const partitions = [...new Set(taken.flatMap(partitionsOf))]
      for (const each of partitions) this.#busy.add(each)
      const work = this.#send(sender, taken).finally(() => {
        this.#underWay.delete(work)
        this.#free.push(sender)
        for (const each of partitions) this.#busy.delete(each)
        this.#next()
      })
      this.#underWay.add(work)
    }
  }

  // In their order. Whatever has a partition in common with what is under way, or with an earlier one that stays, stays.
  #take(): Waiting[] {
    const stopped = new Set(this.#busy)
    const [taken, left]: [Waiting[], Waiting[]] = [[], []]
    let rows = 0
    for (const each of this.#waiting) {
      const isFull = rows > 0 && rows + each.rows > sheetRowsMax
      const partitions = partitionsOf(each)
      if (isFull || partitions.some(one => stopped.has(one))) {
        left.push(each)
        for (const one of partitions) stopped.add(one)
      } else {
        taken.push(each)
        rows += each.rows
      }
    }
    this.#waiting = left
    this.#waitingRows -= rows
    return taken
  }

  // Never rejects: each of those who wait is told.
  async #send(sender: Sender, taken: readonly Waiting[]): Promise<void> {
    const began = elapsedMs()
    let failed: unknown
    try {
      const batches = taken.flatMap(each => each.batches)
      const sheet = this.#sheets.make(batches, id => {
        const labels = this.#labels.of(id)
        return typeof labels === 'string' ? labels : undefined
      })
      await sender.send(sheet)
      this.#own.counter('plimsoll_store_samples_total').inc(taken.reduce((sum, each) => sum + each.rows, 0))
    } catch (error) {
      failed = error
    }
    this.isGoing = failed === undefined
    this.#own.histogram('plimsoll_store_append_seconds').observe((elapsedMs() - began) / 1_000)
    for (const { done } of taken) done(failed)
  }
}

const partitionsOf = ({ batches }: Waiting): number[] => batches.map(each => each.partition)
