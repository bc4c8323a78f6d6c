// Makes the drafts of a month from a plan, once for each time that the schedule was due and again whenever somebody asks:
// run, drafts, the month's report, audit and notices in one transaction, under the lease of whoever owns the schedule.
// Called by requests.ts.
//
// Of forty thousand pools the transaction has the time for its writes and for nothing else: all of them are made before,
// of what was read before, and it begins anew where somebody has changed a request in the meantime.
import { randomBytes } from 'node:crypto'
import type { Lease } from '#core/lease.ts'
import { audited } from '#core/state/audit.ts'
import type { Packed } from '#core/state/packed.ts'
import type { State } from '#core/state.ts'
import type { Plan } from '../plan.ts'
import { type Pieces, packedHead, saveHead, savePieces, tidyPieces } from '../report/kept-reports.ts'
import type { PoolReport } from '../report/pool-report.ts'
import {
  type Before,
  beforeWith,
  poolReports,
  reportedRequestsMax,
  reportWith,
} from '../report/report-model.ts'
import type { Request } from '../request.ts'
import { type Drafts, draftsOf } from './drafts.ts'
import type { Judgement } from './judged.ts'
import { runNotices, type Told } from './notices.ts'
import { lastSeq } from './orders.ts'
import type { NoticeOutbox } from './outbox.ts'
import { earlierOf, type Kept, type Redrafted, redraft } from './redraft.ts'
import { type Db, nextNumber, openChanges, readForRun, readRequests, type Transaction } from './rows.ts'
import { hasRun, type Run, readBefore, runRow, runsMade, scheduledId, type Trigger } from './run-rows.ts'
import { saveSaid } from './said.ts'
import { summaryOf } from './summary.ts'

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

// `drafts`: what the run did to how many.
export type RunMade = Readonly<{ run: Run; drafts: Readonly<Record<string, number>> }>

export type RunOptions = Readonly<{
  state: State
  told: () => Told
  outbox: Pick<NoticeOutbox, 'put'>
}>

// How often it is begun anew, until what it stands on is read in the transaction itself.
const triesBefore = 3

// Undefined: the schedule's run of this month is there already, whoever made it.
export async function makeRun(
  plan: Plan,
  asked: RunAsked,
  options: RunOptions,
): Promise<RunMade | undefined> {
  const { state } = options
  const { trigger, dueMonth, atMs, owner = state } = asked
  const id =
    trigger === 'schedule' ? scheduledId(dueMonth) : `person/${atMs}-${randomBytes(4).toString('hex')}`
  // Looked at once more within; here it only saves the work.
  if (await hasRun(state.db, id)) return undefined
  const drafted = await draftsOf(plan)
  await saveSaid(state, owner.write, plan)
  const pools = poolReports(plan, [])
  const planned = beforeWith(pools, plan).pools
  const making: Making = { ...options, asked, plan, drafted, pools, planned, id }
  const pieces = await savePieces(state, owner.write, pools, atMs)
  let made: RunMade | undefined
  try {
    made = await commit(making, pieces)
    return made
  } finally {
    // Later tries write their own.
    await tidyPieces(state, owner.write, { own: made === undefined ? pieces : undefined, atMs })
  }
}

type Making = RunOptions &
  Readonly<{
    id: string
    asked: RunAsked
    plan: Plan
    drafted: Drafts
    pools: readonly PoolReport[]
    planned: Before['pools']
  }>

async function commit(making: Making, pieces: Pieces): Promise<RunMade | undefined> {
  const { state, id, asked } = making
  for (let nth = 0; ; nth++) {
    const before = nth < triesBefore ? await prepare(making, state.db) : undefined
    const outcome = await (asked.owner ?? state).transaction(async tx => {
      if (await hasRun(tx, id)) return 'there'
      if (before !== undefined && !isEqual(before.standing, await standingOf(tx))) return 'changed'
      const prepared = before ?? (await prepare(making, tx))
      await write(tx, making, { ...prepared, pieces })
      return prepared.made
    })
    if (outcome === 'there') return undefined
    if (outcome !== 'changed') return outcome
  }
}

// What a run stands on beside its plan: requests, and what was planned before.
type Standing = readonly number[]

const standingOf = async (db: Db): Promise<Standing> => [await lastSeq(db), await runsMade(db)]
const isEqual = (one: Standing, other: Standing): boolean => one.every((each, at) => each === other[at])

type Prepared = Readonly<{ standing: Standing; made: RunMade; changes: readonly Packed[]; head: string }>

async function prepare(making: Making, db: Db): Promise<Prepared> {
  const { state, id, asked, plan, drafted, pools, planned } = making
  const { trigger, dueMs, who, atMs, judgement } = asked
  // First, so that what changes from here on is seen.
  const standing = await standingOf(db)
  const kept = await readForRun(db, plan.month)
  const deed = { who, why: '', atMs }
  const nextFree = await nextNumber(db)
  const steps = redraft(kept, drafted, { month: plan.month, nextNumber: nextFree, deed })
  const before = await readBefore(db, plan.month)
  const waiting = await waitingOf(db)
  const summary = summaryOf(drafted.drafts, {
    ...{ plan, planned, before, waiting },
    earlier: earlierOf(kept, drafted, plan.month),
  })
  const { month, asOfDay } = plan
  const run: Run = { id, month, trigger, dueMs, madeAtMs: atMs, asOfDay, who, summary }
  const requests = newest(await readRequests(db, { limit: reportedRequestsMax }), steps)
  const head = await packedHead(reportWith(pools, { plan, requests, before, judgement }))
  const changes = openChanges(state.db)(steps, standing[0]! + 1)
  return { standing, made: { run, drafts: countsOf(steps) }, changes, head }
}

type Writing = Prepared & Readonly<{ pieces: Pieces }>

async function write(tx: Transaction, making: Making, { made, changes, head, pieces }: Writing) {
  const { asked, planned, outbox, told } = making
  const { run, drafts } = made
  for (const each of changes) await tx.executeQuery(each)
  await runRow(tx, run, planned).execute()
  await saveHead(tx, run, head, pieces)
  const details = { run: run.id, month: run.month, ...drafts }
  await audited(tx, {
    atMs: asked.atMs,
    who: asked.who,
    what: 'capacity requests drafted',
    details,
  }).execute()
  await outbox.put(tx, runNotices(run, told()))
}

// As they are when the steps have been taken.
function newest(found: readonly Kept[], steps: readonly Redrafted[]): readonly Request[] {
  const byNumber = new Map([...found, ...steps].map(({ request }) => [request.number, request]))
  return [...byNumber.values()].toSorted((a, b) => b.number - a.number).slice(0, reportedRequestsMax)
}

function countsOf(steps: readonly Redrafted[]): Readonly<Record<string, number>> {
  const counts = { made: 0, changed: 0, noted: 0, withdrawn: 0 }
  for (const { fact, request } of steps) {
    if (fact.what === 'noted' || fact.what === 'withdrawn') counts[fact.what]++
    else if (request.version === 1) counts.made++
    else counts.changed++
  }
  return counts
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
