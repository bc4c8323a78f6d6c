// On which machine, behind which proxy, does a new process go, and from which is one taken? Idle machines first, then
// different ones, then so that each proxy has equally many workers; a machine takes at most min(100, 2 × cores). Taking
// away is the same the other way round. Pure, and the same for machines in any order. Called by ../advice.ts.

export type Machine = Readonly<{
  host: string
  // NaN where nobody measured them: it has workers perhaps, and gets no new ones.
  cores: number
  // Behind which it can only stand; none: behind any.
  proxies: readonly string[]
  // By proxy, how many run there; `''` where there are no proxies.
  workers: ReadonlyMap<string, number>
}>

export type Place = Readonly<{ host: string; proxy: string; count: number }>

export type Placement = Readonly<{
  places: readonly Place[]
  // Of those asked for, how many fit nowhere; or were to be taken away and do not run.
  left: number
}>

export const limitOf = (cores: number): number =>
  Number.isFinite(cores) && cores > 0 ? Math.min(100, Math.floor(2 * cores)) : 0

// A machine while it is being filled or emptied: a slot is one of its proxies.
type Host = { name: string; limit: number; total: number; moved: number }
type Slot = { host: Host; proxy: string; isOpen: boolean; count: number; moved: number }

type Floor = Readonly<{ slots: readonly Slot[]; byProxy: Map<string, number> }>

export const placeNew = (machines: readonly Machine[], count: number): Placement =>
  moved(machines, count, {
    by: 1,
    may: ({ host, isOpen }) => isOpen && host.total < host.limit,
    // Idle; not given one yet; a proxy with few workers; plenty of room.
    rank: ({ host, proxy }, byProxy) => [
      host.total === 0 ? 0 : 1,
      host.moved,
      byProxy.get(proxy) ?? 0,
      host.total / host.limit,
    ],
  })

export const takeAway = (machines: readonly Machine[], count: number): Placement =>
  moved(machines, count, {
    by: -1,
    may: slot => slot.count > 0,
    // More than it may have; its last one last; not taken from yet; a proxy with many workers; little room.
    rank: ({ host, proxy }, byProxy) => [
      host.total > host.limit ? 0 : 1,
      host.total === 1 ? 1 : 0,
      host.moved,
      -(byProxy.get(proxy) ?? 0),
      host.limit === 0 ? Number.NEGATIVE_INFINITY : -host.total / host.limit,
    ],
  })

type Move = Readonly<{
  by: 1 | -1
  may(slot: Slot): boolean
  // The lowest goes first, number by number; then by name.
  rank(slot: Slot, byProxy: ReadonlyMap<string, number>): readonly number[]
}>

// One at a time, so that each sees what the one before has changed.
function moved(machines: readonly Machine[], count: number, { by, may, rank }: Move): Placement {
  const { slots, byProxy } = floorOf(machines)
  let left = count
  for (; left > 0; left--) {
    let best: Slot | undefined
    let bestRank: readonly number[] = []
    for (const slot of slots) {
      if (!may(slot)) continue
      const its = rank(slot, byProxy)
      if (best !== undefined && !isBefore(its, bestRank)) continue
      best = slot
      bestRank = its
    }
    if (best === undefined) break
    best.count += by
    best.moved += 1
    best.host.total += by
    best.host.moved += 1
    byProxy.set(best.proxy, (byProxy.get(best.proxy) ?? 0) + by)
  }
  const places = slots.flatMap(({ host, proxy, moved: each }) =>
    each === 0 ? [] : [{ host: host.name, proxy, count: each }],
  )
  return { places, left }
}

function isBefore(one: readonly number[], other: readonly number[]): boolean {
  for (const [at, each] of one.entries()) {
    const its = other[at] ?? 0
    if (each !== its) return each < its
  }
  return false
}

// Slots in the order of their names, which decides where nothing else does.
function floorOf(machines: readonly Machine[]): Floor {
  const all = new Set(machines.flatMap(({ proxies, workers }) => [...proxies, ...workers.keys()]))
  if (all.size === 0) all.add('')
  const byProxy = new Map<string, number>()
  const slots = machines.flatMap(({ host: name, cores, proxies, workers }) => {
    const host: Host = { name, limit: limitOf(cores), total: 0, moved: 0 }
    const open = new Set(proxies.length === 0 ? all : proxies)
    return [...new Set([...open, ...workers.keys()])].map((proxy): Slot => {
      const count = workers.get(proxy) ?? 0
      host.total += count
      byProxy.set(proxy, (byProxy.get(proxy) ?? 0) + count)
      return { host, proxy, isOpen: open.has(proxy), count, moved: 0 }
    })
  })
  return {
    slots: slots.toSorted((a, b) => order(a.host.name, b.host.name) || order(a.proxy, b.proxy)),
    byProxy,
  }
}

const order = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0)
