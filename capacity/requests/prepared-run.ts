// What a run will write, before it writes anything: the steps of its requests, what it comes to, and the report that is kept
// with it, made of what was read, and of where that stood. Called by runs.ts.
import type { Plan } from '../plan.ts'
import { packedHead } from '../report/kept-reports.ts'
import type { PoolReport } from '../report/pool-report.ts'
import { type Before, reportedRequestsMax, reportWith } from '../report/report-model.ts'
import type { Request } from '../request.ts'
import { leftBehind } from './carried.ts'
import type { Drafts } from './drafts.ts'
import type { Judgement } from './judged.ts'
import { lastSeq } from './orders.ts'
import { earlierOf, type Kept, type Redrafted, redraft } from './redraft.ts'
import { type Db, nextNumber, readForRun, readRequests } from './rows.ts'
import { type Run, readBefore, runsMade, type Trigger } from './run-rows.ts'
import { summaryOf } from './summary.ts'

export type Preparing = Readonly<{
  id: string
  asked: Readonly<{
    trigger: Trigger
    dueMs: number
    who: string
    atMs: number
    judgement?: Judgement | undefined
  }>
  plan: Plan
  drafted: Drafts
  pools: readonly PoolReport[]
  planned: Before['pools']
}>

// What a run stands on beside its plan: requests, and what was planned before.
export type Standing = Readonly<{ seq: number; runs: number }>

export const standingOf = async (db: Db): Promise<Standing> => ({
  seq: await lastSeq(db),
  runs: await runsMade(db),
})

export type Prepared = Readonly<{
  standing: Standing
  run: Run
  steps: readonly Redrafted[]
  head: string
}>

export async function prepare(preparing: Preparing, db: Db): Promise<Prepared> {
  const { id, asked, plan, drafted, pools, planned } = preparing
  const { trigger, dueMs, who, atMs, judgement } = asked
  // First, so that what changes from here on is seen.
  const standing = await standingOf(db)
  const kept = await readForRun(db, plan.month)
  const deed = { who, why: '', atMs }
  const nextFree = await nextNumber(db)
  const steps = redraft(kept, drafted, { month: plan.month, nextNumber: nextFree, deed })
  const before = await readBefore(db, plan.month)
  const waiting = await waitingOf(db)
  const requests = newest(await readRequests(db, { limit: reportedRequestsMax }), steps)
  const summary = summaryOf(drafted.drafts, {
    ...{ plan, planned, before, waiting },
    earlier: earlierOf(kept, drafted, plan.month),
    leftBehind: leftBehind(requests, new Set(plan.pools.map(({ pool }) => pool.name))),
  })
  const { month, asOfDay } = plan
  const run: Run = { id, month, trigger, dueMs, madeAtMs: atMs, asOfDay, who, summary }
  const head = await packedHead(reportWith(pools, { plan, requests, before, judgement }))
  return { standing, run, steps, head }
}

// As they are when the steps have been taken.
function newest(found: readonly Kept[], steps: readonly Redrafted[]): readonly Request[] {
  const byNumber = new Map([...found, ...steps].map(({ request }) => [request.number, request]))
  return [...byNumber.values()].toSorted((a, b) => b.number - a.number).slice(0, reportedRequestsMax)
}

// Own requests of people; all of them have been touched.
async function waitingOf(db: Db): Promise<number> {
  const rows = await db
    .selectFrom('capacity_requests')
    .select('request')
    .where('state', 'in', ['draft', 'submitted'])
    .where('touched', '=', 1)
    .execute()
  return rows.filter(({ request }) => (JSON.parse(request) as { source: string }).source === 'person').length
}
