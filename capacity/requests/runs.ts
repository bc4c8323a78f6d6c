// Makes the drafts of a month from a plan, once for each time that the schedule was due and again whenever somebody asks:
// run, drafts, the month's report, audit and notices in one transaction, under the lease of whoever owns the schedule.
// Called by requests.ts.
import { randomBytes } from 'node:crypto'
import type { Lease } from '#core/lease.ts'
import { audited } from '#core/state/audit.ts'
import { readSaved } from '#core/state/saved-json.ts'
import type { State } from '#core/state.ts'
import type { Plan } from '../plan.ts'
import { savePieces, saveReport } from '../report/kept-reports.ts'
import { type Before, beforeWith, poolReports, reportWith } from '../report/report-model.ts'
import { type Draft, draftsOf } from './drafts.ts'
import type { Judgement } from './judged.ts'
import { runNotices, type Told } from './notices.ts'
import type { NoticeOutbox } from './outbox.ts'
import { type Redrafted, redraft } from './redraft.ts'
import { type Db, nextNumber, readForRun, readRequests, saveChanges, type Transaction } from './rows.ts'
import { saveSaid } from './said.ts'
import { type RunSummary, summaryOf } from './summary.ts'

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

export type RunAsked = Readonly<{
  trigger: Trigger
  // When the schedule said so, and the month of that, like 2026-11; of a person's, now.
  dueMs: number
  dueMonth: string
  who: string
  atMs: number
  // Of past months' requests, for the report that is kept; left out: nothing is judged yet.
  judgement?: Judgement | undefined
  // Of the lease, where one is held.
  owner?: Pick<Lease, 'write' | 'transaction'> | undefined
}>

// Of a report; the others are asked for by `plimsoll capacity requests`.
export const reportedRequestsMax = 10_000

// `drafts`: what the run did to how many.
export type RunMade = Readonly<{ run: Run; drafts: Readonly<Record<string, number>> }>

export type RunOptions = Readonly<{
  state: State
  told: () => Told
  outbox: Pick<NoticeOutbox, 'put'>
  leaving: (pool: string) => number
}>

// Undefined: the schedule's run of this month is there already, whoever made it.
export async function makeRun(
  plan: Plan,
  asked: RunAsked,
  { state, told, outbox, leaving }: RunOptions,
): Promise<RunMade | undefined> {
  const { trigger, dueMonth, who, atMs, judgement, owner = state } = asked
  const id =
    trigger === 'schedule' ? scheduledId(dueMonth) : `person/${atMs}-${randomBytes(4).toString('hex')}`
  // Looked at once more within; here it only saves the work.
  if (await hasRun(state.db, id)) return undefined
  const drafted = await draftsOf(plan, leaving)
  await saveSaid(state, owner.write, plan)
  const pools = poolReports(plan, [])
  const planned = beforeWith(pools, plan).pools
  const pieces = await savePieces(state, owner.write, pools, atMs)
  return owner.transaction(async tx => {
    if (await hasRun(tx, id)) return undefined
    const steps = redraft(await readForRun(tx, plan.month), drafted, {
      ...{ month: plan.month, nextNumber: await nextNumber(tx) },
      ...{ deed: { who, why: '', atMs }, planMadeMs: plan.madeAtMs },
    })
    await saveChanges(tx, steps)
    const before = await readBefore(tx, plan.month)
    const run = await saveRun(tx, id, { asked, plan, planned, before, drafts: drafted.drafts })
    const requests = (await readRequests(tx, { limit: reportedRequestsMax })).map(({ request }) => request)
    await saveReport(tx, id, reportWith(pools, { plan, requests, before, judgement }), pieces)
    const drafts = countsOf(steps)
    const details = { run: id, month: plan.month, ...drafts }
    await audited(tx, { atMs, who, what: 'capacity requests drafted', details }).execute()
    await outbox.put(tx, runNotices(run, told()))
    return { run, drafts }
  })
}

const scheduledId = (dueMonth: string): string => `schedule/${dueMonth}`

function countsOf(steps: readonly Redrafted[]): Readonly<Record<string, number>> {
  const counts = { made: 0, changed: 0, noted: 0, withdrawn: 0 }
  for (const { fact, request } of steps) {
    if (fact.what === 'noted' || fact.what === 'withdrawn') counts[fact.what]++
    else if (request.version === 1) counts.made++
    else counts.changed++
  }
  return counts
}

export async function hasRun(db: Db, id: string): Promise<boolean> {
  const found = await db.selectFrom('capacity_runs').select('id').where('id', '=', id).executeTakeFirst()
  return found !== undefined
}

export const hasRunOf = (db: Db, dueMonth: string): Promise<boolean> => hasRun(db, scheduledId(dueMonth))

type Saving = Readonly<{
  asked: RunAsked
  plan: Plan
  planned: Before['pools']
  before: Before | null
  drafts: readonly Draft[]
}>

async function saveRun(tx: Transaction, id: string, saving: Saving): Promise<Run> {
  const { asked, plan, planned, before, drafts } = saving
  const summary = summaryOf(drafts, { plan, planned, before, waiting: await waitingOf(tx) })
  const { trigger, dueMs, who, atMs: madeAtMs } = asked
  const { month, asOfDay } = plan
  await tx
    .insertInto('capacity_runs')
    .values({
      ...{ id, month, trigger, due_ms: dueMs, made_at_ms: madeAtMs, as_of_day: asOfDay, who },
      summary: JSON.stringify(summary),
      planned: JSON.stringify(planned),
    })
    .execute()
  return { id, month, trigger, dueMs, madeAtMs, asOfDay, who, summary }
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

// Own requests of people; all of them have been touched.
async function waitingOf(tx: Transaction): Promise<number> {
  const rows = await tx
    .selectFrom('capacity_requests')
    .select('request')
    .where('state', 'in', ['draft', 'submitted'])
    .where('touched', '=', 1)
    .execute()
  return rows.filter(({ request }) => (JSON.parse(request) as { source: string }).source === 'person').length
}

type Row = Readonly<{
  id: string
  month: string
  trigger: string
  due_ms: number
  made_at_ms: number
  as_of_day: number
  who: string
  summary: string
}>

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
