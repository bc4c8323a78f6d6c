// Into which shares is the work of the rules cut, and which process has which? Every process deals for itself, and comes
// to the same; while they still see different processes, leases keep two from having one share. Called by fleet.ts.
import { murmur2, partitions } from '#core/partition.ts'

export type Share = Readonly<{
  // What its lease and its alerts in the state are called, for life.
  name: string
  // `hosts`: label sets that lie in these partitions. `groups`: whole groups, over everything.
  kind: 'hosts' | 'groups'
  number: number
  partitions: readonly number[]
}>

// So many processes can divide the rules that look at one host at a time, and so many those that look at all of them.
const hostShares = 16
const groupShares = 4

const all = Array.from({ length: partitions }, (_, partition) => partition)

export const shares: readonly Share[] = [
  ...Array.from({ length: hostShares }, (_, number) => ({
    name: `rules/hosts-${number}`,
    kind: 'hosts' as const,
    number,
    partitions: all.filter(each => each % hostShares === number),
  })),
  ...Array.from({ length: groupShares }, (_, number) => ({
    name: `rules/groups-${number}`,
    kind: 'groups' as const,
    number,
    partitions: all,
  })),
]

export const shareOfGroup = (name: string): number => hash(name) % groupShares

// The names of one process' shares. Each takes what it ranks highest, and nobody more of a kind than a fair part; when
// one joins or goes, little else moves.
export function dealt(self: string, present: readonly string[]): ReadonlySet<string> {
  const mine = new Set<string>()
  for (const kind of ['hosts', 'groups'] as const) {
    const ofKind = shares.filter(each => each.kind === kind)
    const most = Math.ceil(ofKind.length / present.length)
    const counts = new Map<string, number>()
    for (const { name } of ofKind) {
      const ranked = present.toSorted((a, b) => hash(`${b} ${name}`) - hash(`${a} ${name}`))
      const owner = ranked.find(each => (counts.get(each) ?? 0) < most)
      if (owner === undefined) continue
      counts.set(owner, (counts.get(owner) ?? 0) + 1)
      if (owner === self) mine.add(name)
    }
  }
  return mine
}

const hash = (text: string): number => murmur2(Buffer.from(text)) >>> 0
