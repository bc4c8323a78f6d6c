// Makes the drafts of a month from a plan, once for each time that the schedule was due and again whenever somebody asks:
// run, drafts, the month's report, audit and notices in one transaction, under the lease of whoever owns the schedule.
// Called by requests.ts.
//
// The transaction has the time for its writes and for nothing else: all of them are made before, of what was read before,
// and it begins anew where somebody has changed a request in the meantime; with a new plan, where that was on order. Of tens of thousands of drafts, which would be
// too many for it even so, the first are written before the run; a run that is killed between finds them there.
import { randomBytes } from 'node:crypto'
import { Breath } from '#core/breath.ts'
import type { Lease } from '#core/lease.ts'
import { audited } from '#core/state/audit.ts'
import type { Packed } from '#core/state/packed.ts'
import type { State } from '#core/state.ts'
import type { Plan } from '../plan.ts'
import { type Pieces, saveHead, savePieces, tidyPieces } from '../report/kept-reports.ts'
import { beforeWith, poolReportsInPieces } from '../report/report-model.ts'
import { draftsOf } from './drafts.ts'
import type { Judgement } from './judged.ts'
import { runNotices, type Told } from './notices.ts'
import type { NoticeOutbox } from './outbox.ts'
import { type Prepared, type Preparing, prepare, type Standing, standingOf } from './prepared-run.ts'
import type { Redrafted } from './redraft.ts'
import { openChanges, type Transaction } from './rows.ts'
import { hasRun, type Run, runRow, scheduledId, type Trigger } from './run-rows.ts'
import { saveSaid } from './said.ts'

export type RunAsked = Readonly<{
  trigger: Trigger
  // When the schedule said so, and the month of that, like 2026-11; of a person's, now.
  dueMs: number
  dueMonth: string
  who: string
  atMs: number
  // Of past months' requests, for the report that is kept; left out: nothing is judged yet.
  judgement?: Judgement | undefined
  // The plan as it is then, where what is on order is no longer what it stands on; left out: it is taken as it is.
  again?: (() => Promise<Plan>) | undefined
  // Of the lease, where one is held.
  owner?: Pick<Lease, 'write' | 'transaction'> | undefined
}>

// What is on order as it is known here; another version: it has changed.
type KnownOrders = Readonly<{ refresh(): Promise<void>; version(): number }>

// `drafts`: what the run did to how many.
export type RunMade = Readonly<{ run: Run; drafts: Readonly<Record<string, number>> }>

export type RunOptions = Readonly<{
  state: State
  told: () => Told
  outbox: Pick<NoticeOutbox, 'put'>
  orders: KnownOrders
  // Left out: ten thousand.
  stepsInTransaction?: number | undefined
}>

// How often it is begun anew, until what it stands on is read in the transaction itself.
const triesBefore = 3

// How many plans are given up because orders have changed; the next one stands, less what was approved since.
const plansGivenUp = 3

// Undefined: the schedule's run of this month is there already, whoever made it.
export async function makeRun(
  first: Plan,
  asked: RunAsked,
  options: RunOptions,
): Promise<RunMade | undefined> {
  const { trigger, dueMonth, atMs, again } = asked
  const id =
    trigger === 'schedule' ? scheduledId(dueMonth) : `person/${atMs}-${randomBytes(4).toString('hex')}`
  let plan = first
  for (let left = plansGivenUp; again !== undefined && left > 0; left--) {
    const made = await runOf(id, plan, asked, options)
    if (made !== 'outdated') return made === 'there' ? undefined : made
    plan = await again()
  }
  const made = await runOf(id, plan, { ...asked, again: undefined }, options)
  return typeof made === 'string' ? undefined : made
}

async function runOf(
  id: string,
  plan: Plan,
  asked: RunAsked,
  options: RunOptions,
): Promise<RunMade | 'there' | 'outdated'> {
  const { state } = options
  const { atMs, owner = state } = asked
  // Looked at once more within; here it only saves the work.
  if (await hasRun(state.db, id)) return 'there'
  const drafted = await draftsOf(plan)
  await saveSaid(state, owner.write, plan)
  const pools = await poolReportsInPieces(plan)
  const planned = beforeWith(pools, plan).pools
  const making: Making = { ...options, asked, plan, drafted, pools, planned, id }
  const pieces = await savePieces(state, owner.write, pools, atMs)
  let made: Awaited<ReturnType<typeof commit>> | undefined
  try {
    made = await commit(making, pieces)
    return made
  } finally {
    // Later tries write their own.
    await tidyPieces(state, owner.write, { own: typeof made === 'object' ? undefined : pieces, atMs })
  }
}

type Making = RunOptions & Preparing & Readonly<{ asked: RunAsked }>

// A second of a slow state.
const stepsUsual = 10_000

async function commit(making: Making, pieces: Pieces): Promise<RunMade | 'there' | 'outdated'> {
  const { state } = making
  const written: Redrafted[] = []
  for (let left = triesBefore; ; left--) {
    const ready = left > 0 ? await prepare(making, state.db) : undefined
    if (ready !== undefined && (await isOutdated(making))) return 'outdated'
    const ahead = ready && (await writeAhead(making, ready))
    if (ahead !== undefined && ahead.steps.length > 0) left = triesBefore
    written.push(...(ahead?.steps ?? []))
    const outcome =
      ahead?.refused ??
      (await guarded(making, ahead?.standing, async tx => {
        const prepared = ready ?? (await prepare(making, tx))
        const rest = prepared.steps.slice(ahead?.steps.length ?? 0)
        const statements = ahead?.rest ?? (await statementsOf(making, rest, prepared.standing))
        const made = { run: prepared.run, drafts: countsOf([...written, ...rest]) }
        await write(tx, making, { made, statements, head: prepared.head, pieces })
        return made
      }))
    if (outcome !== 'changed') return outcome
  }
}

// After where requests stand was read, so that what changes from here on is found in the transaction.
async function isOutdated({ asked, plan, orders }: Making): Promise<boolean> {
  if (asked.again === undefined || plan.ordersVersion === undefined) return false
  await orders.refresh()
  return orders.version() !== plan.ordersVersion
}

// Somebody has made the run, or has changed what it stands on.
type Refused = 'there' | 'changed'

const guarded = <T>(
  { id, asked, state }: Making,
  standing: Standing | undefined,
  work: (tx: Transaction) => Promise<T>,
): Promise<T | Refused> =>
  (asked.owner ?? state).transaction(async tx => {
    if (await hasRun(tx, id)) return 'there'
    const now = await standingOf(tx)
    if (standing !== undefined && (now.seq !== standing.seq || now.runs !== standing.runs)) return 'changed'
    return work(tx)
  })

type Ahead = Readonly<{
  steps: readonly Redrafted[]
  // Where requests stand behind them, and the statements of the others.
  standing: Standing
  rest: readonly Packed[]
  refused: Refused | undefined
}>

// All but as many steps as the run's own transaction takes.
async function writeAhead(making: Making, { steps, standing: first }: Prepared): Promise<Ahead> {
  const { stepsInTransaction = stepsUsual } = making
  let [done, standing] = [0, first]
  for (;;) {
    const some = steps.slice(done, done + stepsInTransaction)
    const statements = await statementsOf(making, some, standing)
    const soFar = { steps: steps.slice(0, done), standing, rest: statements }
    if (done + some.length === steps.length) return { ...soFar, refused: undefined }
    const refused = await guarded(making, standing, async tx => {
      for (const each of statements) await tx.executeQuery(each)
    })
    if (refused !== undefined) return { ...soFar, refused }
    done += some.length
    standing = { ...standing, seq: standing.seq + some.length }
  }
}

const stepsTogether = 1_024

// In pieces; the thread has others to serve.
async function statementsOf(
  { state }: Making,
  steps: readonly Redrafted[],
  { seq }: Standing,
): Promise<readonly Packed[]> {
  const put = openChanges(state.db)
  const breath = new Breath()
  const all: Packed[] = []
  for (let at = 0; at < steps.length; at += stepsTogether) {
    all.push(...put(steps.slice(at, at + stepsTogether), seq + 1 + at))
    if (breath.isDue) await breath.taken()
  }
  return all
}

type Writing = Readonly<{ made: RunMade; statements: readonly Packed[]; head: string; pieces: Pieces }>

async function write(tx: Transaction, making: Making, { made, statements, head, pieces }: Writing) {
  const { asked, planned, outbox, told } = making
  const { run, drafts } = made
  for (const each of statements) await tx.executeQuery(each)
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

function countsOf(steps: readonly Redrafted[]): Readonly<Record<string, number>> {
  const counts = { made: 0, changed: 0, noted: 0, withdrawn: 0 }
  for (const { fact, request } of steps) {
    if (fact.what === 'noted' || fact.what === 'withdrawn') counts[fact.what]++
    else if (request.version === 1) counts.made++
    else counts.changed++
  }
  return counts
}
