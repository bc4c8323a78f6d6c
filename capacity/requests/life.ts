// What may follow what in the life of a request, and what may still be changed of it then. Pure: who, when and why are
// arguments; the request as it is afterwards and the fact of it come back. Called by book.ts in a transaction.
//
//   draft → submitted → approved → ordered → delivered → closed
//
// What is submitted may be rejected, and becomes a draft again when it is reopened. What nobody has ordered yet may be
// withdrawn. What is ordered may come in pieces; where the rest never comes, it is closed with a reason. A delivery that was
// typed wrongly is corrected to what has come in all.
import { Failure } from '#core/errors.ts'
import { dayText } from '../days.ts'
import type { Request, RequestFact, RequestState } from '../request.ts'

export type Act =
  | Readonly<{ do: 'submit' | 'reject' | 'reopen' | 'withdraw' | 'close' }>
  | Readonly<{ do: 'approve' | 'order'; dueDay?: number | undefined }>
  // Left out: all that is missing.
  | Readonly<{ do: 'deliver'; units?: number | undefined }>
  // Of a delivery that was too high: how many have come in all.
  | Readonly<{ do: 'correct'; units?: number | undefined }>
  | Readonly<{ do: 'edit'; change: Change }>

export type Change = Readonly<{
  // To which it is carried over, with what a unit is called there.
  pool?: string | undefined
  unit?: string | undefined
  units?: number | undefined
  neededDay?: number | undefined
  dueDay?: number | null | undefined
  why?: string | undefined
}>

export type Deed = Readonly<{ who: string; why: string; atMs: number }>

export type Step = Readonly<{ request: Request; fact: RequestFact }>

export const unitsMax = 1_000_000
// Several of them are in what a ticket system is sent, which is at most 64 KiB.
export const textMax = 4_000
// The year 2200: what lies behind it is a slip of the hand.
const dayMax = 84_000

type Doing = Act['do']

const from: Readonly<Record<Doing, readonly RequestState[]>> = {
  submit: ['draft'],
  approve: ['submitted'],
  reject: ['submitted'],
  reopen: ['rejected'],
  order: ['approved'],
  deliver: ['ordered'],
  correct: ['ordered', 'delivered'],
  close: ['delivered', 'ordered'],
  withdraw: ['draft', 'submitted', 'approved'],
  edit: ['draft', 'submitted', 'approved', 'ordered'],
}

const past: Readonly<Record<Doing, string>> = {
  submit: 'submitted',
  approve: 'approved',
  reject: 'rejected',
  reopen: 'reopened',
  order: 'ordered',
  deliver: 'delivered',
  correct: 'corrected',
  close: 'closed',
  withdraw: 'withdrawn',
  edit: 'edited',
}

// What may be done to it now, in the order of the table.
export function actsOf({ state, mergedInto, deliveredUnits }: Request): readonly Doing[] {
  if (mergedInto !== null) return []
  const all = (Object.keys(from) as Doing[]).filter(each => from[each].includes(state))
  return deliveredUnits > 0 ? all : all.filter(each => each !== 'correct')
}

// Throws a Failure where it may not be.
export function step(before: Request, act: Act, deed: Deed): Step {
  if (!actsOf(before).includes(act.do)) throw notNow(before, past[act.do])
  checkReason(before, act, deed)
  if (act.do === 'edit') return edit(before, act.change, deed)
  if (act.do === 'deliver') return deliver(before, act.units, deed)
  if (act.do === 'correct') return correct(before, act.units, deed)
  const dueDay =
    'dueDay' in act && act.dueDay !== undefined ? dayIn(act.dueDay, 'dueDay') : dueOf(before, act)
  const state = stateAfter[act.do]
  const details = dueDay === before.dueDay ? {} : { dueDay: { was: before.dueDay, is: dueDay } }
  return stepTo(before, { state, dueDay }, { ...deed, what: state, details })
}

// What is given back goes when it is missed no more, unless somebody says another day.
const dueOf = ({ kind, dueDay, neededDay }: Request, act: Act): number | null =>
  act.do === 'approve' && kind === 'reclaim' ? (dueDay ?? neededDay) : dueDay

const stateAfter = {
  submit: 'submitted',
  approve: 'approved',
  reject: 'rejected',
  reopen: 'draft',
  order: 'ordered',
  close: 'closed',
  withdraw: 'withdrawn',
} as const satisfies Partial<Record<Doing, RequestState>>

// Who says no, or changes what others have read, says why.
function checkReason({ number, state }: Request, { do: doing }: Act, { why }: Deed): void {
  if (why.length > textMax) throw bad(`why: wanted at most ${textMax} characters, found ${why.length}`)
  const isWanted =
    ['reject', 'edit', 'withdraw', 'correct'].includes(doing) || (doing === 'close' && state === 'ordered')
  if (isWanted && why.trim() === '')
    throw bad(`why: wanted the reason why request ${number} is to be ${past[doing]}, found none`)
}

function edit(before: Request, change: Change, deed: Deed): Step {
  const isOpen = before.state === 'draft' || before.state === 'submitted'
  const names = Object.keys(change).filter(name => change[name as keyof Change] !== undefined)
  const stray = names.find(name => !['dueDay', 'pool', 'unit'].includes(name))
  if (!isOpen && stray !== undefined)
    throw notNow(before, 'edited', `of what is ${before.state} only dueDay may be changed, found ${stray}`)
  const { units = before.units, neededDay = before.neededDay, why = before.why } = change
  const { pool = before.pool, unit = before.unit } = change
  const dueDay = change.dueDay === undefined ? before.dueDay : change.dueDay
  if (why.length > textMax) throw bad(`why: wanted at most ${textMax} characters, found ${why.length}`)
  const wanted = {
    ...{ pool, unit },
    units: unitsIn(units, 'units', before.units),
    neededDay: dayIn(neededDay, 'neededDay'),
    dueDay: dueDay === null ? null : dayIn(dueDay, 'dueDay'),
    why,
  }
  const changed = (Object.keys(wanted) as (keyof typeof wanted)[]).filter(
    name => wanted[name] !== before[name],
  )
  if (changed.length === 0)
    throw bad(`wanted something to change in request ${before.number}, found it so already`)
  const details = Object.fromEntries(changed.map(name => [name, { was: before[name], is: wanted[name] }]))
  return stepTo(
    before,
    { ...wanted, cost: costOf(before, wanted.units) },
    { ...deed, what: 'edited', details },
  )
}

function deliver(before: Request, units: number | undefined, deed: Deed): Step {
  const missing = before.units - before.deliveredUnits
  const come = unitsIn(units ?? missing, 'units', missing)
  if (come > missing)
    throw bad(
      `units: wanted at most ${missing}, which request ${before.number} still waits for, found ${come}`,
    )
  const deliveredUnits = before.deliveredUnits + come
  const state = deliveredUnits === before.units ? 'delivered' : 'ordered'
  const details = { units: come, deliveredUnits, of: before.units }
  return stepTo(before, { state, deliveredUnits }, { ...deed, what: 'delivered', details })
}

// A fact of what is delivered like the one that it takes back, so that whoever adds them up has what has come.
function correct(before: Request, total: number | undefined, deed: Deed): Step {
  const { number, deliveredUnits: was } = before
  if (total === undefined || !Number.isSafeInteger(total) || total < 0 || total >= was)
    throw bad(
      `units: wanted how many of request ${number} have come in all, less than ${was}, found ${total ?? 'none'}`,
    )
  const details = { units: total - was, deliveredUnits: total, of: before.units, corrected: true }
  const change = { state: 'ordered' as const, deliveredUnits: total }
  return stepTo(before, change, { ...deed, what: 'delivered', details })
}

export type Said = Deed & Pick<RequestFact, 'what' | 'details'>

// Each change is one fact and one version.
export function stepTo(before: Request, change: Partial<Request>, { atMs, ...said }: Said): Step {
  const version = before.version + 1
  const request = { ...before, ...change, changedAtMs: atMs, version }
  return { request, fact: { id: `${before.number}/${version}`, request: before.number, atMs, ...said } }
}

// At the price that a unit had.
export function costOf(
  { cost, units: before }: Pick<Request, 'cost' | 'units'>,
  units: number,
): Request['cost'] {
  return cost === null ? null : { ...cost, amount: (cost.amount / before) * units }
}

export function notNow(request: Request, wanted: string, why?: string): Failure {
  const { number, state, mergedInto } = request
  const where = mergedInto === null ? state : `merged into ${mergedInto}`
  const may = actsOf(request).map(each => past[each])
  const is = where === wanted ? `is ${where} already` : `is ${where} and cannot be ${wanted}`
  const then = may.length === 0 ? 'nothing more can be done to it' : `it can be ${may.join(', ')}`
  return new Failure('request_not_now', `request ${number} ${is}: ${why ?? then}`)
}

const bad = (what: string): Failure => new Failure('bad_request', what)

// More than anybody means to type, unless a run has asked for so many: a resource that is ordered in bytes has them.
export function unitsIn(found: number, at: string, drafted = 0): number {
  const most = Math.max(unitsMax, drafted)
  if (Number.isSafeInteger(found) && found >= 1 && found <= most) return found
  throw bad(`${at}: wanted a whole number from 1 to ${most}, found ${found}`)
}

export function dayIn(found: number, at: string): number {
  if (Number.isSafeInteger(found) && found >= 0 && found <= dayMax) return found
  throw bad(`${at}: wanted a day up to ${dayText(dayMax)}, found ${found}`)
}

// What is to come of these counts as if it were there, from the day on which it is expected.
export const onOrderStates: readonly RequestState[] = ['approved', 'ordered']
