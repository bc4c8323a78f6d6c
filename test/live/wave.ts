// Forty hosts whose heat goes up and down on a known schedule, sent to a gateway every half second; who refuses is asked
// again with the same samples, and then the present goes on. Called by rules-fleet.test.ts.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Running } from '../running.ts'

// What all hosts said at once, and when that was taken.
export type Tick = Readonly<{ sentMs: number; acceptedMs: number; values: ReadonlyMap<string, number> }>

export const hosts = Array.from({ length: 40 }, (_, at) => `h${String(at).padStart(2, '0')}`)
// It takes no part in the wave, and falls silent when a test wants it to.
export const quietHost = hosts.at(-1)!

const eachMs = 500
const refusedPauseMs = 200
// Twelve seconds up, twelve seconds down, so that what is seen late is still so; one host after the other.
const periodMs = 24_000
const apartMs = 100
const [low, high] = [10, 90]

type Mode = 'calm' | 'wave' | 'hot'

export class Wave {
  readonly #gateway: () => Running
  readonly #stopping = new AbortController()
  readonly #silent = new Set<string>()
  readonly ticks: Tick[] = []
  #mode: Mode = 'calm'
  #sinceMs = 0
  #sending: Promise<void> = Promise.resolve()
  refused = 0

  constructor(gateway: () => Running) {
    this.#gateway = gateway
  }

  start(): void {
    this.#sending = this.#send()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#sending
  }

  be(mode: Mode): void {
    this.#mode = mode
    this.#sinceMs = Date.now()
  }

  // Calm from when all hosts are low by the schedule, so that no crest is cut off.
  async ebb(): Promise<void> {
    while (hosts.some(each => this.#heatOf(each, Date.now()) === high)) await sleep(eachMs)
    this.be('calm')
  }

  hush(host: string): void {
    this.#silent.add(host)
  }

  wake(host: string): void {
    this.#silent.delete(host)
  }

  async #send(): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      const sentMs = Date.now()
      const present = hosts.filter(each => !this.#silent.has(each))
      const values = new Map(present.map(each => [each, this.#heatOf(each, sentMs)]))
      const body = [...values].map(([host, heat]) => `heat,host=${host} value=${heat} ${sentMs}\n`).join('')
      while ((await this.#gateway().write(body)) !== 204) {
        this.refused++
        await sleep(refusedPauseMs)
        if (signal.aborted) return
      }
      this.ticks.push({ sentMs, acceptedMs: Date.now(), values })
      await sleep(Math.max(0, sentMs + eachMs - Date.now()))
    }
  }

  #heatOf(host: string, atMs: number): number {
    if (this.#mode === 'calm' || host === quietHost) return low
    if (this.#mode === 'hot') return high
    const ownMs = atMs - this.#sinceMs - hosts.indexOf(host) * apartMs
    return ownMs >= 0 && ownMs % periodMs < periodMs / 2 ? high : low
  }
}
