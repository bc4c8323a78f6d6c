// Which number stands for which series: one line for each, JSON and its check sum, appended when a flush first needs it.
// Called by engine.ts. A line cut off at the end is dropped; the journal still has what it said. A damaged line is left
// out and told. A number whose series is lost or forgotten stands for nothing from then on, and never for another.
//
//   {"end":7} 1c291ca3              written first when series are forgotten: numbers below it are taken
//   [3,"up",{"host":"a"}] 8d9c1f02
import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { crc32 } from 'node:zlib'
import type { Definition } from './journal.ts'
import type { Marks } from './marks.ts'
import { DamagedFile } from './segment-read.ts'
import { syncFolder } from './segment-write.ts'

// So many lines are put together at once: a text cannot be as long as a million of them.
const linesMax = 10_000

export class SeriesLog {
  readonly path: string
  #file: number
  #known = new Set<number>()
  // Defined, and not written here yet: each is in a journal.
  #pending: Definition[] = []
  // Numbers below this stand for a series, or must not any more.
  #end = 0
  #length: number
  // Nobody has damaged lines of it.
  readonly isWhole: boolean
  // What an operator must hear at the start.
  readonly findings: string[] = []

  private constructor(path: string, length: number, isWhole: boolean) {
    this.path = path
    this.isWhole = isWhole
    const isNew = !existsSync(path)
    this.#file = openSync(path, isNew ? 'w' : 'r+')
    this.#length = length
    ftruncateSync(this.#file, length)
    if (isNew) syncFolder(dirname(path))
  }

  static open(path: string, each: (definition: Definition) => void): SeriesLog {
    rmSync(besides(path), { force: true })
    const text = existsSync(path) ? readFileSync(path) : Buffer.alloc(0)
    const damaged: number[] = []
    const definitions: Definition[] = []
    let taken = 0
    const length = text.lastIndexOf(10) + 1
    for (let at = 0; at < length; ) {
      const end = text.indexOf(10, at)
      const found = parse(text.toString('utf8', at, end))
      if (found === undefined) damaged.push(at)
      else if ('end' in found) taken = found.end
      else definitions.push(found)
      at = end + 1
    }
    if (definitions.length === 0 && damaged.length > 0)
      throw new DamagedFile(path, `what stands at byte ${damaged[0]} is no series`)
    const log = new SeriesLog(path, length, damaged.length === 0)
    log.#end = taken
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

  // Segments have these numbers, and others below `end` where they are damaged. Those that are not known must not become
  // other series.
  keepBelow(end: number, mentioned: Marks): void {
    const nameless = this.#countNameless(mentioned)
    if (end <= this.#end && nameless === 0) return
    if (this.#known.size === 0) {
      const needing = join(dirname(this.path), 'segments')
      const what = `it holds no series, and those in ${needing} need them: restore it, or move ${needing} away as well`
      throw new DamagedFile(this.path, what)
    }
    if (end > this.#end) {
      this.findings.push(`${this.path}: the series ${this.#end} to ${end - 1} are missing and left out`)
      this.#end = end
    } else if (this.findings.length === 0)
      this.findings.push(`${this.path}: ${nameless} series of segments are missing and left out`)
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
      length = put(this.#file, fresh, length)
      fsyncSync(this.#file)
    } catch (error) {
      ftruncateSync(this.#file, this.#length)
      throw error
    }
    this.#length = length
    this.#pending = []
  }

  // Leaves out all other lines, for good: the log is written anew beside itself and takes its own place. Where that
  // cannot be written nothing has changed, and the answer says why.
  keepOnly(kept: readonly Definition[]): string | undefined {
    const path = besides(this.path)
    const file = openNew(path)
    if (typeof file === 'string') return file
    let length: number
    try {
      length = put(file, [{ end: this.#end }, ...kept], 0)
      fsyncSync(file)
      renameSync(path, this.path)
    } catch (error) {
      closeSync(file)
      rmSync(path, { force: true })
      return reasonOf(error)
    }
    // Until this is durable, nothing may be written that the log before did not have.
    syncFolder(dirname(this.path))
    closeSync(this.#file)
    this.#file = file
    this.#length = length
    this.#known = new Set([...kept, ...this.#pending].map(([id]) => id))
    return undefined
  }

  close(): void {
    closeSync(this.#file)
  }

  #countNameless(mentioned: Marks): number {
    let count = 0
    for (let id = 0; id < mentioned.all.length; id++) if (mentioned.has(id) && !this.#known.has(id)) count++
    return count
  }

  #add([id]: Definition): boolean {
    if (this.#known.has(id)) return false
    this.#known.add(id)
    if (id >= this.#end) this.#end = id + 1
    return true
  }
}

type Line = Definition | Readonly<{ end: number }>

const besides = (path: string): string => `${path}.tmp`

function openNew(path: string): number | string {
  try {
    return openSync(path, 'w')
  } catch (error) {
    return reasonOf(error)
  }
}

// Of what the system refuses. Anything else is a mistake of ours.
function reasonOf(error: unknown): string {
  if ((error as NodeJS.ErrnoException).code === undefined) throw error
  return (error as Error).message
}

// Answers where they end.
function put(file: number, all: readonly Line[], from: number): number {
  let end = from
  for (let next = 0; next < all.length; next += linesMax) {
    const bytes = Buffer.from(
      all
        .slice(next, next + linesMax)
        .map(line)
        .join(''),
    )
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at, end + at)
    end += bytes.length
  }
  return end
}

const checkOf = (json: string): string => crc32(json).toString(16).padStart(8, '0')

function line(one: Line): string {
  const json = JSON.stringify(one)
  return `${json} ${checkOf(json)}\n`
}

function parse(text: string): Line | undefined {
  const json = text.slice(0, -9)
  return text.slice(-9) === ` ${checkOf(json)}` ? (JSON.parse(json) as Line) : undefined
}
