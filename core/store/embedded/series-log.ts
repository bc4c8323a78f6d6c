// Which number stands for which series, for ever: one JSON line for each, appended when a flush first needs it.
// Called by engine.ts. A line cut off at the end is dropped; the journal still has what it said.
import { closeSync, existsSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs'
import type { Definition } from './journal.ts'
import { DamagedFile } from './segment-read.ts'

export class SeriesLog {
  readonly #file: number
  readonly #known = new Set<number>()
  #length: number

  private constructor(path: string, length: number) {
    this.#file = openSync(path, existsSync(path) ? 'r+' : 'w')
    this.#length = length
    ftruncateSync(this.#file, length)
  }

  static open(path: string, each: (definition: Definition) => void): SeriesLog {
    const text = existsSync(path) ? readFileSync(path) : Buffer.alloc(0)
    const length = text.lastIndexOf(10) + 1
    const log = new SeriesLog(path, length)
    for (let at = 0; at < length; ) {
      const end = text.indexOf(10, at)
      const definition = parse(text.toString('utf8', at, end))
      if (definition === undefined) throw new DamagedFile(path, `what stands at byte ${at} is no series`)
      if (!log.#known.has(definition[0])) each(definition)
      log.#known.add(definition[0])
      at = end + 1
    }
    return log
  }

  get count(): number {
    return this.#known.size
  }

  has(id: number): boolean {
    return this.#known.has(id)
  }

  // Durable when it returns. What is known already is not written again.
  append(definitions: readonly Definition[]): void {
    const fresh = definitions.filter(([id]) => !this.#known.has(id))
    if (fresh.length === 0) return
    const bytes = Buffer.from(fresh.map(each => `${JSON.stringify(each)}\n`).join(''))
    try {
      for (let at = 0; at < bytes.length; )
        at += writeSync(this.#file, bytes, at, bytes.length - at, this.#length + at)
      fsyncSync(this.#file)
    } catch (error) {
      ftruncateSync(this.#file, this.#length)
      throw error
    }
    this.#length += bytes.length
    for (const [id] of fresh) this.#known.add(id)
  }

  close(): void {
    closeSync(this.#file)
  }
}

function parse(line: string): Definition | undefined {
  try {
    const parsed = JSON.parse(line) as Definition
    return Number.isInteger(parsed[0]) ? parsed : undefined
  } catch {
    return undefined
  }
}
