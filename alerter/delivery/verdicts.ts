// What the verdicts of a message's requests come to, since each may have another: told, to be tried again, or refused.
// Called by delivery after each send.
import type { Because, Verdict, Verdicts } from '../channel.ts'

export type Result =
  // `lost` are the reasons of those that will never arrive, where others did.
  | Readonly<{ kind: 'told'; isCertain: boolean; receipts: readonly string[]; lost: readonly string[] }>
  // `told`: whether others of the same message have it, by this try or since an earlier one. `isLimit`: nothing but limits
  // is in the way, and it is known for how long.
  | Readonly<{
      kind: 'later'
      reason: string
      afterMs: number | undefined
      told: 'nobody' | 'now' | 'before'
      isLimit: boolean
    }>
  // `isOurs`: nobody was asked. `isOfPlace`: settings that its own labels filled in, so others are not concerned.
  // `isOfDigest`: nobody knows for which of its groups.
  | Readonly<{
      kind: 'refused'
      because: Because
      reason: string
      isOurs?: true
      isOfPlace?: true
      isOfDigest?: true
    }>

// `before` are those that were settled by an earlier try.
export function resultOf(
  verdicts: readonly Verdict[],
  before: ReadonlyMap<number, Verdict> = new Map(),
): Result {
  const waiting = verdicts.filter(each => each.kind === 'later')
  const refused = verdicts.filter(each => each.kind === 'refused')
  const told = verdicts.filter(hasTaken)
  const [first] = waiting
  if (first !== undefined) {
    const known = [...before.values()]
    const isNew = told.some(each => !known.includes(each))
    return {
      kind: 'later',
      reason: first.reason,
      afterMs: leastMs(waiting.map(({ afterMs }) => afterMs)),
      told: isNew ? 'now' : told.length > 0 ? 'before' : 'nobody',
      isLimit: waiting.every(each => each.isLimit === true) && waiting.some(({ afterMs = 0 }) => afterMs > 0),
    }
  }
  if (told.length > 0)
    return {
      kind: 'told',
      isCertain: told.every(({ kind }) => kind === 'delivered'),
      // Of a mail to several it is the same one.
      receipts: [...new Set(told.flatMap(receiptsIn))],
      lost: [...refused.map(({ reason }) => reason), ...told.flatMap(each => each.lost ?? [])],
    }
  // Settings that one number refuses may do for the next message.
  const worst = refused.find(({ because }) => because === 'message') ?? refused[0]
  return worst === undefined
    ? { kind: 'refused', because: 'message', reason: 'nothing was sent', isOurs: true }
    : worst
}

type Told = Extract<Verdict, { kind: 'delivered' | 'accepted' }>

export const receiptsIn = (verdict: Verdict | undefined): readonly string[] =>
  hasTaken(verdict) ? (verdict.receipts ?? (verdict.receipt === undefined ? [] : [verdict.receipt])) : []

export const hasTaken = (verdict: Verdict | undefined): verdict is Told =>
  verdict?.kind === 'delivered' || verdict?.kind === 'accepted'

// It is tried again when the first of them may be asked, so that the limit of one number keeps no other waiting. Whoever
// says that it may come at once, or a while ago, has not said when.
function leastMs(waits: readonly (number | undefined)[]): number | undefined {
  const least = Math.min(...waits.map((each = 0) => each))
  return least > 0 ? least : undefined
}

// One verdict of all who were left stands for each of them: in the places that are free, and in the next one where none is.
export function eachOf(said: Verdicts, settled: ReadonlyMap<number, Verdict>): readonly Verdict[] {
  if (!('kind' in said)) return said
  const places = Math.max(0, ...[...settled.keys()].map(nth => nth + 1))
  const isFull = settled.size === places
  return Array.from({ length: isFull ? places + 1 : places }, (_, nth) => settled.get(nth) ?? said)
}
