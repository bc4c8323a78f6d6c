// Who has what an entry says already, of several whom one way tells: kept with the entry while others of them are asked
// again, so that neither another try nor another process tells him twice. Pure. Called by flight.ts and lane.ts, and by the
// watchdog for what is in no outbox.
import type { Verdict } from '../channel.ts'

export type Settled = Place &
  Readonly<{
    telling: string
    // By the places of requests or recipients.
    verdicts: readonly (readonly [nth: number, verdict: Verdict])[]
  }>

// A way, with its settings and with where its templates lead.
type Place = Readonly<{ way: string; digest: string }>

type Entry = Readonly<{ telling: Readonly<{ id: string }>; settled?: readonly Settled[] | undefined }>

// Of a message that tells these: whoever has all of it.
export function settledOf(entries: readonly Entry[], place: Place): ReadonlyMap<number, Verdict> {
  const [first = [], ...others] = entries.map(({ telling, settled = [] }) => {
    const found = settled.find(each => each.telling === telling.id && isOf(each, place))
    return found?.verdicts ?? []
  })
  return new Map(first.filter(([nth]) => others.every(each => each.some(([place]) => place === nth))))
}

const isOf = (each: Settled, { way, digest }: Place): boolean => each.way === way && each.digest === digest

// After this try. Nothing is kept where all were told or none: most ways have one to tell.
export function withSettled(
  { telling, settled = [] }: Entry,
  place: Place,
  verdicts: readonly Verdict[],
): readonly Settled[] | undefined {
  const others = settled.filter(each => each.telling === telling.id && each.way !== place.way)
  const found = [...verdicts.entries()].filter(([, { kind }]) => kind !== 'later')
  const isPartly = found.length > 0 && found.length < verdicts.length
  const all = isPartly ? [...others, { ...place, telling: telling.id, verdicts: found }] : others
  return all.length === 0 ? undefined : all
}

// One message may tell both, and nobody hears one of them again.
export const haveSame = (one: Entry, other: Entry): boolean =>
  (one.settled === undefined && other.settled === undefined) || whoHas(one) === whoHas(other)

const whoHas = ({ telling, settled = [] }: Entry): string =>
  settled
    .flatMap(({ way, digest, verdicts, ...each }) =>
      each.telling === telling.id ? `${way} ${digest} ${verdicts.map(([nth]) => nth)}` : [],
    )
    .join('\n')
