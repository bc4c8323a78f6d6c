// Silences as rows of the state. Whatever is written gets a number higher than all before it, so that every process sees
// what the others wrote by asking for what is above the highest that it knows. Called by silences.ts.
import { readSaved } from '#core/state/saved-json.ts'
import type { State } from '#core/state.ts'
import type { Silence } from './silence.ts'

type Db = State['db']
type Transaction = Parameters<Parameters<State['transaction']>[0]>[0]

export type SilenceRow = Readonly<{ seq: number; silence: Silence }>

type Row = Readonly<{ seq: number; silence: string }>

const read = ({ seq, silence }: Row): SilenceRow => ({
  seq,
  silence: readSaved<Silence>(silence, {
    at: `silence ${seq}`,
    wanted: 'a silence',
    isWhole: found => typeof found?.id === 'string' && Array.isArray(found.matchers),
  }),
})

// In portions, because they may be long.
const readAtOnce = 100

export async function readSilences(db: Db, above: number): Promise<readonly SilenceRow[]> {
  const found: SilenceRow[] = []
  for (;;) {
    const rows = await db
      .selectFrom('silences')
      .select(['seq', 'silence'])
      .where('seq', '>', found.at(-1)?.seq ?? above)
      .orderBy('seq')
      .limit(readAtOnce)
      .execute()
    found.push(...rows.map(read))
    if (rows.length < readAtOnce) return found
  }
}

export async function readSilence(tx: Transaction, id: string): Promise<Silence | undefined> {
  const row = await tx
    .selectFrom('silences')
    .select(['seq', 'silence'])
    .where('id', '=', id)
    .executeTakeFirst()
  return row && read(row).silence
}

export async function countSilences(tx: Transaction): Promise<number> {
  const row = await tx
    .selectFrom('silences')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return row.count
}

export async function saveSilences(
  tx: Transaction,
  silences: readonly Silence[],
  nowMs: number,
): Promise<readonly SilenceRow[]> {
  const { highest } = await tx
    .selectFrom('silences')
    .select(({ fn }) => fn.max('seq').as('highest'))
    .executeTakeFirstOrThrow()
  // Not from the highest alone: it may have been forgotten.
  const first = Math.max((highest ?? 0) + 1, nowMs)
  const saved = silences.map((silence, at) => ({ seq: first + at, silence }))
  for (const { seq, silence } of saved) {
    const row = { seq, ends_at_ms: silence.endsAtMs, silence: JSON.stringify(silence) }
    await tx
      .insertInto('silences')
      .values({ id: silence.id, ...row })
      .onConflict(conflict => conflict.column('id').doUpdateSet(row))
      .execute()
  }
  return saved
}

export async function forgetSilences(tx: Transaction, endedBeforeMs: number): Promise<void> {
  await tx.deleteFrom('silences').where('ends_at_ms', '<=', endedBeforeMs).execute()
}
