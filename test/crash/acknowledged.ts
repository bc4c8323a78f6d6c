// Senders that write numbered samples and remember which were acknowledged; and the count of those that a store
// does not hold. Called by the crash tests.
import { realClock } from '#core/clock.ts'
import { openLog } from '#core/log.ts'
import { SeriesTable } from '#core/series.ts'
import { openEmbeddedStore } from '#core/store/embedded.ts'
import type { Running } from '../running.ts'

// So many that a second of writing fills several segments, also on a slow machine.
const linesPerBatch = 5_000
const seriesPerSender = 50
// Samples of one series are this far apart, so that several days fill up.
const stepMs = 2_000
const startMs = Date.now() - 30 * 86_400_000

// Sample n of a sender has its own series, time and value, so a lost or a changed one shows.
const seriesOf = (n: number): number => n % seriesPerSender
const timeOf = (n: number): number => startMs + Math.floor(n / seriesPerSender) * stepMs

export class Sender {
  readonly name: string
  // Ranges of numbers, from (inclusive) to (exclusive).
  readonly acknowledged: [from: number, to: number][] = []
  next = 0
  refused = 0

  constructor(name: string) {
    this.name = name
  }

  // Writes until told to stop, or until the service is gone.
  async writeTo(service: Running, signal: AbortSignal): Promise<void> {
    while (!signal.aborted && (await this.writeOnce(service)) !== 0);
  }

  // What was not acknowledged is not sent again: it may be there or not.
  async writeOnce(service: Running): Promise<number> {
    const from = this.next
    const to = from + linesPerBatch
    this.next = to
    const status = await service.write(this.#body(from, to))
    if (status === 204) this.acknowledged.push([from, to])
    else if (status !== 0) this.refused++
    return status
  }

  get count(): number {
    return this.acknowledged.reduce((sum, [from, to]) => sum + to - from, 0)
  }

  #body(from: number, to: number): string {
    let body = ''
    for (let n = from; n < to; n++)
      body += `crash,sender=${this.name},part=${seriesOf(n)} value=${n} ${timeOf(n)}\n`
    return body
  }
}

// Opens the store that a dead service left behind. Throws when it holds what was never sent, or finds damage: a
// process that dies must not leave any.
export async function missing(senders: readonly Sender[], folder: string): Promise<number> {
  const table = new SeriesTable()
  const told: string[] = []
  const log = openLog({ clock: realClock, write: line => void told.push(line) })
  const store = await openEmbeddedStore({
    folder,
    table,
    clock: realClock,
    keepMs: 400 * 86_400_000,
    maxSamples: 1e9,
    log,
  })
  let lost = 0
  for (const sender of senders) {
    const matchers = [{ name: 'sender', op: '=', value: sender.name }] as const
    const found = await store.select(matchers, { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER })
    const held = new Uint8Array(sender.next)
    for (const { series, tMs, values } of found) {
      for (const [at, n] of values.entries()) {
        const isSent = n < sender.next && timeOf(n) === tMs[at] && series.labels['part'] === `${seriesOf(n)}`
        if (!isSent) throw new Error(`part ${series.labels['part']} has ${n} at ${tMs[at]}: nobody sent that`)
        held[n] = 1
      }
    }
    for (const [from, to] of sender.acknowledged) {
      for (let n = from; n < to; n++) if (held[n] !== 1) lost++
    }
  }
  await store.close()
  if (told.length > 0) throw new Error(told.join('\n'))
  return lost
}
