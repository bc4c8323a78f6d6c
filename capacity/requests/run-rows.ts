// Runs as rows of the state: which were made, what each came to and planned, and since when the schedule counts. Called by
// runs.ts, which makes them, and by requests.ts.
import { readSaved } from '#core/state/saved-json.ts'
import type { CapacityRunsTable } from '#core/state/tables.ts'
import type { State } from '#core/state.ts'
import type { Before } from '../report/report-model.ts'
import type { Db } from './rows.ts'
import type { RunSummary } from './summary.ts'

export type Trigger = 'schedule' | 'person'

export type Run = Readonly<{
  id: string
  month: string
  trigger: Trigger
  dueMs: number
  madeAtMs: number
  asOfDay: number
  who: string
  summary: RunSummary
}>

export const scheduledId = (dueMonth: string): string => `schedule/${dueMonth}`

export async function hasRun(db: Db, id: string): Promise<boolean> {
  const found = await db.selectFrom('capacity_runs').select('id').where('id', '=', id).executeTakeFirst()
  return found !== undefined
}

export const hasRunOf = (db: Db, dueMonth: string): Promise<boolean> => hasRun(db, scheduledId(dueMonth))

export const runRow = (db: Pick<State['db'], 'insertInto'>, run: Run, planned: Before['pools']) =>
  db.insertInto('capacity_runs').values({
    ...{ id: run.id, month: run.month, trigger: run.trigger, who: run.who },
    ...{ due_ms: run.dueMs, made_at_ms: run.madeAtMs, as_of_day: run.asOfDay },
    ...{ summary: JSON.stringify(run.summary), planned: JSON.stringify(planned) },
  })

// While it is the same, no run has been made.
export async function runsMade(db: Db): Promise<number> {
  const { made } = await db
    .selectFrom('capacity_runs')
    .select(({ fn }) => fn.countAll<number | string>().as('made'))
    .where('trigger', '!=', beginning)
    .executeTakeFirstOrThrow()
  return Number(made)
}

// What the last run of an earlier month planned.
export async function readBefore(db: Db, month: string): Promise<Before | null> {
  const row = await db
    .selectFrom('capacity_runs')
    .select(['month', 'planned'])
    .where('month', '<', month)
    .where('trigger', '!=', beginning)
    .orderBy('month', 'desc')
    .orderBy('made_at_ms', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row === undefined ? null : { month: row.month, pools: JSON.parse(row.planned) as Before['pools'] }
}

type Row = Readonly<Omit<CapacityRunsTable, 'planned'>>

const readRow = ({ id, month, trigger, who, summary, ...row }: Row): Run => ({
  ...{ id, month, trigger: trigger as Trigger, who },
  ...{ dueMs: row.due_ms, madeAtMs: row.made_at_ms, asOfDay: row.as_of_day },
  summary: readSaved<RunSummary>(summary, {
    at: `run ${id}`,
    wanted: 'what a run came to',
    isWhole: found => typeof found?.month === 'string',
  }),
})

// The newest first.
export async function readRuns(db: Db, limit: number): Promise<readonly Run[]> {
  const rows = await db
    .selectFrom('capacity_runs')
    .select(['id', 'month', 'trigger', 'due_ms', 'made_at_ms', 'as_of_day', 'who', 'summary'])
    .where('trigger', '!=', beginning)
    .orderBy('made_at_ms', 'desc')
    .limit(limit)
    .execute()
  return rows.map(readRow)
}

// No run, but the moment before which nothing was due.
const beginning = 'begin'

// Since when the schedule counts: its last run that was due by now, or the first start. A run of a future that a wrong
// clock once saw does not hold up the present.
export async function dueSince(state: State, write: State['write'], nowMs: number): Promise<number> {
  const last = await state.db
    .selectFrom('capacity_runs')
    .select(({ fn }) => fn.max('due_ms').as('due'))
    .where('trigger', 'in', ['schedule', beginning])
    .where('due_ms', '<=', nowMs)
    .executeTakeFirstOrThrow()
  if (last.due !== null && last.due !== undefined) return last.due
  const row = { id: beginning, trigger: beginning, due_ms: nowMs, made_at_ms: nowMs }
  await write([
    state.db
      .insertInto('capacity_runs')
      .values({ ...row, month: '', as_of_day: 0, who: '', summary: '{}', planned: '[]' })
      .onConflict(on => on.column('id').doUpdateSet({ due_ms: nowMs })),
  ])
  return nowMs
}
