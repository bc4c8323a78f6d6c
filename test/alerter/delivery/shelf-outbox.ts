// An outbox in memory that is as strict as the real one must be: what is not taken cannot be settled, and what is taken
// is not merged into. It outlives the process that it is opened for. Called by the tests of delivery.
import type { KnownAlert } from '../../../alerter/alert.ts'
import type { Fact } from '../../../alerter/fact.ts'
import type { Outbox, OutboxEntry } from '../../../alerter/outbox-entry.ts'
import { mergeTellings } from '../../../alerter/timeline/merge-tellings.ts'

const keyOf = ({ group, integration }: OutboxEntry): string => `${integration} ${group}`

export function openShelfOutbox() {
  const entries = new Map<string, OutboxEntry>()
  const alerts = new Map<string, KnownAlert>()
  const facts = new Map<string, Fact>()
  // Each process has its own: what a dead one does has no effect.
  let taken = new Set<string>()
  let hear: (entry: OutboxEntry) => void = () => {}

  const keep = (found: readonly Fact[]): void => {
    for (const fact of found) if (!facts.has(fact.id)) facts.set(fact.id, fact)
  }
  // The newest of its group, as there are two where a process died while the older was on its way.
  const waitingOf = (entry: OutboxEntry): OutboxEntry | undefined =>
    [...entries.values()]
      .filter(each => keyOf(each) === keyOf(entry) && !taken.has(each.id))
      .toSorted((a, b) => a.sinceMs - b.sinceMs)
      .at(-1)
  const put = (entry: OutboxEntry): void => {
    const known = waitingOf(entry)
    const put =
      known === undefined ? entry : { ...known, telling: mergeTellings(known.telling, entry.telling) }
    entries.set(put.id, put)
    hear(put)
  }
  const byAge = (): OutboxEntry[] =>
    [...entries.values()].sort(
      (a, b) =>
        Number(b.telling.urgency === 'page') - Number(a.telling.urgency === 'page') || a.sinceMs - b.sinceMs,
    )
  return {
    alerts,
    entries,
    facts: (): Fact[] => [...facts.values()],
    keep,
    put,
    // Of a process that begins now.
    open(): Outbox {
      taken = new Set()
      const mine = taken
      const isAlive = (): boolean => mine === taken
      hear = () => {}
      const settled = async (id: string, found: readonly Fact[], change: (entry: OutboxEntry) => void) => {
        await undefined
        if (!isAlive()) return new Promise<void>(() => {})
        const entry = entries.get(id)
        if (entry === undefined || !mine.has(id)) throw new Error(`${id} was not taken`)
        keep(found)
        entries.delete(id)
        mine.delete(id)
        change(entry)
      }
      const take = (id: string): OutboxEntry | undefined => {
        const entry = entries.get(id)
        if (!isAlive() || entry === undefined || mine.has(id)) return undefined
        mine.add(id)
        return entry
      }
      return {
        waiting: byAge,
        onEntry: listener => {
          hear = listener
        },
        take,
        depart: take,
        done: (id, found) => settled(id, found, () => {}),
        again: (id, notBeforeMs, found, told) =>
          settled(id, found, entry => {
            const back = { ...entry, notBeforeMs, tries: entry.tries + 1, settled: told }
            const newer = waitingOf(entry)
            if (newer !== undefined) entries.delete(newer.id)
            const whole =
              newer === undefined ? back : { ...back, telling: mergeTellings(back.telling, newer.telling) }
            entries.set(id, whole)
            hear(whole)
          }),
        alertsOf: ({ telling }) =>
          [...new Set([...telling.firing, ...telling.resolved])].flatMap(each => alerts.get(each) ?? []),
      }
    },
    // The process is gone, whatever it was doing.
    kill(): void {
      taken = new Set()
      hear = () => {}
    },
  }
}
