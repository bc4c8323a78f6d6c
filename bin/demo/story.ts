// What planners did before the demonstration begins: the drafts of a month ago, what became of them, and the drafts of now.
// Called by make.ts.
import { dayOf, monthText } from '../../capacity/days.ts'
import type { Plan } from '../../capacity/plan.ts'
import { makePlan, type PlanAsked } from '../../capacity/planning.ts'
import type { Act } from '../../capacity/requests/life.ts'
import type { Requests } from '../../capacity/requests.ts'

export type Told = Omit<PlanAsked, 'orders'> & Readonly<{ requests: Requests }>

const dayMs = 86_400_000
export const monthAgoDays = 30

// Who did what to the draft of a pool, so many days ago.
type Deed = Readonly<{ act: Act; who: string; why: string; daysAgo: number }>

const submitted: Deed = { act: { do: 'submit' }, who: 'ann', why: '', daysAgo: 29 }
const approved: Deed = { act: { do: 'approve' }, who: 'bob', why: '', daysAgo: 28 }
const ordered = (dueDay: number): Deed => ({
  ...{ act: { do: 'order', dueDay }, who: 'bob', why: 'with the order of the quarter', daysAgo: 26 },
})
const edited = (units: number, why: string): Deed => ({
  ...{ act: { do: 'edit', change: { units } }, who: 'ann', why, daysAgo: 29 },
})

// The machines of checkout came fifteen days ago: service-pools.ts has them.
const lives = (today: number): Readonly<Record<string, readonly Deed[]>> => ({
  checkout: [
    edited(2, 'one in each zone'),
    ...[submitted, approved, ordered(today - 14)],
    { act: { do: 'deliver' }, who: 'bob', why: 'racked and in service', daysAgo: 15 },
  ],
  web: [submitted, approved, ordered(today + 12)],
  gateway: [submitted, approved, ordered(today + 20)],
  cache: [submitted, { act: { do: 'reject' }, who: 'bob', why: 'find the leak first', daysAgo: 27 }],
  ledger: [submitted, approved],
})

export async function tellLastMonth(told: Told): Promise<void> {
  const { requests, zone, nowMs } = told
  await draft(told, nowMs - monthAgoDays * dayMs)
  const begun = lives(dayOf(zone, nowMs))
  const drafts = await requests.list({ states: ['draft'], limit: 100 })
  for (const { number, pool, kind, units } of drafts.toReversed()) {
    for (const { act, who, why, daysAgo } of kind === 'expand' ? (begun[pool] ?? []) : []) {
      // Nobody edits what is so already.
      if (act.do === 'edit' && act.change.units === units) continue
      const version = (await requests.get(number))?.request.version ?? 0
      await requests.act({ number, version }, act, { who, why, atMs: nowMs - daysAgo * dayMs })
    }
  }
}

export async function tellThisMonth(told: Told): Promise<Plan> {
  const { requests, zone, nowMs } = told
  const why = 'launch of live auctions'
  await requests.make(
    {
      ...{ pool: 'web', part: {}, kind: 'expand', units: 1, application: 'live auctions', why },
      neededDay: dayOf(zone, nowMs) + 60,
    },
    { who: 'carol', why, atMs: nowMs - 3 * dayMs },
  )
  return draft(told, nowMs)
}

async function draft({ requests, ...asked }: Told, atMs: number): Promise<Plan> {
  const plan = await makePlan({ ...asked, orders: requests, nowMs: atMs })
  const dueMonth = monthText(dayOf(asked.zone, atMs))
  await requests.draft(plan, { trigger: 'person', dueMs: atMs, dueMonth, who: 'ann', atMs })
  return plan
}
