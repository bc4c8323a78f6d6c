// One line of the audit: who did what, when. Written in the same write or transaction as the deed itself, so
// that neither is there without the other. Called by every room that changes something for people. Lines are added and
// never changed; what is too old goes, and that is a line too. Forgotten by bin/.
import { randomBytes } from 'node:crypto'
import type { Compilable, Kysely } from 'kysely'
import { openRetention, type Retention, type RetentionOptions } from '../retention.ts'
import type { State } from '../state.ts'
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

const dayMs = 86_400_000
// Some 20 ms of SQLite's thread.
const linesAtOnce = 2_000

type AuditRetention = Pick<RetentionOptions, 'clock' | 'log' | 'keptMs'> & Readonly<{ state: State }>

// On a fleet each process looks; what one has taken away, the others do not find.
export const openAuditRetention = ({ state, clock, log, keptMs }: AuditRetention): Retention =>
  openRetention({
    ...{ clock, log, keptMs, room: 'state', eachMs: dayMs },
    forget: beforeMs => forgetAudit(state, { beforeMs, nowMs: clock.nowMs() }),
  })

const shortened = 'audit shortened'

// False when there is no more. By age only, which is counted from the newest line: a clock that is years ahead takes nothing.
export async function forgetAudit(
  { db, transaction }: Pick<State, 'db' | 'transaction'>,
  { beforeMs, nowMs }: Readonly<{ beforeMs: number; nowMs: number }>,
): Promise<boolean> {
  const newest = await db
    .selectFrom('audit')
    .select('at_ms')
    .where('what', '!=', shortened)
    .orderBy('at_ms', 'desc')
    .limit(1)
    .executeTakeFirst()
  const oldMs = beforeMs - Math.max(0, nowMs - (newest?.at_ms ?? 0))
  const isOld = (of: State['db']) => of.selectFrom('audit').select('id').where('at_ms', '<', oldMs)
  if ((await isOld(db).limit(1).executeTakeFirst()) === undefined) return false
  return transaction(async tx => {
    const some = isOld(tx).orderBy('at_ms').orderBy('id').limit(linesAtOnce)
    const { numDeletedRows } = await tx.deleteFrom('audit').where('id', 'in', some).executeTakeFirstOrThrow()
    const lines = Number(numDeletedRows)
    if (lines === 0) return false
    const details = { lines, beforeMs: oldMs }
    await audited(tx, { atMs: nowMs, who: 'plimsoll', what: shortened, details }).execute()
    return lines === linesAtOnce
  })
}
