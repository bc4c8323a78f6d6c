// Past requests judged once for all who look, until the day is over, somebody has changed a request, or other days are
// known. Requests are read once for each of the first two. Opened by requests.ts.
import { Breath } from '#core/breath.ts'
import type { State } from '#core/state.ts'
import { readStoredUse, type UseWanted } from '../history/stored-use.ts'
import type { Days, History, Window } from '../history.ts'
import { type DemandOf, type Line, lineKey, type Pool } from '../pool.ts'
import { type Asked, asked, isJudged, type Judgement, type JudgeOptions, judge } from './judged.ts'
import { lastSeq } from './orders.ts'
import { readFacts, readRequests } from './rows.ts'

export type Used = Pick<History, 'demand'> & Readonly<{ version?: number }>

export type JudgingOptions = Readonly<{
  db: State['db']
  pools: () => readonly Pool[]
}>

// `fromMonth`: earlier ones are left out.
export type JudgedWhen = Readonly<{ untilDay: number; fromMonth: string }>

export type Judging = (history: Used, when: JudgedWhen) => Promise<Judgement>

// The newest of half a year: each of them is read whole.
const judgedMax = 50_000

// What is too long ago to be in memory.
type Stored = ReadonlyMap<string, number>

export function openJudging({ db, pools }: JudgingOptions): Judging {
  const read = kept(async ({ untilDay, fromMonth }: JudgedWhen): Promise<readonly Asked[]> => {
    const found = await readRequests(db, { fromMonth, limit: judgedMax })
    const requests = found.map(({ request }) => request)
    const numbers = requests.filter(isJudged).map(({ number }) => number)
    const edits = await readFacts(db, numbers, 'edited')
    return asked(requests, { untilDay, edits })
  })
  // Whenever other days are known: an import may have brought, or replaced, some of long ago.
  const judged = kept(async (all: readonly Asked[], history: Used, of: ReadonlyMap<string, Pool>) => {
    const stored = await storedOf(db, all, { history, pools: of })
    return judge(all, { history: withStored(history, stored), pools: of })
  })
  return async (history, when) => {
    const known = pools()
    const found = await read([when.fromMonth, when.untilDay, await lastSeq(db)], when)
    const byName = new Map(known.map(each => [each.name, each]))
    return judged([found, known, history, history.version], found, history, byName)
  }
}

// The last answer, until what it stands on is another. Whoever asks meanwhile gets the same one.
function kept<Given extends readonly unknown[], T>(
  work: (...given: Given) => Promise<T>,
): (of: readonly unknown[], ...given: Given) => Promise<T> {
  let last: Readonly<{ of: readonly unknown[]; found: Promise<T> }> | undefined
  return (of, ...given) => {
    if (last?.of.every((each, at) => each === of[at])) return last.found
    const mine = { of, found: work(...given) }
    last = mine
    mine.found.catch(() => {
      if (last === mine) last = undefined
    })
    return mine.found
  }
}

const keyOf = (line: Line, of: DemandOf, day: number): string => `${day} ${of} ${lineKey(line)}`

async function storedOf(
  db: State['db'],
  all: readonly Asked[],
  { history, pools }: JudgeOptions,
): Promise<Stored> {
  const breath = new Breath()
  const wanted: UseWanted[] = []
  for (const { line, said } of all) {
    const of = pools.get(line.pool)?.daily
    if (of !== undefined) {
      const day = said.ofDay
      const used = history.demand(line, of, { toDay: day, days: 1 }).values.at(-1)
      if (!Number.isFinite(used)) wanted.push({ line, of, day })
    }
    if (breath.isDue) await breath.taken()
  }
  const found = await readStoredUse(db, wanted)
  return new Map(wanted.map(({ line, of, day }, at) => [keyOf(line, of, day), found[at]!]))
}

const withStored = (history: Used, stored: Stored): Pick<History, 'demand'> => ({
  demand(line: Line, of: DemandOf, window: Window): Days {
    const days = history.demand(line, of, window)
    if (Number.isFinite(days.values.at(-1))) return days
    const known = stored.get(keyOf(line, of, window.toDay))
    return known === undefined ? days : { firstDay: window.toDay, values: Float64Array.of(known) }
  },
})
