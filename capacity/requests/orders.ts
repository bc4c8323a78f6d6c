// What is on order and what was delivered, as the plan asks for it while it is made: read from the state, kept in memory,
// read again when somebody has changed a request. Called by requests.ts.
import type { Labels } from '#core/model.ts'
import { dayOf } from '../days.ts'
import type { Request } from '../request.ts'
import { onOrderStates } from './life.ts'
import { holds, readPart } from './part.ts'
import type { Db } from './rows.ts'

type Open = Pick<Request, 'part' | 'kind'> & Readonly<{ units: number; dueDay: number }>
type Delivered = Readonly<{ part: Labels; units: number; day: number }>

export type Orders = Readonly<{
  open: ReadonlyMap<string, readonly Open[]>
  delivered: ReadonlyMap<string, readonly Delivered[]>
  // Of the last fact: while it is the same, nothing has changed.
  seq: number
}>

export const noOrders: Orders = { open: new Map(), delivered: new Map(), seq: 0 }

// A part counts towards the whole; what is for the whole is of no part in particular.
export function onOrder({ open }: Orders, pool: string, part: Labels, untilDay: number): number {
  return sum(
    (open.get(pool) ?? []).filter(
      each => each.kind === 'expand' && each.dueDay <= untilDay && holds(part, each.part),
    ),
  )
}

// Promised back and still there.
export const leaving = ({ open }: Orders, pool: string): number =>
  sum((open.get(pool) ?? []).filter(({ kind }) => kind === 'reclaim'))

// What came, without what was given back: below zero where more was given back.
export const delivered = (orders: Orders, pool: string, part: Labels, fromDay = 0): number =>
  sum((orders.delivered.get(pool) ?? []).filter(each => each.day >= fromDay && holds(part, each.part)))

const sum = (some: readonly Readonly<{ units: number }>[]): number =>
  some.reduce((all, { units }) => all + units, 0)

export async function lastSeq(db: Db): Promise<number> {
  const { highest } = await db
    .selectFrom('capacity_request_facts')
    .select(({ fn }) => fn.max('seq').as('highest'))
    .executeTakeFirstOrThrow()
  return highest ?? 0
}

export async function readOrders(db: Db, zone: string, before: Orders = noOrders): Promise<Orders> {
  // Before the rows: what is written meanwhile is read again.
  const seq = await lastSeq(db)
  const open = await db
    .selectFrom('capacity_requests')
    .select(['pool', 'part', 'kind', 'units', 'delivered_units', 'due_day'])
    .where('state', 'in', onOrderStates)
    .execute()
  return {
    seq,
    open: byPool(open, row => ({
      ...{ part: readPart(row.part), kind: row.kind as Request['kind'], dueDay: row.due_day },
      units: row.units - row.delivered_units,
    })),
    delivered: await readDelivered(db, zone, { before, untilSeq: seq }),
  }
}

type News = Readonly<{ before: Orders; untilSeq: number }>

// Facts are only ever added to, and what was delivered of a request is of its pool and part for ever: only new ones are
// read.
async function readDelivered(db: Db, zone: string, { before, untilSeq }: News): Promise<Orders['delivered']> {
  const rows = await db
    .selectFrom('capacity_request_facts as fact')
    .innerJoin('capacity_requests as of', 'of.number', 'fact.request')
    .select(['of.pool', 'of.part', 'of.kind', 'fact.at_ms', 'fact.details'])
    .where('fact.what', '=', 'delivered')
    .where('fact.seq', '>', before.seq)
    .where('fact.seq', '<=', untilSeq)
    .orderBy('fact.seq')
    .execute()
  if (rows.length === 0) return before.delivered
  const news = byPool(rows, ({ part, kind, at_ms, details }): Delivered => {
    const { units } = (JSON.parse(details) as Readonly<{ details: Readonly<{ units: number }> }>).details
    return { part: readPart(part), units: kind === 'expand' ? units : -units, day: dayOf(zone, at_ms) }
  })
  const all = new Map(before.delivered)
  for (const [pool, some] of news) all.set(pool, [...(all.get(pool) ?? []), ...some])
  return all
}

function byPool<Row extends Readonly<{ pool: string }>, T>(
  rows: readonly Row[],
  read: (row: Row) => T,
): ReadonlyMap<string, readonly T[]> {
  const groups = Map.groupBy(rows, ({ pool }) => JSON.parse(pool) as string)
  return new Map([...groups].map(([pool, some]) => [pool, some.map(read)]))
}
