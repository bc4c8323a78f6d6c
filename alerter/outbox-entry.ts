// What is to be told and is not told yet, and how delivery gets it. Made durable by the alerter together with the facts
// that led to it; taken by delivery, one at a time for each group and integration.
import type { NoticeData } from '#core/model.ts'
import type { KnownAlert } from './alert.ts'
import type { Settled } from './delivery/settled.ts'
import type { Fact } from './fact.ts'
import type { Telling } from './timeline/outcome.ts'

export type OutboxEntry = Readonly<{
  // Of the first telling in it; stays when others are merged in.
  id: string
  group: string
  groupKey: string
  receiver: string
  integration: string
  telling: Telling
  // Left out: alerts are told. Otherwise these words are, and the telling names no alert.
  said?: Said
  // The short number; nothing where no alert is told.
  incident: number | null
  // When the first of it was decided.
  sinceMs: number
  tries: number
  notBeforeMs: number
  // Left out: nobody has it, or whoever is to.
  settled?: readonly Settled[] | undefined
}>

// Words of another room, or what proves that a way works.
export type Said = Readonly<{
  kind: 'notice' | 'canary'
  title: string
  text: string
  // Where to read on, as a path of this service.
  path: string | null
  // PNG in base64.
  picture: string | null
  // For programs; left out where there is none.
  data?: NoticeData
}>

export interface Outbox {
  // Those that wait, oldest urgent ones first, when the process begins; afterwards onEntry() hears of each that is new
  // or merged into.
  waiting(): readonly OutboxEntry[]
  onEntry(hear: (entry: OutboxEntry) => void): void
  // From now on nothing is merged into it. Answers with it as it is now; undefined: it is gone, or taken.
  take(id: string): OutboxEntry | undefined
  // As take(), for what leaves now: without what a silence holds by now. Undefined also where nothing else was to be told.
  depart(id: string): OutboxEntry | undefined
  // One write: the facts, and the entry removed, or put back for after then, when others may be merged into it again.
  done(id: string, facts: readonly Fact[]): Promise<void>
  again(
    id: string,
    notBeforeMs: number,
    facts: readonly Fact[],
    settled?: OutboxEntry['settled'],
  ): Promise<void>
  // What is true now of the alerts that the telling names. Those that nobody knows any more are left out.
  alertsOf(entry: OutboxEntry): readonly KnownAlert[]
}
