// Which acknowledgements does the book hold? Few among very many facts, so they have an index of their own. Called by
// acknowledged.ts.
import { literal } from '#core/state/literal.ts'
import type { State } from '#core/state.ts'

type Db = State['db']

export type AcknowledgedRow = Readonly<{ incident: number; by: string; atMs: number }>

// The newest first.
export async function readAcknowledged(
  db: Db,
  { sinceMs, limit }: Readonly<{ sinceMs: number; limit: number }>,
): Promise<readonly AcknowledgedRow[]> {
  const rows = await db
    .selectFrom('alerter_facts')
    .select(['incident', 'who', 'at_ms'])
    .where('kind', '=', literal('acknowledged'))
    .where('at_ms', '>=', sinceMs)
    .where('incident', 'is not', null)
    .orderBy('at_ms', 'desc')
    .limit(limit)
    .execute()
  return rows.map(({ incident, who: by, at_ms: atMs }) => ({ incident: incident!, by, atMs }))
}

// Whatever is acknowledged and still open was acknowledged after that; undefined where none is open.
export async function oldestOpenMs(db: Db): Promise<number | undefined> {
  const row = await db
    .selectFrom('alerter_incidents')
    .select(of => of.fn.min('opened_at_ms').as('atMs'))
    .where('closed_at_ms', 'is', null)
    .executeTakeFirst()
  return row?.atMs ?? undefined
}
