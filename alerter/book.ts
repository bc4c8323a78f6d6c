// What the alerter keeps in the state: what it knows, what is to be told, incidents, and every fact. Called by the scribe
// to save, by the alerter at start, and by retention.
import type { Packed } from '#core/state/packed.ts'
import type { State } from '#core/state.ts'
import { endOf, firstPlace, forgetFacts, forgetIncidents } from './book/forget.ts'
import { type Loaded, load } from './book/load.ts'
import { type Age, oldBeforeMs } from './book/old.ts'
import { Page } from './book/page.ts'
import { openStatements } from './book/statements.ts'

// A page; or, of a large one that has to wait, its statements, which are less to keep.
export type Sheet = Page | readonly Packed[]

export interface AlerterBook {
  load(nowMs: number): Promise<Loaded>
  // One after the other, all or nothing, durable when it resolves. Storms come in pieces; a single group is never cut.
  save(sheets: Page | readonly Sheet[], write?: State['write' | 'append']): Promise<void>
  statements(page: Page): readonly Packed[]
  // Which of these facts are there.
  known(ids: readonly string[]): Promise<ReadonlySet<string>>
  // Looks at some of what is older, a portion that nobody waits for long; false when there is no more.
  forget(age: Age, write?: State['write']): Promise<boolean>
}

const askedAtOnce = 256

export function openAlerterBook({ state }: Readonly<{ state: State }>): AlerterBook {
  const statements = openStatements(state.db)
  // Of those that are looked at because they may be too old.
  let from = firstPlace
  return {
    load: nowMs => load(state.db, nowMs),
    statements,
    async save(sheets, write = unit => state.append(unit)) {
      const all = sheets instanceof Page ? [sheets] : sheets
      const unit = all.flatMap(each => (each instanceof Page ? statements(each) : each))
      if (unit.length > 0) await write(unit)
    },
    async known(ids) {
      const known = new Set<string>()
      for (let at = 0; at < ids.length; at += askedAtOnce) {
        const some = ids.slice(at, at + askedAtOnce)
        const rows = await state.db.selectFrom('alerter_facts').select('id').where('id', 'in', some).execute()
        for (const { id } of rows) known.add(id)
      }
      return known
    },
    async forget(age, write = unit => state.write(unit)) {
      const beforeMs = await oldBeforeMs(state.db, age)
      const portion = { from, beforeMs }
      const end = await endOf(state.db, portion)
      const [facts, incidents] = [forgetFacts(state.db, portion), forgetIncidents(state.db, beforeMs)]
      const [, ...written] = await write([facts, ...incidents])
      from = end ?? firstPlace
      return end !== undefined || written.some(({ changed }) => changed > 0)
    },
  }
}
