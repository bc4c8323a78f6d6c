// The journal files of a store, by number: each belongs to the flush of that number. Called by engine.ts.
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Append, Journal, replay } from './journal.ts'
import { syncFolder } from './segment-write.ts'

export class JournalFolder {
  readonly folder: string

  constructor(folder: string) {
    this.folder = folder
    mkdirSync(folder, { recursive: true })
  }

  create(number: number): Journal {
    return new Journal(this.#path(number))
  }

  // Ascending.
  numbers(): number[] {
    return readdirSync(this.folder)
      .map(name => Number(/^(\d+)\.log$/.exec(name)?.[1]))
      .filter(Number.isInteger)
      .sort((a, b) => a - b)
  }

  // Everything that is left, in the order of writing. Answers what an operator must hear. What has nothing goes: each start
  // that finds the disk full leaves one.
  replay(each: (append: Append) => void): string[] {
    return this.numbers().flatMap(number => {
      if (statSync(this.#path(number)).size === 0) {
        rmSync(this.#path(number))
        return []
      }
      const lostBytes = replay(this.#path(number), each)
      return lostBytes === 0 ? [] : [`${this.#path(number)}: ${lostBytes} bytes are damaged and lost`]
    })
  }

  // Those whose rows are in segments now. Durable: a file that came back with the power would be written again,
  // over what came after it.
  dropUpTo(number: number): void {
    for (const each of this.numbers()) if (each <= number) rmSync(this.#path(each))
    syncFolder(this.folder)
  }

  #path(number: number): string {
    return join(this.folder, `${number}.log`)
  }
}
