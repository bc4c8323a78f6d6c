// What this process would own: looked at in one read, and taken as soon as nobody has it. Called by leases.ts.
import type { Held, Process } from './held.ts'
import { type Holding, momentOf } from './holding.ts'
import { look, takeNew, takeOver } from './lease-rows.ts'
import { openRounds } from './rounds.ts'
import { type Chance, type Sighting, sight } from './sightings.ts'
import { timing } from './timing.ts'

export type Wanted = Readonly<{
  // Resolves when it is ours; with nothing when the signal is aborted.
  next(name: string, signal: AbortSignal): Promise<Holding | undefined>
  // Looks at these too from now on.
  watch(names: readonly string[]): void
  end(): Promise<void>
}>

export function openWanted({ state, self, clock, log, counts, sole }: Process, held: Held): Wanted {
  const wanted = new Map<string, (holding: Holding) => void>()
  const watched = new Set<string>()
  const rounds = openRounds({ clock, log, trouble: 'cannot see who owns what', round: lookAtAll })
  let sightings: ReadonlyMap<string, Sighting> = new Map()

  async function lookAtAll(): Promise<number | undefined> {
    const names = [...watched.union(wanted)]
    if (names.length === 0) return undefined
    const rows = await look(state.db, names)
    const seenMs = clock.monotonicMs()
    const seen = sight(sightings, { names, rows, self, sole, seenMs })
    sightings = seen.sightings
    await take(seen.chances.filter(({ name }) => wanted.has(name)))
    return Math.max(0, Math.min(seenMs + timing.beatMs, seen.nextMs) - clock.monotonicMs())
  }

  async function take(chances: readonly Chance[]): Promise<void> {
    if (chances.length === 0) return
    const sent = momentOf(clock)
    const { db } = state
    const written = await state.writeFirst(
      chances.map(({ name, row }) => (row === undefined ? takeNew(db, name, self) : takeOver(db, row, self))),
    )
    const unwanted: Holding[] = []
    for (const [at, { name, row, because }] of chances.entries()) {
      if (written[at]!.changed === 0) continue
      const holding = held.begin(name, (row?.epoch ?? 0) + 1, sent)
      counts.taken(name, because)
      if (because === 'silent' && !sole) {
        log.warn('lease', 'took over from an owner that fell silent', { name, owner: row?.owner })
      }
      const deliver = wanted.get(name)
      wanted.delete(name)
      if (deliver === undefined) unwanted.push(holding)
      else deliver(holding)
    }
    // Since the look.
    await Promise.all(unwanted.map(held.handOver))
  }

  function next(name: string, signal: AbortSignal): Promise<Holding | undefined> {
    return new Promise(resolve => {
      const giveUp = (): void => {
        wanted.delete(name)
        resolve(undefined)
      }
      if (signal.aborted) return giveUp()
      signal.addEventListener('abort', giveUp, { once: true })
      wanted.set(name, holding => {
        signal.removeEventListener('abort', giveUp)
        resolve(holding)
      })
      rounds.wake()
    })
  }
  function watch(names: readonly string[]): void {
    for (const each of names) watched.add(each)
    rounds.wake()
  }
  return { next, watch, end: rounds.end }
}
