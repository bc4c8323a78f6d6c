// Where does a share go on reading, and how far before that does it read for what its rules look back at? Called by
// share.ts when this process has become the owner.
import type { Bus } from '#core/bus.ts'
import type { Place, Saved } from '../book.ts'

export type Beginning = Readonly<{
  // By partition: from there on records are remembered.
  warm: ReadonlyMap<number, number>
  // From there on they are evaluated, and the time of then.
  next: ReadonlyMap<number, Place>
  atMs: number
  // Partitions whose next records are gone.
  lost: readonly number[]
}>

// Records of one moment come in any order, and clocks of gateways differ.
const slackMs = 10_000

export async function beginningOf(
  bus: Bus,
  partitions: readonly number[],
  { places, nowMs, windowMs }: Readonly<{ places: Saved['places']; nowMs: number; windowMs: number }>,
): Promise<Beginning> {
  // A place that is older than the others is one where nothing came since. Who was saved by a clock that ran ahead does
  // not begin in the future.
  const savedMs = Math.max(...[...places.values()].map(each => each.atMs))
  const atMs = places.size === 0 ? nowMs : Math.min(nowMs, savedMs)
  const [oldest, ends, windows] = await Promise.all([
    bus.places('samples', 'beginning'),
    bus.places('samples', 'end'),
    bus.places('samples', { atMs: atMs - windowMs - slackMs }),
  ])
  const warm = new Map<number, number>()
  const next = new Map<number, Place>()
  const lost: number[] = []
  for (const partition of partitions) {
    const least = oldest.get(partition) ?? 0
    const end = ends.get(partition) ?? least
    const saved = places.get(partition)?.next
    // A topic that was made anew ends before what was saved.
    const isThere = saved !== undefined && saved >= least && saved <= end
    if (saved !== undefined && !isThere) lost.push(partition)
    const from = isThere ? saved : saved === undefined ? end : least
    next.set(partition, { next: from, atMs })
    warm.set(partition, Math.max(least, Math.min(windows.get(partition) ?? least, from)))
  }
  return { warm, next, atMs, lost }
}
