// What the verdicts of a message's requests come to, since each may have another: told, to be tried again, or refused.
// Called by delivery after each send.
import type { Because, Said, Verdict } from '../channel.ts'

export type Result =
  // `lost` are the reasons of those that will never arrive, where others did.
  | Readonly<{ kind: 'told'; isCertain: boolean; receipts: readonly string[]; lost: readonly string[] }>
  // `isLimit`: nothing but limits is in the way, and it is known for how long.
  // `told`: whether others of the same message have it, by this try or since an earlier one.
  | Readonly<{
      kind: 'later'
      reason: string
      afterMs: number | undefined
      isLimit: boolean
      told: 'nobody' | 'now' | 'before'
    }>
  // `isOurs`: nobody was asked. `isOfPlace`: settings that its own labels filled in, so others are not concerned.
  | Readonly<{
      kind: 'refused'
      because: Because
      reason: string
      isOurs?: true
      isOfPlace?: true
    }>

// `before` are those that were settled by an earlier try.
export function resultOf(
  verdicts: readonly Verdict[],
  before: ReadonlyMap<number, Verdict> = new Map(),
): Result {
  const waiting = verdicts.filter(each => each.kind === 'later')
  const refused = verdicts.filter(each => each.kind === 'refused')
  const told = verdicts.filter(isTold)
  const [first] = waiting
  if (first !== undefined) {
    const known = [...before.values()]
    const afterMs = leastMs(waiting.map(each => each.afterMs))
    const isNew = told.some(each => !known.includes(each))
    return {
      kind: 'later',
      reason: first.reason,
      afterMs,
      isLimit: afterMs !== undefined && waiting.every(({ isLimit }) => isLimit === true),
      told: isNew ? 'now' : told.length > 0 ? 'before' : 'nobody',
    }
  }
  if (told.length > 0)
    return {
      kind: 'told',
      isCertain: told.every(({ kind }) => kind === 'delivered'),
      // Of a mail to several it is the same one.
      receipts: [...new Set(told.flatMap(each => each.receipts ?? each.receipt ?? []))],
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

// It is tried again when the first of them may be asked, so that the limit of one number keeps no other waiting. Whoever
// says that it may come at once, or a while ago, has not said when.
function leastMs(waits: readonly (number | undefined)[]): number | undefined {
  const least = Math.min(...waits.map((each = 0) => each))
  return least > 0 ? least : undefined
}

// One verdict of all who were left stands for each of them: in the places that are free, and in the next one where none is.
export function eachOf(said: Said, settled: ReadonlyMap<number, Verdict>): readonly Verdict[] {
  if (!('kind' in said)) return said
  const places = Math.max(0, ...[...settled.keys()].map(nth => nth + 1))
  const isFull = settled.size === places
  return Array.from({ length: isFull ? places + 1 : places }, (_, nth) => settled.get(nth) ?? said)
}
