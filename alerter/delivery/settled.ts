// Who has what an entry says already, of several whom one way tells: kept with the entry while others of them are asked
// again, so that neither another try nor another process tells him twice. Pure. Called by tell.ts, lane.ts and missing.ts,
// and by the watchdog for what is in no outbox.
import type { Verdict } from '../channel.ts'
import { hasTaken } from './verdicts.ts'

export type Settled = Place &
  Readonly<{
    telling: string
    // By numbers, where the way tells such; of others nothing is known but their places among requests or recipients.
    verdicts: readonly (readonly [who: string, verdict: Verdict])[]
  }>

// A way, with its settings and with where its templates lead.
type Place = Readonly<{ way: string; digest: string }>

// `who`: the numbers that it tells, in the order in which they are asked; empty where it tells none.
export type Address = Place & Readonly<{ who: readonly string[] }>

// Without a digest: with whatever settings, and wherever its templates lead.
type Sought = Omit<Address, 'digest'> & Readonly<{ digest?: string }>

type Entry = Readonly<{ telling: Readonly<{ id: string }>; settled?: readonly Settled[] | undefined }>

const nobody: ReadonlyMap<number, Verdict> = new Map()

// Of a message that tells these: whoever has all of it. Mostly there is nobody, and a storm asks very often.
export function settledOf(entries: readonly Entry[], sought: Sought): ReadonlyMap<number, Verdict> {
  if (entries.some(({ settled }) => settled === undefined)) return nobody
  const [first = new Map<number, Verdict>(), ...others] = entries.map(each => placesOf(each, sought))
  return new Map([...first].filter(([nth]) => others.every(each => each.has(nth))))
}

function placesOf({ telling, settled = [] }: Entry, { who, ...place }: Sought): Map<number, Verdict> {
  const found = settled.filter(each => each.telling === telling.id)
  const own = found.find(each => isOf(each, place))?.verdicts ?? []
  if (who.length === 0) return new Map(own.map(([name, verdict]) => [Number(name), verdict] as const))
  // A number that has it has it, by whichever way and with whatever settings. Its receipts are not of this one.
  const taken = found
    .flatMap(({ verdicts }) => verdicts)
    .flatMap(([name, verdict]) => (hasTaken(verdict) ? [[name, { kind: verdict.kind }] as const] : []))
  const all = new Map<string, Verdict>([...taken, ...own])
  return new Map(who.flatMap((name, nth) => (all.has(name) ? [[nth, all.get(name)!] as const] : [])))
}

const isOf = (each: Settled, { way, digest = each.digest }: Omit<Sought, 'who'>): boolean =>
  each.way === way && each.digest === digest

// After this try. Nothing is kept where all were told or none: most ways have one to tell.
export function withSettled(
  { telling, settled = [] }: Entry,
  { way, digest, who }: Address,
  verdicts: readonly Verdict[],
): readonly Settled[] | undefined {
  const isAll = verdicts.every(isFinal)
  // Whoever is told again then is told because no receipt came.
  if (isAll && verdicts.some(hasTaken)) return undefined
  const others = settled.filter(each => each.telling === telling.id && each.way !== way)
  const final = isAll ? [] : [...verdicts.entries()].filter(([, verdict]) => isFinal(verdict))
  const named = final.map(([nth, verdict]) => [who[nth] ?? `${nth}`, verdict] as const)
  const all = named.length === 0 ? others : [...others, { way, digest, telling: telling.id, verdicts: named }]
  return all.length === 0 ? undefined : all
}

const isFinal = ({ kind }: Verdict): boolean => kind !== 'later'

// One message may tell both, and nobody hears one of them again.
export const haveSame = (one: Entry, other: Entry): boolean =>
  (one.settled === undefined && other.settled === undefined) || whoHas(one) === whoHas(other)

const whoHas = ({ telling, settled = [] }: Entry): string =>
  settled
    .flatMap(({ way, digest, verdicts, ...each }) =>
      each.telling === telling.id ? `${way} ${digest} ${verdicts.map(([who]) => who)}` : [],
    )
    .join('\n')
