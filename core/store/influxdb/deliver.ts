// One piece of text into InfluxDB, for good: what it refuses by line is found and told, what is too large is halved.
// Resolves when the rest is stored, throws a Failure when the whole must be given again. Called by writes.ts.
import { Failure } from '../../errors.ts'
import { cutLines } from '../../line-protocol/cut-lines.ts'
import type { OwnMetrics } from '../../own-metrics.ts'
import { type Poisoned, sift } from '../poison.ts'
import type { Link } from './link.ts'
import { withoutReserved } from './reserved.ts'
import type { InfluxdbSettings } from './settings.ts'
import { judge, type Verdict } from './verdict.ts'

export type DeliverOptions = Readonly<{
  link: Link
  settings: InfluxdbSettings
  own?: OwnMetrics | undefined
  limitMs: number
}>

type Lines = readonly Uint8Array[]

export class Delivery {
  readonly #options: DeliverOptions
  readonly #path: string
  // Of one request; less after something on the way said that it was too large.
  maxBytes: number

  constructor(options: DeliverOptions, maxBytes: number) {
    this.#options = options
    this.#path = writePath(options.settings)
    this.maxBytes = maxBytes
  }

  // Each text is whole lines. What is answered was not stored, and will not be by trying again.
  async deliver(texts: Lines): Promise<Poisoned<Uint8Array>[]> {
    const { texts: fit, unfit } = withoutReserved(texts)
    return [...unfit, ...(fit.length === 0 ? [] : await this.#deliver(fit))]
  }

  async #deliver(texts: Lines): Promise<Poisoned<Uint8Array>[]> {
    const verdict = await this.#send(texts)
    if (verdict.is === 'stored') return []
    if (verdict.is === 'too_large') return this.#smaller(texts, verdict.reason)
    const lines = texts.flatMap(text => cutLines(text, 1))
    return sift(lines, verdict.refusal, async part => {
      const again = await this.#send(part, true)
      if (again.is === 'too_large') throw new Failure('store_unavailable', again.reason)
      return again.is === 'stored' ? undefined : again.refusal
    })
  }

  async #smaller(texts: Lines, reason: string): Promise<Poisoned<Uint8Array>[]> {
    const bytes = sizeOf(texts)
    const halves = texts.flatMap(text => cutLines(text, Math.ceil(bytes / 2)))
    if (halves.length === 1) return [{ item: halves[0]!, reason }]
    this.maxBytes = Math.min(this.maxBytes, Math.max(smallest, Math.ceil(bytes / 2)))
    const found: Poisoned<Uint8Array>[] = []
    for (const part of groupsOf(halves, Math.ceil(bytes / 2))) found.push(...(await this.#deliver(part)))
    return found
  }

  async #send(texts: Lines, areLines = false): Promise<Verdict> {
    const { link, settings, own, limitMs } = this.#options
    const requests = own?.counter('plimsoll_store_requests_total')
    const body = texts.length === 1 ? texts[0]! : Buffer.concat(texts)
    try {
      const reply = await link.call({
        method: 'POST',
        path: this.#path,
        token: settings.token,
        body,
        limitMs,
      })
      const verdict = judge(reply, areLines ? texts : [])
      requests?.inc(1, { outcome: verdict.is })
      if (verdict.is === 'stored') own?.counter('plimsoll_store_expired_total').inc(verdict.expired)
      return verdict
    } catch (error) {
      if (error instanceof Failure)
        requests?.inc(1, { outcome: error.code === 'store_refused' ? 'not_let_in' : 'unavailable' })
      throw error
    }
  }
}

const smallest = 64 << 10

export const writePath = ({ org, bucket }: InfluxdbSettings): string =>
  `/api/v2/write?${new URLSearchParams({ org, bucket, precision: 'ms' })}`

export const sizeOf = (texts: Lines): number => texts.reduce((sum, text) => sum + text.length, 0)

// In their order, each of at most maxBytes or of one text.
export function groupsOf(texts: Lines, maxBytes: number): Uint8Array[][] {
  const groups: Uint8Array[][] = []
  let bytes = Number.POSITIVE_INFINITY
  for (const text of texts) {
    if (bytes + text.length > maxBytes) {
      groups.push([])
      bytes = 0
    }
    groups.at(-1)!.push(text)
    bytes += text.length
  }
  return groups
}
