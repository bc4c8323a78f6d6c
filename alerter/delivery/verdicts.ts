// What the verdicts of a message's requests come to, since each may have another: told, to be tried again, or refused.
// Called by delivery after each send.
import type { Because, Verdict } from '../channel.ts'

export type Result =
  // `lost` are the reasons of those that will never arrive, where others did.
  | Readonly<{ kind: 'told'; isCertain: boolean; receipts: readonly string[]; lost: readonly string[] }>
  | Readonly<{ kind: 'later'; reason: string; afterMs: number | undefined }>
  // `isOurs`: nobody was asked. `isOfPlace`: settings that its own labels filled in, so others are not concerned.
  | Readonly<{
      kind: 'refused'
      because: Because
      reason: string
      isOurs?: true
      isOfPlace?: true
    }>

export function resultOf(verdicts: readonly Verdict[]): Result {
  const waiting = verdicts.filter(each => each.kind === 'later')
  const refused = verdicts.filter(each => each.kind === 'refused')
  const told = verdicts.filter(isTold)
  const [first] = waiting
  if (first !== undefined) {
    // Whoever says that it may come at once, or a while ago, has not said when.
    const waits = waiting.flatMap(({ afterMs = 0 }) => (afterMs > 0 ? [afterMs] : []))
    return {
      kind: 'later',
      reason: first.reason,
      afterMs: waits.length === 0 ? undefined : Math.max(...waits),
    }
  }
  if (told.length > 0)
    return {
      kind: 'told',
      isCertain: told.every(({ kind }) => kind === 'delivered'),
      receipts: told.flatMap(each => each.receipts ?? each.receipt ?? []),
      lost: [...refused.map(({ reason }) => reason), ...told.flatMap(each => each.lost ?? [])],
    }
  // Settings that one number refuses may do for the next message.
  const worst = refused.find(({ because }) => because === 'message') ?? refused[0]
  return worst === undefined
    ? { kind: 'refused', because: 'message', reason: 'nothing was sent', isOurs: true }
    : worst
}

type Told = Extract<Verdict, { kind: 'delivered' | 'accepted' }>

const isTold = (verdict: Verdict): verdict is Told =>
  verdict.kind === 'delivered' || verdict.kind === 'accepted'

// Those that need not be sent again.
export const settledIn = (verdicts: readonly Verdict[]): ReadonlyMap<number, Verdict> =>
  new Map([...verdicts.entries()].filter(([, { kind }]) => kind !== 'later'))
