// What a run does to the requests of its month. A draft that nobody has touched is made anew or taken back; what somebody
// has changed, submitted or refused is his, and gets a note of the new number, also where it waits since an earlier month;
// what is approved is on order, so that the plan asks for what is needed beyond it. Pure; called by runs.ts.
import { type Request, type RequestFact, signed } from '../request.ts'
import type { Draft, Drafts } from './drafts.ts'
import { costOf, type Deed, onOrderStates, type Step, stepTo } from './life.ts'
import { holds, partKey } from './part.ts'

// Why a run takes a draft back: it is needed no more, or the drafts of that month have it.
export type TakenBack = Readonly<{ kind: 'not_needed' } | { kind: 'superseded'; month: string }>

// A request with what only runs want to know: whether a person has done something to it, and which number it was last told.
export type Kept = Readonly<{ request: Request; isTouched: boolean; notedUnits: number | null }>

export type Redrafted = Kept & Readonly<{ fact: RequestFact }>

export type RedraftOptions = Readonly<{ month: string; nextNumber: number; deed: Deed }>

// `kept`: those of forecasts in this month, what waits of earlier ones, and all that is on order.
export function redraft(
  kept: readonly Kept[],
  { drafts, unknown, seen }: Drafts,
  options: RedraftOptions,
): readonly Redrafted[] {
  const { month, deed } = options
  const byPool = Map.groupBy(kept, ({ request }) => request.pool)
  const steps: Redrafted[] = []
  let number = options.nextNumber
  for (const draft of drafts) {
    const all = (byPool.get(draft.pool) ?? []).filter(({ request }) => holds(draft.part, request.part))
    const mine = all.filter(each => isSomebodys(each) && (each.request.month === month || isWaiting(each)))
    const fresh = all.find(each => each.request.month === month && isFresh(each))
    steps.push(...mine.flatMap(each => noted(each, signed(draft), deed)))
    const left = without(draft, newsIn(all, seen))
    // The refused number is the month's whole, and what waits is to be decided: a second draft would be the same again.
    const stands = mine.some(({ request }) => request.kind === draft.kind)
    if (stands || left === undefined)
      steps.push(...(fresh === undefined ? [] : taken(fresh, notNeeded, deed)))
    else if (fresh !== undefined) steps.push(...remade(fresh, left, deed))
    else steps.push(made(left, { month, number: number++, deed }))
  }
  const wanted = new Set(drafts.map(({ pool }) => pool))
  for (const each of kept) {
    const { pool, month: itsMonth } = each.request
    if (unknown.has(pool)) continue
    if (itsMonth !== month && !isWaiting(each))
      steps.push(...taken(each, { kind: 'superseded', month }, deed))
    else if (!wanted.has(pool))
      steps.push(...(isSomebodys(each) ? noted(each, 0, deed) : taken(each, notNeeded, deed)))
  }
  return steps
}

// Of an earlier month, and nobody has decided on it: it stands for what this month would draft, and people hear of it.
export type Earlier = Pick<Request, 'number' | 'month' | 'pool' | 'kind' | 'state' | 'units' | 'unit'> &
  // What the plan says of the pool now; less than 0: to give back.
  Readonly<{ neededUnits: number }>

export function earlierOf(
  kept: readonly Kept[],
  { drafts, unknown }: Drafts,
  month: string,
): readonly Earlier[] {
  const needed = new Map(drafts.map(each => [each.pool, signed(each)]))
  return kept
    .filter(each => each.request.month < month && isWaiting(each) && !unknown.has(each.request.pool))
    .map(({ request: { number, month: of, pool, kind, state, units, unit } }) => ({
      ...{ number, month: of, pool, kind, state, units, unit },
      neededUnits: needed.get(pool) ?? 0,
    }))
}

const decided: readonly Request['state'][] = ['draft', 'submitted', 'rejected', 'withdrawn']

// Its number is a person's decision, and not on order.
const isSomebodys = ({ request, isTouched }: Kept): boolean =>
  isTouched && request.source === 'forecast' && decided.includes(request.state) && request.mergedInto === null

const isWaiting = (kept: Kept): boolean =>
  isSomebodys(kept) && (kept.request.state === 'draft' || kept.request.state === 'submitted')

// Approved while the plan was being made, so that it does not count on it. A piece of what it counts on is no news.
function newsIn(kept: readonly Kept[], seen: ReadonlySet<number>): number {
  const byNumber = new Map(kept.map(({ request }) => [request.number, request]))
  const isSeen = (number: number | null | undefined): boolean =>
    number != null && (seen.has(number) || isSeen(byNumber.get(number)?.splitFrom))
  return kept
    .filter(({ request }) => onOrderStates.includes(request.state))
    .filter(({ request }) => !isSeen(request.number))
    .reduce((all, { request: { kind, units, deliveredUnits } }) => {
      return all + signed({ kind, units: units - deliveredUnits })
    }, 0)
}

// Undefined: nothing is left to ask for.
function without(draft: Draft, news: number): Draft | undefined {
  if (news === 0) return draft
  const left = signed(draft) - news
  if (Math.sign(left) !== Math.sign(signed(draft))) return undefined
  const units = Math.abs(left)
  return { ...draft, units, cost: costOf(draft, units) }
}

// Nobody but runs had to do with it.
const isFresh = ({ request, isTouched }: Kept): boolean =>
  !isTouched && (request.state === 'draft' || request.state === 'withdrawn')

function noted(kept: Kept, units: number, deed: Deed): readonly Redrafted[] {
  const { request, notedUnits } = kept
  const basis = request.basis?.units ?? signed(request)
  if (units === (notedUnits ?? basis)) return []
  const { request: after, fact } = stepTo(
    request,
    {},
    { ...deed, what: 'noted', details: { units: { was: notedUnits ?? basis, is: units } } },
  )
  return [{ ...kept, request: after, fact, notedUnits: units }]
}

const notNeeded: TakenBack = { kind: 'not_needed' }

function taken(kept: Kept, reason: TakenBack, deed: Deed): readonly Redrafted[] {
  if (kept.isTouched || kept.request.state !== 'draft') return []
  const said = { ...deed, what: 'withdrawn' as const, details: { reason } }
  return [{ ...kept, ...stepTo(kept.request, { state: 'withdrawn' }, said) }]
}

function remade(kept: Kept, draft: Draft, deed: Deed): readonly Redrafted[] {
  const { request } = kept
  const change = { ...draft, state: 'draft' as const }
  const isSame = (Object.keys(change) as (keyof typeof change)[]).every(
    name => JSON.stringify(request[name]) === JSON.stringify(change[name]),
  )
  if (isSame) return []
  const details = { units: { was: request.units, is: draft.units } }
  return [{ ...kept, ...stepTo(request, change, { ...deed, what: 'made', details }) }]
}

type Made = Readonly<{ month: string; number: number; deed: Deed }>

function made(draft: Draft, { month, number, deed }: Made): Redrafted {
  const request: Request = {
    ...draft,
    ...{ number, month, source: 'forecast', application: null, state: 'draft', deliveredUnits: 0 },
    ...{ dueDay: null, mergedInto: null, splitFrom: null, by: deed.who },
    ...{ madeAtMs: deed.atMs, changedAtMs: deed.atMs, version: 0 },
  }
  const details = { units: draft.units, part: partKey(draft.part) }
  const step: Step = stepTo(request, {}, { ...deed, what: 'made', details })
  return { ...step, isTouched: false, notedUnits: null }
}
