// What is to be done in which second: few lists of many numbers, where a heap would cost for each number. Called by
// recorder.ts and paces.ts.

export const secondAfter = (nowMs: number): number => (Math.floor(nowMs / 1_000) + 1) * 1_000

export class Seconds {
  readonly #numbers = new Map<number, number[]>()

  add(second: number, number: number): void {
    const due = this.#numbers.get(second)
    if (due === undefined) this.#numbers.set(second, [number])
    else due.push(number)
  }

  // What is due by then.
  take(nowMs: number): number[] {
    const due: number[][] = []
    for (const [second, numbers] of this.#numbers) {
      if (second * 1_000 > nowMs) continue
      due.push(numbers)
      this.#numbers.delete(second)
    }
    return due.flat()
  }

  get nextMs(): number {
    return Math.min(...[...this.#numbers.keys()].map(second => second * 1_000), Number.POSITIVE_INFINITY)
  }
}
