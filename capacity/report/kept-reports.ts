// The reports of past months in the state, as the last run of each made them: the pools in pieces before the run, and what
// makes them a report in the transaction of the run, so that there is one exactly where there is a run. Called by
// requests/runs.ts, and by whoever shows an old one.
import { randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { zstdCompress, zstdCompressSync, zstdDecompress } from 'node:zlib'
import { Breath } from '#core/breath.ts'
import { Failure } from '#core/errors.ts'
import type { State } from '#core/state.ts'
import { headText, poolsText, readHead, readPools, reportFrom } from './kept.ts'
import type { PoolReport } from './pool-report.ts'
import type { Report } from './report-model.ts'

export const monthsKept = 24

// 50 kB each: 3.6 MB are ten thousand pools with as many requests.
const poolsInPiece = 250
const dayMs = 86_400_000

const pack = promisify(zstdCompress)
const unpack = promisify(zstdDecompress)
// Of what is less, a thread costs more than the work.
const smallChars = 50_000
const packed = async (text: string): Promise<string> =>
  (text.length < smallChars ? zstdCompressSync(text) : await pack(text)).toString('base64')

type Db = Pick<State['db'], 'selectFrom'>
type Transaction = Parameters<Parameters<State['transaction']>[0]>[0]

// Under which the pieces of one report stand. Nobody finds them before saveHead().
export type Pieces = Readonly<{ report: string; pieces: number; atMs: number }>

export async function savePieces(
  state: Pick<State, 'db'>,
  write: State['write'],
  pools: readonly PoolReport[],
  atMs: number,
): Promise<Pieces> {
  const report = `${atMs}-${randomBytes(4).toString('hex')}`
  const pieces = Math.ceil(pools.length / poolsInPiece)
  const own = { report, pieces, atMs }
  const breath = new Breath()
  try {
    for (let piece = 0; piece < pieces; piece++) {
      const from = piece * poolsInPiece
      const text = await packed(poolsText(pools.slice(from, from + poolsInPiece), from))
      const row = { report, piece, made_at_ms: atMs, pools: text }
      await write([state.db.insertInto('capacity_report_pools').values(row)])
      if (breath.isDue) await breath.taken()
    }
  } catch (error) {
    await tidyPieces(state, write, { own, atMs })
    throw error
  }
  return own
}

// What stands under no report: of the run itself where it has failed, else of reports that are gone and of runs that were
// killed. Of those not before a day is over: another run may be writing them. What the state cannot take away now, the
// next run does.
export async function tidyPieces(
  { db }: Pick<State, 'db'>,
  write: State['write'],
  { own, atMs }: Readonly<{ own: Pieces | undefined; atMs: number }>,
): Promise<void> {
  const stray = db
    .deleteFrom('capacity_report_pools')
    // An answer may have been lost whose run was made all the same.
    .where('report', 'not in', ({ selectFrom }) => selectFrom('capacity_reports').select('report'))
  const old = stray.where('made_at_ms', '<', atMs - dayMs)
  try {
    await write([own === undefined ? old : stray.where('report', '=', own.report)])
  } catch (error) {
    if (!(error instanceof Failure)) throw error
  }
}

export const packedHead = (report: Report): Promise<string> => packed(headText(report))

// Makes a report of the pieces, in the place of what an earlier run of the month has kept.
export async function saveHead(
  tx: Transaction,
  { id: run, month }: Readonly<{ id: string; month: string }>,
  head: string,
  { report, pieces, atMs }: Pieces,
): Promise<void> {
  const row = { report, run, pieces, made_at_ms: atMs, head }
  await tx
    .insertInto('capacity_reports')
    .values({ month, ...row })
    .onConflict(on => on.column('month').doUpdateSet(row))
    .execute()
  const { last } = await tx
    .selectFrom(({ selectFrom }) =>
      selectFrom('capacity_reports').select('month').orderBy('month', 'desc').limit(monthsKept).as('newest'),
    )
    .select(({ fn }) => fn.min('month').as('last'))
    .executeTakeFirstOrThrow()
  await tx.deleteFrom('capacity_reports').where('month', '<', last).execute()
}

// The newest first.
export async function keptMonths(db: Db): Promise<readonly string[]> {
  const rows = await db.selectFrom('capacity_reports').select('month').orderBy('month', 'desc').execute()
  return rows.map(({ month }) => month)
}

// `present`: the month that is planned for now, whose report is made when it is asked for.
export async function keptReport(db: Db, month: string, present: string): Promise<Report> {
  const found = await readReport(db, month)
  if (found !== undefined) return found
  const others = (await keptMonths(db)).filter(each => each !== present)
  const there = others.length === 0 ? 'none of earlier months is kept' : `kept are ${others.join(', ')}`
  throw new Failure(
    'not_found',
    `there is no report of ${month}: the present one is for ${present}, ${there}`,
  )
}

// `seen`: what was found before, and lacked a piece.
async function readReport(db: Db, month: string, seen?: string): Promise<Report | undefined> {
  const row = await db
    .selectFrom('capacity_reports')
    .select(['report', 'pieces', 'head'])
    .where('month', '=', month)
    .executeTakeFirst()
  if (row === undefined) return undefined
  const breath = new Breath()
  const pools: ReturnType<typeof readPools>[number][] = []
  for (let piece = 0; piece < row.pieces; piece++) {
    const text = await readPiece(db, row.report, piece)
    // A run has made another one in the meantime.
    if (text === undefined && row.report !== seen) return readReport(db, month, row.report)
    if (text === undefined) throw corrupt(month, `piece ${piece} of its pools is missing`)
    pools.push(...readPools(await unpackedOf(month, text)))
    if (breath.isDue) await breath.taken()
  }
  return reportFrom(readHead(await unpackedOf(month, row.head)), pools)
}

async function readPiece(db: Db, report: string, piece: number): Promise<string | undefined> {
  const row = await db
    .selectFrom('capacity_report_pools')
    .select('pools')
    .where('report', '=', report)
    .where('piece', '=', piece)
    .executeTakeFirst()
  return row?.pools
}

async function unpackedOf(month: string, text: string): Promise<string> {
  try {
    return (await unpack(Buffer.from(text, 'base64'))).toString()
  } catch (cause) {
    throw corrupt(month, (cause as Error).message)
  }
}

const corrupt = (month: string, what: string): Failure =>
  new Failure('state_corrupt', `the report of ${month} cannot be read: ${what}`)
