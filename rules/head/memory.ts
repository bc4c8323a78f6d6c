// How much may the head take, and how much has it? Whoever grows asks here first. Called by all parts of the head; several
// heads of one process have parts of one memory.

export class Memory {
  readonly #maxBytes: number
  readonly #whole: Memory | undefined
  #bytes = 0

  constructor(maxBytes: number, whole?: Memory) {
    this.#maxBytes = maxBytes
    this.#whole = whole
  }

  get bytes(): number {
    return this.#bytes
  }

  get leftBytes(): number {
    const left = Math.min(this.#maxBytes - this.#bytes, this.#whole?.leftBytes ?? Number.POSITIVE_INFINITY)
    return Math.max(0, left)
  }

  // What it takes is taken from this one too.
  part(): Memory {
    return new Memory(this.#maxBytes, this)
  }

  // Whether there was room for so many more.
  take(bytes: number): boolean {
    if (bytes > this.leftBytes) return false
    this.takeAnyway(bytes)
    return true
  }

  // For what cannot be refused.
  takeAnyway(bytes: number): void {
    this.#bytes += bytes
    this.#whole?.takeAnyway(bytes)
  }

  give(bytes: number): void {
    this.#bytes -= bytes
    this.#whole?.give(bytes)
  }
}
