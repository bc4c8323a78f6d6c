// What services say later of messages that they took: written down as facts, and urgent messages that did not arrive go
// on by the next way. Called by delivery.
import type { Fact } from '../fact.ts'
import type { Receipt } from '../inbound.ts'
import type { OutboxEntry } from '../outbox-entry.ts'
import { remember } from './remembered.ts'
import { type About, type Expected, receiptFact } from './told-facts.ts'

export interface Receipts {
  // Answers with those it expects from now on.
  expect(receipts: readonly string[], about: About): readonly string[]
  // Nothing for those that nobody waits for, or that came after a restart.
  take(receipt: Receipt, atMs: number): Taken | undefined
}

export type Taken = Readonly<{ entry: OutboxEntry; fact: Fact }>

const expectedMax = 20_000

export function openReceipts(): Receipts {
  const expected = remember<Expected & Readonly<{ entry: OutboxEntry }>>(expectedMax)
  return {
    expect(receipts, { entry, way }) {
      const { incident, group, telling } = entry
      for (const receipt of receipts)
        expected.set(receipt, { entry, way, incident, group, telling: telling.id })
      return receipts
    },
    take(receipt, atMs) {
      const found = expected.get(receipt.receipt)
      return found && { entry: found.entry, fact: receiptFact(receipt, found, atMs) }
    },
  }
}
