// The facts of delivery: to whom it was said and how, or why not, or not yet. Ids are the same when the same is done
// again after a crash. Called by delivery.
import { fingerprint, labelsOf } from '#core/labels.ts'
import type { Fact, FactKind } from '../fact.ts'
import type { Receipt } from '../inbound.ts'
import type { OutboxEntry } from '../outbox-entry.ts'

export type About = Readonly<{ entry: OutboxEntry; way: string; atMs: number }>

function factOf(kind: FactKind, { entry, way, atMs }: About, details: Fact['details'], nth = ''): Fact {
  const { telling, incident, group } = entry
  return {
    id: idOf(`${telling.id} ${kind} ${way} ${nth}`),
    kind,
    atMs,
    incident,
    group,
    fingerprint: null,
    who: way,
    details,
  }
}

const idOf = (text: string): string => fingerprint(labelsOf([['fact', text]]))

// Which alerts, so that whoever asks about one finds it.
const tellingOf = ({ telling, receiver, integration, sinceMs, tries, said }: OutboxEntry) => ({
  telling: telling.id,
  receiver,
  integration,
  reason: said?.kind ?? telling.reason,
  urgency: telling.urgency,
  firing: telling.firing,
  resolved: telling.resolved,
  sinceMs,
  tries,
})

// `lost` are the reasons of parts (numbers, say) that it did not reach.
export type How = Readonly<{
  message: string
  isCertain: boolean
  receipts: readonly string[]
  lost: readonly string[]
  // Which of its numbers took this message, by the names of their budgets, where others had it before or are still to
  // have it.
  takenBy?: readonly string[]
  // Others are still to have it.
  isPart?: true
}>

// `message` comes first, because facts.ts counts by it.
export const toldFact = (about: About, { message, ...how }: How): Fact =>
  factOf('told', about, { message, ...how, ...tellingOf(about.entry) }, how.isPart && how.takenBy?.join())

export const digestedFact = (about: About, message: string, groups: number): Fact =>
  factOf('digested', about, { telling: about.entry.telling.id, message, groups })

// Of one that is tried again, `nth` tells the tries apart.
export const failedFact = (
  about: About,
  { reason, isFinal, nth = 0 }: Readonly<{ reason: string; isFinal: boolean; nth?: number }>,
): Fact =>
  factOf(
    'failed',
    about,
    { ...tellingOf(about.entry), why: reason, isFinal },
    isFinal ? 'final' : String(nth),
  )

// `toldMs`: when its service took the message.
export type Expected = Readonly<{
  way: string
  incident: number | null
  group: string
  telling: string
  toldMs: number
}>

export const receiptFact = (receipt: Receipt, of: Expected, atMs: number): Fact => ({
  id: idOf(`receipt ${of.way} ${of.telling} ${receipt.receipt} ${receipt.outcome} ${receipt.to ?? ''}`),
  kind: receipt.outcome === 'seen' ? 'seen' : 'receipt',
  atMs,
  incident: of.incident,
  group: of.group,
  fingerprint: null,
  who: of.way,
  details: {
    telling: of.telling,
    receipt: receipt.receipt,
    outcome: receipt.outcome,
    why: receipt.reason,
    to: receipt.to,
    afterMs: Math.max(0, atMs - of.toldMs),
  },
})
