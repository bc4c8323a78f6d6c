// One line of the audit: who did what, when. Written in the same write or transaction as the deed itself, so
// that neither is there without the other. Called by every room that changes something for people.
import { randomBytes } from 'node:crypto'
import type { Compilable, Kysely } from 'kysely'
import type { Tables } from './tables.ts'

export type AuditEntry = Readonly<{
  atMs: number
  who: string
  // A verb of the past and its object, `token created`.
  what: string
  details?: Readonly<Record<string, unknown>>
}>

let made = 0

// The id sorts by time, and within a millisecond in the order of making.
export function audited(
  db: Kysely<Tables>,
  { atMs, who, what, details = {} }: AuditEntry,
): Compilable & { execute(): Promise<unknown> } {
  made = (made + 1) % 0x10000
  const [time, order] = [hex(atMs, 12), hex(made, 4)]
  const id = `${time}-${order}-${randomBytes(6).toString('hex')}`
  return db.insertInto('audit').values({ id, at_ms: atMs, who, what, details: JSON.stringify(details) })
}

const hex = (value: number, digits: number): string => Math.floor(value).toString(16).padStart(digits, '0')
