// What a run does to the requests of its month. A draft that nobody has touched is made anew or taken back; what somebody
// has changed, submitted or refused is his, and gets a note of the new number; what is approved is on order, so that the
// plan asks for what is needed beyond it. Pure; called by book.ts in the run's transaction.
import type { Request, RequestFact } from '../request.ts'
import type { Draft, Drafts } from './drafts.ts'
import { type Deed, onOrderStates, type Step, stepTo } from './life.ts'
import { holds, partKey } from './part.ts'
import type { TakenBack } from './words.ts'

// A request with what only runs want to know: whether a person has done something to it, and which number it was last told.
export type Kept = Readonly<{ request: Request; isTouched: boolean; notedUnits: number | null }>

export type Redrafted = Kept & Readonly<{ fact: RequestFact }>

export type RedraftOptions = Readonly<{
  month: string
  nextNumber: number
  deed: Deed
  // What was approved after the plan was made is not in it, and would be asked for again.
  planMadeMs: number
}>

// `kept`: those of forecasts in this month, and drafts of earlier ones.
export function redraft(
  kept: readonly Kept[],
  { drafts, known }: Drafts,
  options: RedraftOptions,
): readonly Redrafted[] {
  const { month, deed } = options
  const byPool = Map.groupBy(kept, ({ request }) => request.pool)
  const steps: Redrafted[] = []
  let number = options.nextNumber
  for (const draft of drafts) {
    const own = (byPool.get(draft.pool) ?? []).filter(
      ({ request }) => request.month === month && holds(draft.part, request.part),
    )
    if (own.some(({ request }) => isNews(request, options.planMadeMs))) continue
    const mine = own.filter(isSomebodys)
    const fresh = own.find(isFresh)
    steps.push(...mine.flatMap(each => noted(each, signed(draft), deed)))
    // The refused number is the month's whole: a second draft beside it would be the same again.
    if (mine.length > 0) steps.push(...(fresh === undefined ? [] : taken(fresh, notNeeded, deed)))
    else if (fresh !== undefined) steps.push(...remade(fresh, draft, deed))
    else steps.push(made(draft, { month, number: number++, deed }))
  }
  const wanted = new Set(drafts.map(({ pool }) => pool))
  for (const each of kept) {
    const { pool, month: itsMonth } = each.request
    if (!known.has(pool)) continue
    if (itsMonth !== month) steps.push(...taken(each, { kind: 'superseded', month }, deed))
    else if (!wanted.has(pool))
      steps.push(...(isSomebodys(each) ? noted(each, 0, deed) : taken(each, notNeeded, deed)))
  }
  return steps
}

const signed = ({ kind, units }: Draft): number => (kind === 'expand' ? units : -units)

const decided: readonly Request['state'][] = ['draft', 'submitted', 'rejected', 'withdrawn']

// Its number is a person's decision, and not on order.
const isSomebodys = ({ request, isTouched }: Kept): boolean =>
  isTouched && decided.includes(request.state) && request.mergedInto === null

const isNews = ({ state, changedAtMs }: Request, planMadeMs: number): boolean =>
  onOrderStates.includes(state) && changedAtMs > planMadeMs

// Nobody but runs had to do with it.
const isFresh = ({ request, isTouched }: Kept): boolean =>
  !isTouched && (request.state === 'draft' || request.state === 'withdrawn')

function noted(kept: Kept, units: number, deed: Deed): readonly Redrafted[] {
  const { request, notedUnits } = kept
  const basis = request.basis?.units ?? (request.kind === 'expand' ? request.units : -request.units)
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
