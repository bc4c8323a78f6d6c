// Samples that carry their own number, sent by HTTP and looked for in InfluxDB: which of those that were acknowledged
// are not there? Called by the tests of the whole road.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Running } from '../running.ts'

const hosts = 40
const linesPerBatch = 400
// Some 7 000 samples a second of each sender: what waits after a minute is written within seconds.
const pauseMs = 50
const refusedPauseMs = 100

export type InfluxAccess = Readonly<{ url: string; org: string; bucket: string; token: string }>

export class Numbers {
  readonly #name: string
  readonly #startMs = Date.now() - 3_600_000
  // Ranges, from (inclusive) to (exclusive).
  readonly #acknowledged: [from: number, to: number][] = []
  #next = 0
  refused = 0

  constructor(name: string) {
    this.#name = name
  }

  // Until told to stop. What was not acknowledged is not sent again: it may be there or not.
  async sendTo(gateway: () => Running, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const from = this.#next
      const to = from + linesPerBatch
      this.#next = to
      const status = await gateway().write(this.#body(from, to))
      if (status === 204) this.#acknowledged.push([from, to])
      else this.refused++
      await sleep(status === 204 ? pauseMs : refusedPauseMs)
    }
  }

  get acknowledged(): number {
    return this.#acknowledged.reduce((sum, [from, to]) => sum + to - from, 0)
  }

  // Throws when there is one that was never sent, or one twice.
  async missingIn(influx: InfluxAccess): Promise<number> {
    const found = new Uint8Array(this.#next)
    for (const n of await this.#read(influx)) {
      if (!(n < this.#next)) throw new Error(`${n} was never sent`)
      if (found[n] === 1) throw new Error(`${n} is there twice`)
      found[n] = 1
    }
    let missing = 0
    for (const [from, to] of this.#acknowledged) for (let n = from; n < to; n++) missing += 1 - found[n]!
    return missing
  }

  #body(from: number, to: number): string {
    let body = ''
    for (let n = from; n < to; n++) {
      body += `numbers,sender=${this.#name},host=h${n % hosts} value=${n} ${this.#startMs + n}\n`
    }
    return body
  }

  async #read(influx: InfluxAccess): Promise<number[]> {
    const text = await askFlux(
      influx,
      `from(bucket: "${influx.bucket}") |> range(start: -2d)
      |> filter(fn: (r) => r._measurement == "numbers" and r.sender == "${this.#name}")
      |> keep(columns: ["_value"])`,
    )
    return text
      .split('\r\n')
      .filter(line => line.startsWith(',') && !line.startsWith(',result'))
      .map(line => Number(line.slice(line.lastIndexOf(',') + 1)))
  }
}

// The answer as CSV.
export async function askFlux({ url, org, token }: InfluxAccess, query: string): Promise<string> {
  const answer = await fetch(`${url}/api/v2/query?org=${org}`, {
    method: 'POST',
    headers: {
      authorization: `Token ${token}`,
      'content-type': 'application/vnd.flux',
      accept: 'application/csv',
    },
    body: query,
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(text)
  return text
}
