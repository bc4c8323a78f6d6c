// What is on order and what was delivered, as the plan asks for it while it is made: read from the state, kept in memory,
// read again when somebody has changed a request. Called by requests.ts.
import type { Labels } from '#core/model.ts'
import type { Promised } from '../coming.ts'
import { dayOf } from '../days.ts'
import type { Request } from '../request.ts'
import { onOrderStates } from './life.ts'
import { holds, readPart } from './part.ts'
import { type Db, dueDayOf } from './rows.ts'

// Less than 0: given back.
type Moved = Readonly<{ part: Labels }> & Promised
type Delivered = Moved & Readonly<{ day: number }>

export type Orders = Readonly<{
  open: ReadonlyMap<string, readonly Moved[]>
  delivered: ReadonlyMap<string, readonly Delivered[]>
  // The day on which each was ordered, by request.
  ordered: ReadonlyMap<number, number>
  // Of the last fact: while it is the same, nothing has changed.
  seq: number
}>

export const noOrders: Orders = { open: new Map(), delivered: new Map(), ordered: new Map(), seq: 0 }

// A part counts towards the whole; what is for the whole is of no part in particular.
export function coming({ open, delivered }: Orders, pool: string, part: Labels): readonly Promised[] {
  const [ahead = [], here = []] = [open.get(pool), delivered.get(pool)]
  return [...ahead, ...here].filter(each => holds(part, each.part))
}

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

const readsMax = 3

// Units of a delivery in between would be neither open nor delivered: then all is read again. Where that is so each time,
// the next look finds another number.
export async function readOrders(db: Db, zone: string, before: Orders = noOrders): Promise<Orders> {
  for (let reads = 1; ; reads++) {
    const found = await readOnce(db, zone, before)
    if (reads === readsMax || (await lastSeq(db)) === found.seq) return found
  }
}

async function readOnce(db: Db, zone: string, before: Orders): Promise<Orders> {
  // Before the rows: what is written meanwhile is read again.
  const seq = await lastSeq(db)
  const open = await db
    .selectFrom('capacity_requests')
    .select(['number', 'pool', 'part', 'kind', 'units', 'delivered_units', 'due_day'])
    .where('state', 'in', onOrderStates)
    .orderBy('number')
    .execute()
  // What came of a request that was carried over to another pool came for that one.
  const isCarried = await wasCarried(db, before.seq, seq)
  const news = { before: isCarried ? noOrders : before, untilSeq: seq }
  const ordered = await readOrdered(db, zone, news)
  return {
    ...{ seq, ordered },
    open: byPool(open, row => ({
      ...{ request: row.number, part: readPart(row.part), isDelivered: false },
      ...{ day: dueDayOf(row.due_day), orderedDay: ordered.get(row.number) ?? null },
      units: signOf(row.kind) * (row.units - row.delivered_units),
    })),
    delivered: await readDelivered(db, zone, news),
  }
}

async function wasCarried(db: Db, afterSeq: number, untilSeq: number): Promise<boolean> {
  const rows = await db
    .selectFrom('capacity_request_facts')
    .select('details')
    .where('what', '=', 'edited')
    .where('seq', '>', afterSeq)
    .where('seq', '<=', untilSeq)
    .execute()
  return rows.some(
    ({ details }) => 'pool' in (JSON.parse(details) as Readonly<{ details: Readonly<object> }>).details,
  )
}

const signOf = (kind: string): 1 | -1 => (kind === ('expand' satisfies Request['kind']) ? 1 : -1)

type News = Readonly<{ before: Orders; untilSeq: number }>

async function readOrdered(db: Db, zone: string, { before, untilSeq }: News): Promise<Orders['ordered']> {
  const rows = await db
    .selectFrom('capacity_request_facts')
    .select(['request', 'at_ms'])
    .where('what', '=', 'ordered')
    .where('seq', '>', before.seq)
    .where('seq', '<=', untilSeq)
    .execute()
  if (rows.length === 0) return before.ordered
  return new Map([
    ...before.ordered,
    ...rows.map(({ request, at_ms: atMs }) => [request, dayOf(zone, atMs)] as const),
  ])
}

// Facts are only ever added to, and what was delivered of a request is of its part for ever: only new ones are read.
async function readDelivered(db: Db, zone: string, { before, untilSeq }: News): Promise<Orders['delivered']> {
  const rows = await db
    .selectFrom('capacity_request_facts as fact')
    .innerJoin('capacity_requests as of', 'of.number', 'fact.request')
    .select(['of.number', 'of.pool', 'of.part', 'of.kind', 'fact.at_ms', 'fact.details'])
    .where('fact.what', '=', 'delivered')
    .where('fact.seq', '>', before.seq)
    .where('fact.seq', '<=', untilSeq)
    .orderBy('fact.seq')
    .execute()
  if (rows.length === 0) return before.delivered
  const news = byPool(rows, ({ number, part, kind, at_ms, details }): Delivered => {
    const { units } = (JSON.parse(details) as Readonly<{ details: Readonly<{ units: number }> }>).details
    return {
      ...{ request: number, part: readPart(part), units: signOf(kind) * units },
      ...{ day: dayOf(zone, at_ms), isDelivered: true },
    }
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
