// What an operator must hear of damaged files: each file once, whether the start, a merge or a reader comes upon it. Kept
// until somebody tells it. Called by engine.ts.
import { DamagedFile } from './segment-read.ts'

export class Damage {
  #findings: string[] = []
  readonly #paths = new Set<string>()

  say(findings: readonly string[]): void {
    this.#findings.push(...findings)
  }

  meet(error: DamagedFile): void {
    if (this.#paths.has(error.path)) return
    this.#paths.add(error.path)
    this.#findings.push(error.message)
  }

  // A reader fails by it all the same: an answer with samples missing would be taken for whole.
  async metBy<T>(reading: Promise<T>): Promise<T> {
    try {
      return await reading
    } catch (error) {
      if (error instanceof DamagedFile) this.meet(error)
      throw error
    }
  }

  take(): string[] {
    return this.#findings.splice(0)
  }
}
