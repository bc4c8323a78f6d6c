// What runs forecast of every line, day by day, kept so that it can be held against what came: about a month later, when
// the next run wants to know how good the last one was. Called by orders.ts and runs.ts.
import type { State } from '#core/state.ts'
import type { PastForecast, Plan } from '../plan.ts'
import { type Line, lineKey } from '../pool.ts'
import type { Db } from './rows.ts'

type Band = Readonly<{ firstDay: number; likely: Numbers; low: Numbers; high: Numbers }>
type Numbers = readonly (number | null)[]

// Of one run.
export type SaidOfRun = Readonly<{ madeDay: number; bands: ReadonlyMap<string, Band> }>

// 1 kB a line: ten thousand of them are 10 MB a month.
const daysMax = 75
const keptDays = 100
const rowsMax = 250
const leastDaysBefore = 25

type Write = State['write']

// Before the run itself: should that fail, it is said again, and replaces this.
export async function saveSaid(state: Pick<State, 'db'>, write: Write, plan: Plan): Promise<void> {
  const { db } = state
  const madeDay = plan.asOfDay
  const lines = plan.pools.flatMap(each => each.lines.filter(({ forecast }) => forecast !== null))
  // In portions, each its own commit: none holds others up, in this process or in the state.
  for (let at = 0; at < lines.length; at += rowsMax) {
    const rows = lines.slice(at, at + rowsMax).map(({ line, forecast }) => {
      const { firstDay, likely, low, high } = forecast!
      const bands = JSON.stringify([likely, low, high].map(short))
      return { made_day: madeDay, line: lineKey(line), first_day: firstDay, bands }
    })
    await write([
      db
        .insertInto('capacity_said')
        .values(rows)
        .onConflict(on =>
          on.columns(['made_day', 'line']).doUpdateSet(({ ref }) => ({
            first_day: ref('excluded.first_day'),
            bands: ref('excluded.bands'),
          })),
        ),
    ])
  }
  await write([db.deleteFrom('capacity_said').where('made_day', '<', madeDay - keptDays)])
}

// Nobody reads more than five digits of what was once foreseen. Not by toPrecision(), which takes seconds for a month of
// ten thousand pools.
function short(values: Float64Array): Numbers {
  return Array.from(values.subarray(0, daysMax), each => {
    if (!Number.isFinite(each)) return null
    const power = 4 - Math.floor(Math.log10(Math.abs(each) || 1))
    const scale = 10 ** Math.abs(power)
    return power < 0 ? Math.round(each / scale) * scale : Math.round(each * scale) / scale
  })
}

// That of about a month before the day: the youngest that is at least 25 days old.
export async function readSaid(db: Db, day: number): Promise<SaidOfRun | undefined> {
  const { made } = await db
    .selectFrom('capacity_said')
    .select(({ fn }) => fn.max('made_day').as('made'))
    .where('made_day', '<=', day - leastDaysBefore)
    .executeTakeFirstOrThrow()
  if (made === null || made === undefined) return undefined
  const bands = new Map<string, Band>()
  // In pages: all at once would be a single answer of many megabytes.
  for (let after = ''; ; ) {
    const rows = await db
      .selectFrom('capacity_said')
      .select(['line', 'first_day', 'bands'])
      .where('made_day', '=', made)
      .where('line', '>', after)
      .orderBy('line')
      .limit(rowsMax)
      .execute()
    for (const row of rows) {
      const [likely = [], low = [], high = []] = JSON.parse(row.bands) as Numbers[]
      bands.set(row.line, { firstDay: row.first_day, likely, low, high })
    }
    if (rows.length < rowsMax) return { madeDay: made, bands }
    after = rows.at(-1)!.line
  }
}

export function saidOf(
  said: SaidOfRun | undefined,
  line: Line,
  day: number,
): Omit<PastForecast, 'actual'> | null {
  const band = said?.bands.get(lineKey(line))
  if (said === undefined || band === undefined) return null
  const at = day - band.firstDay
  const [likely, low, high] = [band.likely[at], band.low[at], band.high[at]]
  if (likely == null || low == null || high == null) return null
  return { madeDay: said.madeDay, ofDay: day, likely, low, high }
}
