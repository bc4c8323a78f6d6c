// How much may the head take, and how much has it? Whoever grows asks here first. Called by all parts of the head.

export class Memory {
  readonly #maxBytes: number
  #bytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  get bytes(): number {
    return this.#bytes
  }

  get leftBytes(): number {
    return Math.max(0, this.#maxBytes - this.#bytes)
  }

  // Whether there was room for so many more.
  take(bytes: number): boolean {
    if (bytes > this.leftBytes) return false
    this.#bytes += bytes
    return true
  }

  // For what cannot be refused.
  takeAnyway(bytes: number): void {
    this.#bytes += bytes
  }

  give(bytes: number): void {
    this.#bytes -= bytes
  }
}
