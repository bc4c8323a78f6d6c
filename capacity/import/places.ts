// Whether a line of an import has a place: the whole always; a part where it is known, or its pool has fewer than it may
// have. Called by import-routes.ts.
import type { History } from '../history.ts'
import { isPartOf, isWhole, type Line, lineKey, type Pool } from '../pool.ts'

export function placesIn(history: Pick<History, 'lines'>, pools: readonly Pool[]): (line: Line) => boolean {
  const byName = new Map(pools.map(pool => [pool.name, pool]))
  const parts = new Map<string, Set<string>>()
  const partsOf = ({ pool, resource }: Line): Set<string> => {
    const key = JSON.stringify([pool, resource])
    const found = parts.get(key) ?? new Set<string>()
    parts.set(key, found)
    return found
  }
  let isRead = false
  // Only where there are parts: lines are many.
  const read = (): void => {
    for (const line of history.lines()) {
      const pool = byName.get(line.pool)
      if (pool !== undefined && isPartOf(line.part, pool)) partsOf(line).add(lineKey(line))
    }
    isRead = true
  }
  return line => {
    if (isWhole(line.part)) return true
    if (!isRead) read()
    const [known, key] = [partsOf(line), lineKey(line)]
    if (!known.has(key) && known.size >= (byName.get(line.pool)?.partsMax ?? 0)) return false
    known.add(key)
    return true
  }
}
