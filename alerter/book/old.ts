// Before when is something older than it is kept? By the time that facts bear witness to, and not by the clock alone: one
// that is years ahead for an hour takes an eighth at most. Called by book.ts and silences.ts.
import type { State } from '#core/state.ts'

type Db = Pick<State['db'], 'selectFrom'>

export type Age = Readonly<{ nowMs: number; keptMs: number }>

// A time without a fact counts as this part of what is kept at most, however long the clock says that it was: an outage, a
// quiet year, or a clock that was set. So few questions are asked, each of an index.
const gapsKept = 8

export async function oldBeforeMs(db: Db, { nowMs, keptMs }: Age): Promise<number> {
  const gapMs = Math.ceil(keptMs / gapsKept)
  let [atMs, leftMs] = [nowMs, keptMs]
  for (;;) {
    const factMs = (await oldestWithin(db, atMs - gapMs, atMs)) ?? (await newestBefore(db, atMs))
    const livedMs = factMs === undefined ? leftMs : Math.min(atMs - factMs, gapMs)
    if (factMs === undefined || livedMs >= leftMs) return atMs - leftMs
    leftMs -= livedMs
    atMs = factMs
  }
}

async function oldestWithin(db: Db, fromMs: number, beforeMs: number): Promise<number | undefined> {
  const found = await db
    .selectFrom('alerter_facts')
    .select(row => row.fn.min('at_ms').as('atMs'))
    .where('at_ms', '>=', fromMs)
    .where('at_ms', '<', beforeMs)
    .executeTakeFirst()
  return found?.atMs ?? undefined
}

async function newestBefore(db: Db, beforeMs: number): Promise<number | undefined> {
  const found = await db
    .selectFrom('alerter_facts')
    .select(row => row.fn.max('at_ms').as('atMs'))
    .where('at_ms', '<', beforeMs)
    .executeTakeFirst()
  return found?.atMs ?? undefined
}
