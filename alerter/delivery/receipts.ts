// What services say later of messages that they took, also of those that were told before this process began: written
// down as facts, and urgent messages that did not arrive go on by the next way. Called by delivery.
import type { Fact } from '../fact.ts'
import type { Receipt } from '../inbound.ts'
import type { ToldBefore } from './past.ts'
import { remember } from './remembered.ts'
import { type About, type Expected, receiptFact } from './told-facts.ts'

export interface Receipts {
  // Answers with those it expects from now on.
  expect(receipts: readonly string[], about: About, message: string): readonly string[]
  // One for each telling of the message; none where nobody waits for it. `way` is the one that it came in by.
  take(receipt: Receipt, way: string | undefined, atMs: number): readonly Heard[]
  // It is looked at again when its message has landed.
  putOff(receipt: Receipt, way: string | undefined): void
  // Those that came before their message had landed: services are faster with a receipt than with their answer. Once.
  early(receipts: readonly string[]): readonly Early[]
  // Of the message that the service calls so.
  incidentOf(receipt: string, way: string | undefined): number | undefined
}

// `entry` is its id in the outbox, where it may be still.
export type Heard = Readonly<{ entry: string; fact: Fact }>

export type Early = Readonly<{ receipt: Receipt; way: string | undefined }>

type Waiting = Expected & Readonly<{ entry: string }>
type Sent = Readonly<{ way: string; message: string; tellings: Map<string, Waiting> }>

const expectedMax = 20_000
const earlyMax = 1_000
// Of one message.
const tellingsMax = 1_000
// Of one name: many services count from 1, and of one message each number may have a receipt.
const sameMax = 20

// Those of one account call us at one address, whichever way they tell of: SMS and calls, of any receiver.
const serviceOf = (way: string | undefined): string | undefined => way?.split('/').at(-2)?.split('-').at(-1)

export function openReceipts(past: readonly ToldBefore[]): Receipts {
  const expected = remember<readonly Sent[]>(expectedMax)
  const early = remember<readonly Early[]>(earlyMax)
  const put = (receipt: string, message: string, waiting: Waiting): void => {
    const { way, telling } = waiting
    const known = expected.get(receipt) ?? []
    const before = known.find(each => each.way === way && each.message === message)
    // A service may call the next message the same; then the last one is meant.
    const sent = before ?? { way, message, tellings: new Map() }
    if (before === undefined)
      expected.set(receipt, [...known.filter(each => each.way !== way), sent].slice(-sameMax))
    const [oldest] = sent.tellings.keys()
    if (sent.tellings.size >= tellingsMax && oldest !== undefined) sent.tellings.delete(oldest)
    sent.tellings.set(telling, waiting)
  }
  // Two services may call theirs the same, and nobody speaks for another one.
  const meant = (receipt: string, way: string | undefined): readonly Waiting[] => {
    const known = expected.get(receipt) ?? []
    const found =
      known.find(each => each.way === way) ??
      known.findLast(each => way === undefined || serviceOf(each.way) === serviceOf(way))
    return [...(found?.tellings.values() ?? [])]
  }
  for (const { receipts, atMs: toldMs, message, ...rest } of past)
    for (const receipt of receipts) put(receipt, message, { ...rest, toldMs, entry: '' })
  return {
    expect(receipts, { entry, way, atMs: toldMs }, message) {
      const { id, incident, group, telling } = entry
      for (const receipt of receipts)
        put(receipt, message, { entry: id, way, incident, group, telling: telling.id, toldMs })
      return receipts
    },
    take: (receipt, way, atMs) =>
      meant(receipt.receipt, way).map(found => ({
        entry: found.entry,
        fact: receiptFact(receipt, found, atMs),
      })),
    putOff: (receipt, way) =>
      early.set(receipt.receipt, [...(early.get(receipt.receipt) ?? []), { receipt, way }].slice(-sameMax)),
    early: receipts =>
      receipts.flatMap(name => {
        const found = early.get(name)
        early.delete(name)
        return found ?? []
      }),
    incidentOf: (receipt, way) => meant(receipt, way).at(-1)?.incident ?? undefined,
  }
}
