// The days of all pools: kept in the state, and the last months of them in memory, where everybody reads. One process
// writes, by the lease that its `write` holds; others open the same with the state alone and look again by refresh().
// Called by bin/.
//
// Each write marks what it wrote with a version, its time in milliseconds, and one more than any it knows: so whoever
// reads again fetches what has changed and little else. Clocks that differ by less than ten minutes miss nothing.
import type { Clock } from '#core/clock.ts'
import type { State } from '#core/state.ts'
import { dayOf } from '../days.ts'
import type { DayRow, History, Track } from '../history.ts'
import { type Line, lineKey, type Pool } from '../pool.ts'
import { asStored } from './as-stored.ts'
import { type Book, dayCells, type Looked, lineCells, lineId, lookedCells, openBook } from './book.ts'
import { type Columns, openColumns } from './columns.ts'

export type { Looked } from './book.ts'

export type Taken = Readonly<{
  line: Line
  track: Track
  rows: readonly DayRow[]
  // Merging adds what was measured elsewhere on the same day; replacing puts a whole day in place of what there was; filling
  // does so unless more values of that day are there, whoever wrote them.
  how: 'replace' | 'merge' | 'fill'
}>
export type LookedAt = Readonly<{ line: Line; looked: Looked }>

export type OpenHistory = History &
  Readonly<{
    // Another one whenever something has changed.
    version: number
    take(line: Line, track: Track, rows: readonly DayRow[], how: Taken['how']): Promise<void>
    // All of it in one commit, with which days of which lines it answers for.
    takeAll(taken: readonly Taken[], looked?: readonly LookedAt[]): Promise<void>
    looked(line: Line): Looked | undefined
    refresh(): Promise<void>
    // What is older than is kept.
    forget(): Promise<void>
    close(): Promise<void>
  }>

export type HistoryOptions = Readonly<{
  state: State
  clock: Clock
  zone: string
  // Of the owner's lease; left out: the state's own.
  write?: State['write']
  // Days in memory; more of them are read when it says more.
  memoryDays?: () => number
  keepDays?: number
}>

const memoryDaysUsual = 120

// So that what was forecast by the longest window can be compared with what came.
export const memoryDaysFor = (pools: readonly Pool[]): number =>
  pools.reduce((most, { windowDays }) => Math.max(most, 2 * windowDays), memoryDaysUsual)

const keepDaysUsual = 400
// Asked of the state at one time, so that others get their turn.
const linesTogether = 64
const slackMs = 600_000

export async function openHistory(options: HistoryOptions): Promise<OpenHistory> {
  const { state, clock, zone, memoryDays = () => memoryDaysUsual, keepDays = keepDaysUsual } = options
  const desk: Desk = {
    ...{ clock, book: openBook(state.db), write: options.write ?? (statements => state.write(statements)) },
    ...{ lines: new Map(), looked: new Map(), read: new Map() },
    ...{ columns: openColumns(0), memoryDays: 0, today: 0, seen: 0, version: 0 },
  }
  let queue: Promise<unknown> = Promise.resolve()
  const daysAgo = (days: number): number => dayOf(zone, clock.nowMs()) - days
  // One at a time: merging reads before it writes.
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const done = queue.then(() => keepUp(desk, daysAgo(0), memoryDays())).then(work)
    queue = done.catch(() => undefined)
    return done
  }

  await keepUp(desk, daysAgo(0), memoryDays())
  return {
    get version() {
      return desk.version
    },
    lines: () => desk.columns.lines(),
    demand: (line, of, window) => desk.columns.days(line, 'usage', { field: fieldOf[of], window }),
    supply: (line, window) => desk.columns.days(line, 'supply', { field: 'last', window }),
    rows: (line, track, window) =>
      Array.from({ length: window.days }, (_, at) =>
        desk.columns.row(line, track, window.toDay - window.days + 1 + at),
      ).filter(each => each !== undefined),
    take: (line, track, rows, how) => inTurn(() => takeAll(desk, [{ line, track, rows, how }], [])),
    takeAll: (taken, looked = []) => inTurn(() => takeAll(desk, taken, looked)),
    looked: line => desk.looked.get(lineKey(line)),
    refresh: () => inTurn(() => readAgain(desk, desk.seen - slackMs)),
    forget: () => inTurn(() => forget(desk, daysAgo(keepDays))),
    close: () => queue.then(() => undefined),
  }
}

const fieldOf = { peak: 'max', p95: 'p95', busy_hour: 'busyHour' } as const

type Desk = Readonly<{
  clock: Clock
  book: Book
  write: State['write']
  lines: Map<number, Line>
  looked: Map<string, Looked>
}> & {
  columns: Columns
  memoryDays: number
  // By line, the version that was read. What this process wrote is read again too, since another may have been before it.
  read: Map<number, number>
  today: number
  // The highest version that was read or written.
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
  for (let at = 0; at < changed.length; at += linesTogether) {
    const ids = changed.slice(at, at + linesTogether).map(({ id }) => id)
    for (const { line, track, rows } of await book.days(ids, { fromDay, sinceVersion })) {
      const over = rows.filter(({ day }) => day <= today)
      columns.put(byId.get(line)!, track, over)
    }
  }
  if (changed.length > 0) desk.version++
  for (const { id, line, looked, version } of changed) {
    desk.lines.set(id, line)
    read.set(id, version)
    if (looked !== undefined) desk.looked.set(lineKey(line), looked)
    desk.seen = Math.max(desk.seen, version)
  }
}

async function takeAll(desk: Desk, all: readonly Taken[], looked: readonly LookedAt[]): Promise<void> {
  const { book, columns } = desk
  const taken = await asStored(all, book)
  const present = taken.filter(({ rows }) => rows.length > 0)
  if (present.length === 0 && looked.length === 0) return
  // Whatever becomes of the write, nothing else gets its number.
  const version = Math.max(desk.seen + 1, desk.clock.nowMs())
  desk.seen = version
  const lines = new Map([...present, ...looked].map(({ line }) => [lineKey(line), line]))
  await desk.write([
    ...book.putLines(Array.from(lines.values(), line => lineCells(line, version))),
    ...book.putLooked(looked.map(each => lookedCells(each.line, version, each.looked))),
    ...book.putDays(
      present.flatMap(({ line, track, rows }) => rows.map(dayCells(lineId(lineKey(line)), track, version))),
    ),
  ])
  desk.version++
  for (const [key, line] of lines) desk.lines.set(lineId(key), line)
  for (const { line, track, rows } of present) columns.put(line, track, rows)
  for (const each of looked) desk.looked.set(lineKey(each.line), each.looked)
}

async function forget(desk: Desk, beforeDay: number): Promise<void> {
  const { book, lines, looked, write } = desk
  const ids = [...lines.keys()]
  const isOld = (id: number): boolean =>
    (looked.get(lineKey(lines.get(id)!))?.toDay ?? beforeDay) <= beforeDay
  for (let at = 0; at < ids.length; at += linesTogether) {
    const some = ids.slice(at, at + linesTogether)
    await write(book.dropDays(some, beforeDay))
    const newest = await book.newest(some)
    const empty = some.filter(id => !newest.has(id) && isOld(id))
    if (empty.length > 0) await write(book.dropLines(empty))
    for (const id of empty) {
      looked.delete(lineKey(lines.get(id)!))
      lines.delete(id)
      desk.read.delete(id)
    }
  }
  desk.columns.forget(beforeDay)
  desk.version++
}
