// Facts that are written beside the alerter, by a process that has not the turn: each is there once, whoever writes it, and
// nothing else depends on it. Called by bin/ for what people answer.
import type { State } from '#core/state.ts'
import { openAlerterBook } from '../book.ts'
import type { Fact } from '../fact.ts'
import { newestFact } from './load.ts'
import { Page } from './page.ts'

export async function writeApart(state: State, facts: readonly Fact[], nowMs: number): Promise<void> {
  const { lastSeq } = await newestFact(state.db, nowMs)
  const page = new Page()
  for (const [nth, fact] of facts.entries()) page.fact(fact, lastSeq + 1 + nth)
  await openAlerterBook({ state }).save(page)
}
