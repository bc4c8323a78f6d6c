// What the store's two threads say to each other. Rows do not travel in messages: the caller puts them into
// memory that both see, and leaves it alone until the answer comes.
import type { EngineOptions } from './engine.ts'
import type { Forgotten } from './forget.ts'
import type { Found, Wanted } from './found.ts'
import type { Definition, NoteRecord } from './journal.ts'
import type { Looked } from './present.ts'
import type { FoundNote } from './read.ts'
import type { Size } from './size.ts'

export type Opening = Readonly<{ options: EngineOptions; nowMs: number }>

export type Opened = Readonly<{
  definitions: readonly Definition[]
  // Numbers below this are taken, also those that no definition names.
  ids: number
  findings: readonly string[]
  forgotten: Forgotten
}>

// Each question with its answer.
export type Asks = {
  append: [
    Readonly<{
      slab: SharedArrayBuffer
      count: number
      definitions: readonly Definition[]
      notes: readonly NoteRecord[]
    }>,
    undefined,
  ]
  select: [Wanted, Found[]]
  // One for each series that has anything there, by its number; undefined: any of them may.
  present: [Looked, Uint8Array | undefined]
  notes: [Readonly<{ wanted: Wanted; limit: number }>, FoundNote[]]
  // What an operator must hear.
  tend: [undefined, readonly string[]]
  compact: [undefined, undefined]
  backup: [Readonly<{ into: string }>, undefined]
  size: [undefined, Size]
  close: [undefined, undefined]
}

export type Ask = keyof Asks
export type Question<A extends Ask = Ask> = Readonly<{ id: number; ask: A; nowMs: number; value: Asks[A][0] }>
export type Reply = Readonly<{ id: number } & ({ value: unknown } | { failure: Refusal })>
export type Refusal = Readonly<{ code: string | undefined; message: string }>

// Times, values and series of `count` rows, one behind the other.
export const slabBytes = (count: number): number => count * 20

export const slabRows = (slab: SharedArrayBuffer, count: number) => ({
  tMs: new Float64Array(slab, 0, count),
  values: new Float64Array(slab, count * 8, count),
  series: new Uint32Array(slab, count * 16, count),
})
