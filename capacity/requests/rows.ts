// Requests, their facts and runs as rows of the state, both ways. Many rows go in few statements, since a run of ten
// thousand pools is one transaction. Called by book.ts and runs.ts.
import { inSizes } from '#core/state/in-sizes.ts'
import type { Packed } from '#core/state/packed.ts'
import { readSaved } from '#core/state/saved-json.ts'
import type { State } from '#core/state.ts'
import type { Basis, Request, RequestFact } from '../request.ts'
import { onOrderStates } from './life.ts'
import { partKey } from './part.ts'
import type { Kept } from './redraft.ts'

export type Db = Pick<State['db'], 'selectFrom'>
export type Transaction = Parameters<Parameters<State['transaction']>[0]>[0]

const numbersMax = 1_000
// Reading more at once would hold up whoever else waits for the thread.
const pageMax = 1_000

// In the place of a due day that nobody has said: days begin at 0.
const noDay = -1
export const dueDayOf = (column: number): number | null => (column === noDay ? null : column)

type Row = Readonly<{ number: number; touched: number; request: string }>

const readRow = ({ number, touched, request }: Row): Kept => {
  const { notedUnits, ...found } = readSaved<Request & Pick<Kept, 'notedUnits'>>(request, {
    at: `request ${number}`,
    wanted: 'a request for capacity',
    isWhole: each =>
      each?.number === number && typeof each.pool === 'string' && typeof each.units === 'number',
  })
  const whole = { ...found, basis: basisOf(found.basis), cost: savedCost(found) }
  return { request: whole, isTouched: touched === 1, notedUnits }
}

// Older versions wrote what a give-back saves as if it cost that.
const savedCost = ({ kind, cost }: Request): Request['cost'] =>
  cost !== null && kind === 'reclaim' ? { ...cost, amount: -Math.abs(cost.amount) } : cost

// Older versions kept less of it, and a sentence beside it.
const basisOf = (kept: Basis | null): Basis | null => {
  if (kept === null) return null
  const { resourceUnit = '', parts = [], isAtRisk = false } = kept as Partial<Basis>
  // What is there keeps its place, as runs compare it as text.
  return { ...kept, resourceUnit, parts, isAtRisk }
}

export type Filter = Readonly<{
  month?: string | undefined
  // This month and later ones.
  fromMonth?: string | undefined
  states?: readonly Request['state'][] | undefined
  pool?: string | undefined
  numbers?: readonly number[] | undefined
  // All before this one: the next page.
  below?: number | undefined
  // The newest so many.
  limit: number
}>

// The newest first.
export async function readRequests(db: Db, filter: Filter): Promise<readonly Kept[]> {
  const found: Kept[] = []
  for (let { below, limit } = filter; limit > 0; limit -= pageMax) {
    const page = await readPage(db, { ...filter, below, limit: Math.min(limit, pageMax) })
    for (const each of page) found.push(each)
    if (page.length < pageMax) break
    below = page.at(-1)!.request.number
  }
  return found
}

async function readPage(db: Db, filter: Filter): Promise<readonly Kept[]> {
  const { month, fromMonth, states, pool, numbers, below, limit } = filter
  let query = db.selectFrom('capacity_requests').select(['number', 'touched', 'request'])
  if (month !== undefined) query = query.where('month', '=', month)
  if (fromMonth !== undefined) query = query.where('month', '>=', fromMonth)
  if (states !== undefined) query = query.where('state', 'in', [...states])
  if (pool !== undefined) query = query.where('pool', '=', JSON.stringify(pool))
  if (numbers !== undefined) query = query.where('number', 'in', numbers.slice(0, numbersMax))
  if (below !== undefined) query = query.where('number', '<', below)
  const rows = await query.orderBy('number', 'desc').limit(limit).execute()
  return rows.map(readRow)
}

export async function readRequest(db: Db, number: number): Promise<Kept | undefined> {
  const [found] = await readRequests(db, { numbers: [number], limit: 1 })
  return found
}

// Of one month those of forecasts, of earlier ones those that nobody has decided on, and all that is on order.
export async function readForRun(db: Db, month: string): Promise<readonly Kept[]> {
  const found: Kept[] = []
  for (let after = 0; ; ) {
    const rows = await db
      .selectFrom('capacity_requests')
      .select(['number', 'touched', 'request'])
      .where(({ eb, and, or }) =>
        or([
          eb('month', '=', month),
          and([eb('month', '<', month), eb('state', 'in', ['draft', 'submitted'])]),
          eb('state', 'in', onOrderStates),
        ]),
      )
      .where('number', '>', after)
      .orderBy('number')
      .limit(pageMax)
      .execute()
    for (const each of rows.map(readRow))
      if (each.request.source === 'forecast' || onOrderStates.includes(each.request.state)) found.push(each)
    if (rows.length < pageMax) return found
    after = rows.at(-1)!.number
  }
}

// One more than the highest that there ever was: requests are never deleted.
export async function nextNumber(db: Db): Promise<number> {
  const { highest } = await db
    .selectFrom('capacity_requests')
    .select(({ fn }) => fn.max('number').as('highest'))
    .executeTakeFirstOrThrow()
  return (highest ?? 0) + 1
}

export type Change = Kept & Readonly<{ fact: RequestFact }>

export async function saveChanges(tx: Transaction, changes: readonly Change[]): Promise<void> {
  for (const each of openChanges(tx)(changes, (await lastFact(tx)) + 1)) await tx.executeQuery(each)
}

async function lastFact(db: Db): Promise<number> {
  const { highest } = await db
    .selectFrom('capacity_request_facts')
    .select(({ fn }) => fn.max('seq').as('highest'))
    .executeTakeFirstOrThrow()
  return highest ?? 0
}

// In few statements, which can be made before a transaction that only carries them out.
export function openChanges(
  db: Pick<State['db'], 'insertInto'>,
): (changes: readonly Change[], firstSeq: number) => readonly Packed[] {
  const putRequests = inSizes(many =>
    db
      .insertInto('capacity_requests')
      .values(many(requestRow(shape)))
      .onConflict(on =>
        on.column('number').doUpdateSet(({ ref }) => ({
          pool: ref('excluded.pool'),
          kind: ref('excluded.kind'),
          part: ref('excluded.part'),
          state: ref('excluded.state'),
          units: ref('excluded.units'),
          delivered_units: ref('excluded.delivered_units'),
          due_day: ref('excluded.due_day'),
          touched: ref('excluded.touched'),
          version: ref('excluded.version'),
          request: ref('excluded.request'),
        })),
      ),
  )
  const putFacts = inSizes(many =>
    db.insertInto('capacity_request_facts').values(many(factRow(shape.fact, 0))),
  )
  return (changes, firstSeq) => [
    ...putRequests(changes.map(each => Object.values(requestRow(each)))),
    ...putFacts(changes.map(({ fact }, nth) => Object.values(factRow(fact, firstSeq + nth)))),
  ]
}

// Whose columns are those of all.
const shape: Change = {
  request: {
    ...{ number: 0, month: '', pool: '', part: {}, kind: 'expand', source: 'forecast', application: null },
    ...{ state: 'draft', units: 0, unit: '', deliveredUnits: 0, cost: null, neededDay: 0, dueDay: null },
    ...{ why: '', basis: null, mergedInto: null, splitFrom: null, by: '', madeAtMs: 0, changedAtMs: 0 },
    version: 0,
  },
  ...{ isTouched: false, notedUnits: null },
  fact: { id: '', request: 0, atMs: 0, who: '', what: 'made', why: '', details: {} },
}

function requestRow({ request, isTouched, notedUnits }: Kept) {
  const { number, month, pool, part, kind, state, units, deliveredUnits, dueDay, version } = request
  return {
    ...{ number, month, pool: JSON.stringify(pool), part: partKey(part), kind, state, units, version },
    ...{ delivered_units: deliveredUnits, due_day: dueDay ?? noDay, touched: isTouched ? 1 : 0 },
    request: JSON.stringify({ ...request, notedUnits }),
  }
}

const factRow = ({ id, request, atMs, who, what, why, details }: RequestFact, seq: number) => ({
  ...{ id, seq, request, at_ms: atMs, who, what },
  details: JSON.stringify({ why, details }),
})

// Oldest first.
export async function readFacts(
  db: Db,
  requests: readonly number[],
  what?: RequestFact['what'],
): Promise<readonly RequestFact[]> {
  const found: RequestFact[] = []
  for (let at = 0; at < requests.length; at += numbersMax) {
    let query = db
      .selectFrom('capacity_request_facts')
      .selectAll()
      .where('request', 'in', requests.slice(at, at + numbersMax))
    if (what !== undefined) query = query.where('what', '=', what)
    const rows = await query.orderBy('seq').execute()
    for (const { id, request, at_ms: atMs, who, what: kind, details } of rows) {
      const { why, details: more } = JSON.parse(details) as Pick<RequestFact, 'why' | 'details'>
      found.push({ id, request, atMs, who, what: kind as RequestFact['what'], why, details: more })
    }
  }
  return found
}
