// Parameters of a statement outside of the heap: rows that wait for the disk would be copied and kept by the collector of
// garbage like all that lives. Made by in-sizes.ts; the thread of the SQLite file unpacks them, others by `parameters`.
// Hot in a storm: see bench/storm.ts.
import { deserialize, serialize } from 'node:v8'
import type { CompiledQuery } from 'kysely'
import { free } from '../free.js'

// Of fewer it takes longer than it saves.
const packedMin = 250

export class Packed implements CompiledQuery {
  readonly #query: CompiledQuery
  readonly #few: readonly unknown[]
  // Nothing: they are few, and are as they are.
  readonly bytes: Uint8Array | undefined

  constructor(query: CompiledQuery, parameters: readonly unknown[]) {
    for (const each of parameters)
      if (!isKept(each)) throw new TypeError(`${String(each)} cannot be kept by ${query.sql.slice(0, 60)}`)
    const isMany = parameters.length >= packedMin
    this.#query = query
    this.#few = isMany ? [] : parameters
    this.bytes = isMany ? serialize(parameters) : undefined
  }

  get query(): CompiledQuery['query'] {
    return this.#query.query
  }

  get queryId(): CompiledQuery['queryId'] {
    return this.#query.queryId
  }

  get sql(): string {
    return this.#query.sql
  }

  compile(): this {
    return this
  }

  // For who is sure that it is not written again.
  free(): void {
    if (this.bytes !== undefined) free(this.bytes)
  }

  get parameters(): readonly unknown[] {
    return this.bytes === undefined ? this.#few : deserialize(this.bytes)
  }
}

// Nobody looks through them any more before they are durable.
const isKept = (cell: unknown): boolean =>
  typeof cell === 'string' || cell === null || (typeof cell === 'number' && !Number.isNaN(cell))
