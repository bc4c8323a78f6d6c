// The address that takes rows of days from an import, and the one that says which days are there already. Called by bin/;
// `plimsoll capacity import` asks them.
import { z } from 'zod'
import { Breath } from '#core/breath.ts'
import type { Clock } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import { type Route, route } from '#core/http/route.ts'
import { labelsOf } from '#core/labels.ts'
import { audited } from '#core/state/audit.ts'
import type { State } from '#core/state.ts'
import { dayOf, dayStartMs, dayText } from '../days.ts'
import type { OpenHistory } from '../history/open-history.ts'
import type { DayRow, History, Track } from '../history.ts'
import type { Line, Pool } from '../pool.ts'
import { lineIn } from './known-pools.ts'
import { placesIn } from './places.ts'
import { slotMs } from './slots.ts'
import type { DaysThere, ImportAnswer, ImportBody } from './wire-rows.ts'

export type ImportRoutesOptions = Readonly<{
  state: Pick<State, 'db'>
  pools: () => readonly Pool[]
  history: Pick<OpenHistory, 'takeAll' | 'rows' | 'lines'>
  clock: Clock
  zone: string
}>

export const importPath = '/api/plimsoll/v1/capacity/import'

const bodyMaxBytes = 8 * 2 ** 20
const linesMax = 2_000
const rowsMax = 2_000
// An hour of a trend stands for as many before it is over.
const hourCount = 12
// Of what is in memory anyway.
const shownDays = 400
// Of a line in the audit.
const namedMax = 10

const number = z.number().nullable()
const row = z
  .tuple([
    z.int().min(0).max(100_000),
    z.int().min(1).max(100_000),
    number,
    // Without its highest value a day would only take the place of one that is known.
    z.number(),
    number,
    number,
    number,
    number,
    number,
  ])
  .describe(
    'day since 1970, count, min, max, sum, last, when that was in ms, p95, busy hour; null: not known',
  )
const body = z.strictObject({
  lines: z
    .array(
      z.strictObject({
        pool: z.string().max(1_000),
        resource: z.string().max(1_000),
        part: z.record(z.string().max(1_000), z.string().max(10_000)),
        track: z.enum(['usage', 'supply']),
        rows: z.array(row).max(rowsMax),
      }),
    )
    .max(linesMax),
  how: z
    .enum(['fill', 'replace', 'merge'])
    .describe(
      'fill: a day is taken where it has more values than the one that is there; merge: values are added.',
    ),
})

export const importRoutes = (options: ImportRoutesOptions): Route[] => [
  route({
    method: 'POST',
    path: importPath,
    scope: 'operate',
    summary: 'Takes days of usage and supply of pools from elsewhere.',
    body,
    bodyMaxBytes,
    handle: async ({ body: sent, principal }) => ({ body: await take(sent, options, principal.name) }),
  }),
  route({
    method: 'GET',
    path: importPath,
    scope: 'read',
    summary: 'Which days of each line are there, and how many values each has.',
    handle: async () => ({ body: { lines: await daysThere(options) } }),
  }),
]

async function take(
  { lines, how }: z.output<typeof body>,
  { state, pools, history, clock, zone }: ImportRoutesOptions,
  who: string,
): Promise<ImportAnswer> {
  const known = pools()
  const today = dayOf(zone, clock.nowMs())
  const passed = Math.ceil((clock.nowMs() - dayStartMs(zone, today)) / slotMs)
  let left = 0
  const hasPlace = placesIn(history, known)
  const taken = lines.map(({ pool, resource, part, track, rows }, nth) => {
    const line = lineIn(known, { pool, resource, part: labelsOf(Object.entries(part)) })
    if (typeof line === 'string') throw new Failure('bad_request', `body.lines[${nth}]: wanted ${line}`)
    const all = rows.map(cells => rowOf(cells))
    const late = all.find(({ day }) => day > today)
    if (late !== undefined)
      throw new Failure(
        'bad_request',
        `body.lines[${nth}]: wanted days up to today, found ${dayText(late.day)}`,
      )
    const many = all.find(({ day, count }) => day === today && count > passed + hourCount)
    if (many !== undefined)
      throw new Failure(
        'bad_request',
        `body.lines[${nth}]: wanted at most ${passed} values of today, which is not over, found ${many.count}`,
      )
    if (!hasPlace(line)) {
      left += all.length
      return { line, track, rows: [], how }
    }
    const own = how === 'fill' ? missing(all, countsOf(history, { line, track }, today)) : all
    return { line, track, rows: own, how }
  })
  const named = [...new Set(lines.map(({ pool }) => pool))]
  const stored = await history.takeAll(taken, [], days => [
    audited(state.db, {
      ...{ atMs: clock.nowMs(), who, what: 'capacity history imported' },
      details: { days, how, pools: named.length, of: named.slice(0, namedMax) },
    }),
  ])
  const sent = lines.reduce((sum, { rows }) => sum + rows.length, 0)
  return { taken: stored, kept: sent - left - stored, left }
}

const missing = (rows: readonly DayRow[], counts: ReadonlyMap<number, number>): DayRow[] =>
  rows.filter(({ day, count }) => count > (counts.get(day) ?? 0))

type LineTrack = Readonly<{ line: Line; track: Track }>

const countsOf = (
  history: Pick<History, 'rows'>,
  { line, track }: LineTrack,
  today: number,
): Map<number, number> =>
  new Map(history.rows(line, track, { toDay: today, days: shownDays }).map(({ day, count }) => [day, count]))

async function daysThere({ history, clock, zone }: ImportRoutesOptions): Promise<DaysThere[]> {
  const today = dayOf(zone, clock.nowMs())
  const breath = new Breath()
  const there: DaysThere[] = []
  for (const line of history.lines()) {
    for (const track of ['usage', 'supply'] as const)
      there.push({ ...line, track, days: [...countsOf(history, { line, track }, today)] })
    // Of ten thousand lines it takes seconds.
    if (breath.isDue) await breath.taken()
  }
  return there
}

type Cells = ImportBody['lines'][number]['rows'][number]

function rowOf([day, count, ...numbers]: Cells): DayRow {
  const [min, max, sum, last, lastMs, p95, busyHour] = numbers.map(each => each ?? Number.NaN) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  return { day, count, min, max, sum, last, lastMs, p95, busyHour }
}
