// What people did with silences, as facts: one for each deed, however many alerts it concerns. Written with the silence by
// silences.ts; whoever asks about an alert is shown those that concern it (api/silencings.ts).
import type { State } from '#core/state.ts'
import { factRecord } from '../book/records.ts'
import type { Fact } from '../fact.ts'
import { readFactsApart } from '../facts.ts'
import type { Silence } from './silence.ts'

type Db = State['db']
type Transaction = Parameters<Parameters<State['transaction']>[0]>[0]

export type SilenceFact = Fact & Readonly<{ details: Silence }>

// `unsilenced`: somebody has ended it. That its time has come, or has passed, is in it from the start.
export function silenceFact(silence: Silence, kind: 'silenced' | 'unsilenced', who: string): Fact {
  const { id, updatedAtMs } = silence
  const of = { incident: null, group: null, fingerprint: null }
  return { id: `${kind}/${id}/${updatedAtMs}`, kind, atMs: updatedAtMs, ...of, who, details: silence }
}

// They have no place in the order of the others, which only the alerter gives.
const seq = 0

export async function saveSilenceFacts(tx: Transaction, facts: readonly Fact[]): Promise<void> {
  for (const fact of facts) {
    const [id, , kind, atMs, incident, group, fingerprint, who, details] = factRecord(fact, seq)
    const row = { id, seq, kind, at_ms: atMs, incident, group_id: group, fingerprint, who, details }
    await tx
      .insertInto('alerter_facts')
      .values(row as never)
      .onConflict(on => on.column('id').doNothing())
      .execute()
  }
}

export const silenceKinds = ['silenced', 'unsilenced'] as const

// Newest first.
export async function readSilenceFacts(
  db: Db,
  asked: Readonly<{ sinceMs: number; limit: number }>,
): Promise<readonly SilenceFact[]> {
  return (await readFactsApart(db, { kinds: silenceKinds, ...asked })) as SilenceFact[]
}
