// What was sent within the last seconds, to be sent again after a break. VictoriaMetrics says 204 before the samples
// are on its disk, and a kill -9 costs it about five seconds of them; a break of the connection is all that we see of
// it. Sending the same samples twice changes nothing. Times are those of a clock that never goes back. Called by send.ts
// before each request, and by ../prometheus.ts.
import type { Clock } from '../../clock.ts'

// Twice what VictoriaMetrics keeps in memory.
const windowMs = 10_000
// Beyond that the oldest are forgotten: they are the most likely to be on the disk.
const bytesMax = 64 * 1024 * 1024

type Sent = { readonly body: Uint8Array; atMs: number }

export class Recent {
  #sent: Sent[] = []
  #bytes = 0
  #brokeAtMs: number | undefined
  #mending: Promise<void> | undefined

  add(body: Uint8Array, nowMs: number): void {
    this.#sent.push({ body, atMs: nowMs })
    this.#bytes += body.length
    this.#forgetBefore(nowMs - windowMs)
  }

  broke(nowMs: number): void {
    this.#brokeAtMs ??= nowMs
  }

  // Resolves when everything that the break may have cost is there again. `post` rejects when it is not.
  mended(clock: Clock, post: (body: Uint8Array) => Promise<unknown>): Promise<void> {
    if (this.#brokeAtMs === undefined) return Promise.resolve()
    this.#mending ??= this.#mend(clock, post, this.#brokeAtMs).finally(() => {
      this.#mending = undefined
    })
    return this.#mending
  }

  async #mend(clock: Clock, post: (body: Uint8Array) => Promise<unknown>, brokeAtMs: number): Promise<void> {
    this.#forgetBefore(brokeAtMs - windowMs)
    for (const sent of [...this.#sent]) {
      await post(sent.body)
      // It is in memory only once more.
      sent.atMs = clock.monotonicMs()
    }
    this.#brokeAtMs = undefined
  }

  #forgetBefore(tMs: number): void {
    let many = 0
    while (many < this.#sent.length) {
      const { atMs, body } = this.#sent[many]!
      if (atMs >= tMs && this.#bytes <= bytesMax) break
      this.#bytes -= body.length
      many++
    }
    this.#sent.splice(0, many)
  }
}
