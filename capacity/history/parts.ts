// Which parts of a pool have lines of their own, so that a label with a hundred thousand values does not make as many: those
// that have one already, then the largest, as many as the pool may have. The others count for the whole only. Called by
// measure.ts; the recorder and fill.ts hold it.
//
// A place is kept while the forecast still sees days of it, so that parts do not change places every five minutes. Usage
// and supply share them.
import { Breath } from '#core/breath.ts'
import type { Days, History } from '../history.ts'
import { isPartOf, isWhole, type Line, type Pool } from '../pool.ts'
import { type Measured, partKey, wholeKey } from './measured.ts'

export interface Parts {
  // What the history has by now.
  look(today: number): Promise<void>
  kept(of: PartsOf, measured: Measured): Kept
}

// `day`: on which it was measured.
export type PartsOf = Readonly<{ pool: Pool; resource: string; day: number }>
// `left`: parts without a place.
export type Kept = Readonly<{ measured: Measured; left: number }>

// By part, the last day on which it was there.
type Places = Map<string, number>

type Known = Pick<History, 'lines' | 'demand' | 'supply'> & Readonly<{ version: number }>

export function openParts(history: Known, poolsNow: () => readonly Pool[]): Parts {
  const all = new Map<string, Places>()
  let seen: readonly unknown[] = []
  const placesOf = ({ name, by }: Pool, resource: string): Places => {
    const key = JSON.stringify([name, resource, by])
    const found = all.get(key) ?? new Map<string, number>()
    all.set(key, found)
    return found
  }
  return {
    async look(today) {
      const pools = poolsNow()
      const now = [history.version, pools, today]
      if (now.every((each, at) => each === seen[at])) return
      const byPool = Map.groupBy(
        history.lines().filter(({ part }) => !isWhole(part)),
        ({ pool }) => pool,
      )
      const used = new Set<Places>()
      const breath = new Breath()
      for (const pool of pools.filter(({ by }) => by.length > 0)) {
        const fromDay = today - pool.windowDays
        for (const { name } of pool.resources) used.add(placesOf(pool, name))
        for (const line of byPool.get(pool.name) ?? []) {
          if (!isOf(line, pool)) continue
          const last = lastDayOf(line, pool, { history, today })
          if (last >= fromDay) touch(placesOf(pool, line.resource), partKey(line.part), last)
          if (breath.isDue) await breath.taken()
        }
        for (const { name } of pool.resources) forget(placesOf(pool, name), fromDay)
      }
      for (const [key, places] of all) if (!used.has(places)) all.delete(key)
      seen = now
    },
    kept({ pool, resource, day }, measured) {
      if (pool.by.length === 0) return { measured, left: 0 }
      const places = placesOf(pool, resource)
      const [old, others]: [string[], string[]] = [[], []]
      for (const key of measured.keys()) if (key !== wholeKey) (places.has(key) ? old : others).push(key)
      const kept = [
        ...(places.size > pool.partsMax ? largest(old, measured, pool.partsMax) : old),
        ...largest(others, measured, Math.max(0, pool.partsMax - places.size)),
      ]
      for (const key of kept) touch(places, key, day)
      const left = old.length + others.length - kept.length
      if (left === 0) return { measured, left }
      const keys = measured.has(wholeKey) ? [wholeKey, ...kept] : kept
      return { measured: new Map(keys.map(key => [key, measured.get(key)!])), left }
    },
  }
}

const touch = (places: Places, key: string, day: number): void =>
  void places.set(key, Math.max(day, places.get(key) ?? day))

function forget(places: Places, beforeDay: number): void {
  for (const [key, day] of places) if (day < beforeDay) places.delete(key)
}

const isOf = ({ part, resource }: Line, pool: Pool): boolean =>
  isPartOf(part, pool) && pool.resources.some(({ name }) => name === resource)

function lastDayOf(
  line: Line,
  { windowDays, daily }: Pool,
  { history, today }: Readonly<{ history: Known; today: number }>,
): number {
  const window = { toDay: today, days: windowDays + 1 }
  const lastIn = ({ firstDay, values }: Days): number =>
    firstDay + values.findLastIndex(value => !Number.isNaN(value))
  return Math.max(lastIn(history.demand(line, daily, window)), lastIn(history.supply(line, window)))
}

// Of equals those that come first. No names are sorted: a hundred thousand would take half a second.
function largest(keys: readonly string[], measured: Measured, most: number): readonly string[] {
  if (keys.length <= most || most === 0) return keys.slice(0, most)
  const sizes = Float64Array.from(keys, key => sizeOf(measured.get(key)!.values))
  const least = sizes.toSorted()[keys.length - most]!
  const larger = keys.filter((_, at) => sizes[at]! > least)
  const equal = keys.filter((_, at) => sizes[at] === least)
  return [...larger, ...equal.slice(0, most - larger.length)]
}

const sizeOf = (values: Float64Array): number =>
  values.reduce((sum, value) => (Number.isNaN(value) ? sum : sum + value), 0)
