// Which number stands for which series, for ever: one line for each, JSON and its check sum, appended when a flush
// first needs it. Called by engine.ts. A line cut off at the end is dropped; the journal still has what it said.
// A damaged line is left out and told: its number stands for nothing from then on, and never for another series.
import { closeSync, existsSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { crc32 } from 'node:zlib'
import type { Definition } from './journal.ts'
import { DamagedFile } from './segment-read.ts'
import { syncFolder } from './segment-write.ts'

// So many lines are put together at once: a text cannot be as long as a million of them.
const linesMax = 10_000

export class SeriesLog {
  readonly path: string
  readonly #file: number
  readonly #known = new Set<number>()
  // Defined, and not written here yet: each is in a journal.
  #pending: Definition[] = []
  // Numbers below this stand for a series, or must not any more.
  #end = 0
  #length: number
  // What an operator must hear at the start.
  readonly findings: string[] = []

  private constructor(path: string, length: number) {
    this.path = path
    const isNew = !existsSync(path)
    this.#file = openSync(path, isNew ? 'w' : 'r+')
    this.#length = length
    ftruncateSync(this.#file, length)
    if (isNew) syncFolder(dirname(path))
  }

  static open(path: string, each: (definition: Definition) => void): SeriesLog {
    const text = existsSync(path) ? readFileSync(path) : Buffer.alloc(0)
    const damaged: number[] = []
    const definitions: Definition[] = []
    const length = text.lastIndexOf(10) + 1
    for (let at = 0; at < length; ) {
      const end = text.indexOf(10, at)
      const definition = parse(text.toString('utf8', at, end))
      if (definition === undefined) damaged.push(at)
      else definitions.push(definition)
      at = end + 1
    }
    if (definitions.length === 0 && damaged.length > 0)
      throw new DamagedFile(path, `what stands at byte ${damaged[0]} is no series`)
    const log = new SeriesLog(path, length)
    for (const definition of definitions) if (log.#add(definition)) each(definition)
    for (const at of damaged) log.findings.push(`${path}: the series at byte ${at} is damaged and left out`)
    return log
  }

  get end(): number {
    return this.#end
  }

  has(id: number): boolean {
    return this.#known.has(id)
  }

  // Segments have numbers up to here. Those that are not known must not become other series.
  keepBelow(end: number): void {
    if (end <= this.#end) return
    if (this.#known.size === 0) {
      const needing = join(dirname(this.path), 'segments')
      const what = `it holds no series, and those in ${needing} need them: restore it, or move ${needing} away as well`
      throw new DamagedFile(this.path, what)
    }
    this.findings.push(`${this.path}: the series ${this.#end} to ${end - 1} are missing and left out`)
    this.#end = end
  }

  // Answers those that are new.
  define(definitions: readonly Definition[]): Definition[] {
    const fresh = definitions.filter(each => this.#add(each))
    for (const each of fresh) this.#pending.push(each)
    return fresh
  }

  // What is defined is durable when it returns.
  write(): void {
    const fresh = this.#pending
    if (fresh.length === 0) return
    let length = this.#length
    try {
      for (let from = 0; from < fresh.length; from += linesMax) {
        const lines = fresh.slice(from, from + linesMax).map(line)
        length += this.#put(Buffer.from(lines.join('')), length)
      }
      fsyncSync(this.#file)
    } catch (error) {
      ftruncateSync(this.#file, this.#length)
      throw error
    }
    this.#length = length
    this.#pending = []
  }

  close(): void {
    closeSync(this.#file)
  }

  #put(bytes: Uint8Array, to: number): number {
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at, bytes.length - at, to + at)
    return bytes.length
  }

  #add([id]: Definition): boolean {
    if (this.#known.has(id)) return false
    this.#known.add(id)
    if (id >= this.#end) this.#end = id + 1
    return true
  }
}

const checkOf = (json: string): string => crc32(json).toString(16).padStart(8, '0')

function line(definition: Definition): string {
  const json = JSON.stringify(definition)
  return `${json} ${checkOf(json)}\n`
}

function parse(text: string): Definition | undefined {
  const json = text.slice(0, -9)
  return text.slice(-9) === ` ${checkOf(json)}` ? (JSON.parse(json) as Definition) : undefined
}
