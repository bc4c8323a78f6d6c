// A word of ours that stands in the SQL itself rather than beside it: a partial index is taken only by a question that has
// its condition to the letter. Called by the books of rooms; nothing from outside goes through here.
import { type RawBuilder, sql } from 'kysely'

export const literal = <T extends string>(word: T): RawBuilder<T> => sql.lit(word)
