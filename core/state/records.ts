// All records of a table, in the order of their keys and in portions: as many at a time as have room, because what others
// post is short or long as they like. Called by the rooms that read at a start all that they must know.
import { type RawBuilder, sql } from 'kysely'
import type { State } from '../state.ts'
import type { Tables } from './tables.ts'

type Db = State['db']

// Rows that people can read: keys, and their JSON.
type Recorded = {
  [Name in keyof Tables]: Tables[Name] extends { record: string } ? Name : never
}[keyof Tables]

type Keyed = Readonly<Record<string, string>> & Readonly<{ size: number }>

// 20 ms of the usual rows, and so much of whatever size.
const rowsMax = 5_000
const charactersMax = 8 * 1_024 * 1_024

export async function* records<Name extends Recorded>(
  db: Db,
  table: Name,
  keys: readonly (keyof Tables[Name] & string)[],
): AsyncGenerator<Tables[Name]> {
  const names = sql.join(keys.map(each => sql.ref(each)))
  const from = sql`from ${sql.table(table)} where (${names})`
  let after = tuple(keys.map(() => ''))
  for (;;) {
    const sized = await sql<Keyed>`
      select ${names}, length(record) as size ${from} > ${after} order by ${names} limit ${rowsMax}`.execute(
      db,
    )
    for (const last of lastOfEach(sized.rows)) {
      const upTo = tuple(keys.map(each => last[each]!))
      const found = await sql<Tables[Name]>`
        select * ${from} > ${after} and (${names}) <= ${upTo} order by ${names}`.execute(db)
      yield* found.rows
      after = upTo
    }
    if (sized.rows.length < rowsMax) return
  }
}

const tuple = (values: readonly string[]): RawBuilder<unknown> => sql`(${sql.join(values)})`

// Of each portion the last row.
function* lastOfEach(sized: readonly Keyed[]): Generator<Keyed> {
  let characters = 0
  for (const [nth, each] of sized.entries()) {
    characters += each.size
    const next = sized[nth + 1]
    if (next !== undefined && characters + next.size <= charactersMax) continue
    characters = 0
    yield each
  }
}
