// The ids of what was heard last, in two halves: when the younger one is full, the older one is forgotten as a whole,
// because one by one would cost each of a storm more than it is worth. Called by intake.ts.

// Some 5 MiB.
const halfMax = 50_000

export class LastIds {
  // Whatever is not here is not younger than this.
  forgottenUpToMs: number
  #young = newHalf()
  #old = newHalf()

  constructor(forgottenUpToMs: number) {
    this.forgottenUpToMs = forgottenUpToMs
  }

  has(id: string): boolean {
    return this.#young.ids.has(id) || this.#old.ids.has(id)
  }

  // False where it was here before.
  add(id: string, atMs: number): boolean {
    this.#young.newestMs = Math.max(this.#young.newestMs, atMs)
    if (this.has(id)) return false
    this.#young.ids.add(id)
    return true
  }

  // To be called between two portions: what has been looked up for one of them stays until it is heard.
  makeRoom(): void {
    if (this.#young.ids.size < halfMax) return
    this.forgottenUpToMs = Math.max(this.forgottenUpToMs, this.#old.newestMs)
    this.#old = this.#young
    this.#young = newHalf()
  }
}

const newHalf = () => ({ ids: new Set<string>(), newestMs: Number.NEGATIVE_INFINITY })
