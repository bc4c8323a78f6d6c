// The days of all pools: kept in the state, and the last months of them in memory, where everybody reads. One process
// makes them, by its lease; others open the same with the state alone and look again. Called by bin/.
//
// Each write marks what it wrote with a version, its time in milliseconds, and one more than any that is there: so whoever
// reads again fetches what has changed and little else. As writes follow each other, a look at the newest version tells
// whether there is anything to read.
import type { Clock } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import type { State } from '#core/state.ts'
import { dayOf } from '../days.ts'
import type { DayRow, History, Track } from '../history.ts'
import { type Line, lineKey, type Pool } from '../pool.ts'
import { asStored, linesTogether, type Taken } from './as-stored.ts'
import { type Book, dayCells, type Looked, lineCells, lineId, lookedCells, openBook } from './book.ts'
import { type Columns, openColumns } from './columns.ts'
import { demandField } from './demand-field.ts'

export type { Taken } from './as-stored.ts'
export type { Looked } from './book.ts'
export type LookedAt = Readonly<{ line: Line; looked: Looked }>
export type Beside = (rows: number) => Parameters<State['write']>[0]

export type OpenHistory = History &
  Readonly<{
    // Another one whenever something has changed.
    version: number
    take(line: Line, track: Track, rows: readonly DayRow[], how: Taken['how']): Promise<void>
    // All of it in one commit, with which days of which lines it answers for, and with what is to be written beside so many
    // rows. Answers how many were stored.
    takeAll(taken: readonly Taken[], looked?: readonly LookedAt[], beside?: Beside): Promise<number>
    looked(line: Line): Looked | undefined
    // Resolves when all is in memory; what is asked before finds nothing yet.
    ready(): Promise<void>
    // Reads again what may have changed.
    refresh(): Promise<void>
    // The same where somebody has written since, and one short question where nobody has: cheap enough for each second.
    look(): Promise<void>
    // What is older than is kept.
    forget(): Promise<void>
    close(): Promise<void>
  }>

export type HistoryOptions = Readonly<{
  state: State
  clock: Clock
  zone: string
  // Who may write: the owner's lease; left out: the state itself.
  owner?: Pick<State, 'write' | 'transaction'>
  // Days in memory; more of them are read when it says more.
  memoryDays?: () => number
  keepDays?: number
}>

const memoryDaysUsual = 120

// So that what was forecast by the longest window can be compared with what came.
export const memoryDaysFor = (pools: readonly Pool[]): number =>
  pools.reduce((most, { windowDays }) => Math.max(most, 2 * windowDays), memoryDaysUsual)

const keepDaysUsual = 400
// For processes of an older version, whose clocks made the versions.
const slackMs = 600_000

export async function openHistory(options: HistoryOptions): Promise<OpenHistory> {
  const history = beginHistory(options)
  await history.ready()
  return history
}

// Reads the days while others go on. Where the state is away, whoever asks next tries again.
export function beginHistory(options: HistoryOptions): OpenHistory {
  const { state, clock, zone, memoryDays = () => memoryDaysUsual, keepDays = keepDaysUsual } = options
  const closing = new AbortController()
  const desk: Desk = {
    ...{ clock, closing: closing.signal, book: openBook(state.db), owner: options.owner ?? state },
    ...{ lines: new Map(), looked: new Map(), read: new Map() },
    ...{ columns: openColumns(0), memoryDays: 0, today: 0, seen: 0, version: 0 },
  }
  let queue: Promise<unknown> = Promise.resolve()
  const daysAgo = (days: number): number => dayOf(zone, clock.nowMs()) - days
  // One at a time: merging reads before it writes.
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = queue.then(() => keepUp(desk, daysAgo(0), memoryDays())).then(work)
    queue = done.catch(() => undefined)
    return done
  }

  const ready = async (): Promise<void> => {
    if (desk.memoryDays === 0) await inTurn(async () => {})
  }
  ready().catch(() => undefined)
  return {
    ready,
    get version() {
      return desk.version
    },
    lines: () => desk.columns.lines(),
    demand: (line, of, window) => desk.columns.days(line, 'usage', { field: demandField[of], window }),
    supply: (line, window) => desk.columns.days(line, 'supply', { field: 'last', window }),
    rows: (line, track, window) =>
      Array.from({ length: window.days }, (_, at) =>
        desk.columns.row(line, track, window.toDay - window.days + 1 + at),
      ).filter(each => each !== undefined),
    take: (line, track, rows, how) =>
      inTurn(async () => void (await takeAll(desk, { all: [{ line, track, rows, how }] }))),
    takeAll: (all, looked, beside) => inTurn(() => takeAll(desk, { all, looked, beside })),
    looked: line => desk.looked.get(lineKey(line)),
    refresh: () => inTurn(() => readAgain(desk, desk.seen - slackMs)),
    look: () =>
      inTurn(async () => {
        if ((await desk.book.newestVersion()) > desk.seen) await readAgain(desk, desk.seen)
      }),
    forget: () => inTurn(() => forget(desk, daysAgo(keepDays))),
    close() {
      closing.abort(new Failure('stopping', 'the history is closed'))
      return queue.then(() => undefined)
    },
  }
}

type Desk = Readonly<{
  clock: Clock
  book: Book
  owner: NonNullable<HistoryOptions['owner']>
  // Ends the reading of what is not there yet.
  closing: AbortSignal
  lines: Map<number, Line>
  looked: Map<string, Looked>
}> & {
  columns: Columns
  memoryDays: number
  // By line, the version that was read. What this process wrote is read again too, since another may have been before it.
  read: Map<number, number>
  today: number
  // Whatever has this version or a lower one was read, or written here.
  seen: number
  version: number
}

// All is read anew where more days are wanted than are in memory, and after a clock that went ahead was put back: rows of
// days to come would leave no room for those of today.
async function keepUp(desk: Desk, today: number, memoryDays: number): Promise<void> {
  const isBack = today < desk.today - 1
  if (isBack || memoryDays > desk.memoryDays) {
    const most = Math.max(memoryDays, desk.memoryDays)
    const anew: Desk = { ...desk, columns: openColumns(most), memoryDays: most, read: new Map(), today }
    await readAgain(anew, -1)
    // Whoever reads meanwhile sees what was there before.
    Object.assign(desk, anew, { version: desk.version + 1 })
  } else if (today > desk.today) {
    desk.columns.forget(today - desk.memoryDays)
    desk.today = today
  }
}

async function readAgain(desk: Desk, sinceVersion: number): Promise<void> {
  const { book, columns, read, today, memoryDays } = desk
  const fromDay = today - memoryDays
  const changed = (await book.lines(sinceVersion)).filter(({ id, version }) => read.get(id) !== version)
  const byId = new Map(changed.map(({ id, line }) => [id, line]))
  const ask = (at: number): ReturnType<Book['days']> => {
    const ids = changed.slice(at, at + linesTogether).map(({ id }) => id)
    const asked = ids.length === 0 ? Promise.resolve([]) : book.days(ids, { fromDay, sinceVersion })
    // It may have failed by the time at which it is waited for.
    asked.catch(() => undefined)
    return asked
  }
  let asked = ask(0)
  for (let at = 0; at < changed.length; at += linesTogether) {
    const found = await asked
    desk.closing.throwIfAborted()
    // The state looks for the next ones while these are read.
    asked = ask(at + linesTogether)
    for (const { line, track, days } of found) columns.read(byId.get(line)!, track, { days, toDay: today })
    for (const { id, line, looked, version } of changed.slice(at, at + linesTogether)) {
      desk.lines.set(id, line)
      read.set(id, version)
      if (looked !== undefined) desk.looked.set(lineKey(line), looked)
    }
  }
  if (changed.length > 0) desk.version++
  desk.seen = changed.reduce((most, { version }) => Math.max(most, version), desk.seen)
}

type Taking = Readonly<{
  all: readonly Taken[]
  looked?: readonly LookedAt[] | undefined
  beside?: Beside | undefined
}>

async function takeAll(desk: Desk, { all, looked = [], beside }: Taking): Promise<number> {
  const { book, columns, owner, clock } = desk
  if (all.every(({ rows }) => rows.length === 0) && looked.length === 0) return 0
  const { present, lines, newest, version, count } = await owner.transaction(async tx => {
    const there = openBook(tx)
    const present = (await asStored(all, there)).filter(({ rows }) => rows.length > 0)
    const newest = await there.newestVersion()
    const version = Math.max(newest + 1, clock.nowMs())
    const lines = new Map([...present, ...looked].map(({ line }) => [lineKey(line), line]))
    const rows = present.flatMap(({ line, track, rows }) =>
      rows.map(dayCells(lineId(lineKey(line)), track, version)),
    )
    const statements = [
      ...book.putLines(Array.from(lines.values(), line => lineCells(line, version))),
      ...book.putLooked(looked.map(each => lookedCells(each.line, version, each.looked))),
      ...book.putDays(rows),
      ...(rows.length > 0 && beside !== undefined ? beside(rows.length) : []),
    ]
    for (const each of statements) await tx.executeQuery(each.compile())
    return { present, lines, newest, version, count: rows.length }
  })
  if (lines.size === 0) return 0
  // What another has written before is still to be read.
  if (newest <= desk.seen) desk.seen = version
  desk.version++
  for (const [key, line] of lines) desk.lines.set(lineId(key), line)
  for (const { line, track, rows } of present) columns.put(line, track, rows)
  for (const each of looked) desk.looked.set(lineKey(each.line), each.looked)
  return count
}

async function forget(desk: Desk, beforeDay: number): Promise<void> {
  const { book, lines, looked, owner } = desk
  const ids = [...lines.keys()]
  const isOld = (id: number): boolean =>
    (looked.get(lineKey(lines.get(id)!))?.toDay ?? beforeDay) <= beforeDay
  for (let at = 0; at < ids.length; at += linesTogether) {
    const some = ids.slice(at, at + linesTogether)
    await owner.write(book.dropDays(some, beforeDay))
    const newest = await book.newest(some)
    const empty = some.filter(id => !newest.has(id) && isOld(id))
    if (empty.length > 0) await owner.write(book.dropLines(empty))
    for (const id of empty) {
      looked.delete(lineKey(lines.get(id)!))
      lines.delete(id)
      desk.read.delete(id)
    }
  }
  desk.columns.forget(beforeDay)
  desk.version++
}
