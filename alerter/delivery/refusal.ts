// Who refused an entry may take it later: which ways are asked again when no other is left, and after how long. Called by
// landing.ts for each refusal, by turn.ts and placing.ts, and of several whom one way tells by tell.ts and the watchdog.
import type { Verdict } from '../channel.ts'
import type { OutboxEntry } from '../outbox-entry.ts'
import type { Item, Refusal } from './item.ts'
import { hasTaken, type Result } from './verdicts.ts'

// Settings are mended within a day, or nobody looks.
const mendMs = 86_400_000
const closedMs = 3_600_000
export const mendAgainMs = 60_000
// Alertmanager's usual group_interval, at which it tells again what was refused.
const sayAgainMaxMs = 300_000

// What was refused for what it says is said twice each time, whole and in short.
const sayAgainMs = (tries: number): number => Math.min(sayAgainMaxMs, mendAgainMs * 2 ** Math.min(tries, 10))

// An entry, or what the watchdog tells.
type Waiting = Pick<OutboxEntry, 'said' | 'sinceMs' | 'tries'> &
  Readonly<{ telling: Pick<OutboxEntry['telling'], 'resolved'> }>

// What says that settings are no use may be a door that is closed for a moment: a proxy while its service begins anew. A
// beginning waits for that, and is repeated later; an end never is, so it waits until somebody has mended the settings.
// What proves that a way works has proved that it does not.
export const isWaitedWith = ({ telling, said, sinceMs }: Waiting, nowMs: number): boolean =>
  said?.kind !== 'canary' && nowMs - sinceMs < (telling.resolved.length > 0 ? mendMs : closedMs)

// A bare refusal of what is said is mended by other words, or by whoever stood in the way for a moment.
const isSaidAgain = ({ said, sinceMs }: OutboxEntry, nowMs: number): boolean =>
  said?.kind !== 'canary' && nowMs - sinceMs < closedMs

const byBecause = { settings: 'settings', unclear: 'words', message: undefined } as const

// Nothing where asking again is of no use.
export const refusalOf = (result: Result & { kind: 'refused' }): Refusal | undefined =>
  result.isOfDigest === true ? 'digest' : result.isOfPlace === true ? 'place' : byBecause[result.because]

// Opens the ways that may be asked again; nothing where there is none. The lane of one whose settings are no use is shut,
// so it is asked soon and costs nothing; the others have to be spared. `isOwn`: it waits because of what it is itself.
export function askAgain(
  item: Item,
  nowMs: number,
): Readonly<{ waitMs: number; isOwn: boolean }> | undefined {
  const { entry, refusals } = item
  const [words, others] = [isSaidAgain(entry, nowMs), isWaitedWith(entry, nowMs)]
  const mayTake = (why: Refusal | undefined): boolean =>
    why !== undefined && (why === 'words' ? words : others)
  const open = new Map([...refusals].filter(([, why]) => mayTake(why)))
  if (open.size === 0) return undefined
  item.out = item.out.filter(way => !open.has(way))
  const isOwn = open.values().some(why => why !== 'settings')
  return { waitMs: isOwn ? sayAgainMs(entry.tries) : mendAgainMs, isOwn }
}

// Of several whom one way tells, some whose settings are refused. Where the service takes the message of another one at the
// same try, or reads it and refuses it for what it says, it is themselves (numbers that are none): they are left out. Where
// all are refused and nobody has it, it is the way: its lane is shut. Otherwise nobody knows: they are asked again, more and
// more seldom, for as long as settings are waited for. `known` are those who were not asked.
export function whenMended(
  verdicts: readonly Verdict[],
  known: ReadonlyMap<number, Verdict>,
  { entries, nowMs }: Readonly<{ entries: readonly Waiting[]; nowMs: number }>,
): readonly Verdict[] {
  if (!verdicts.some(isOfSettings)) return verdicts
  const asked = verdicts.filter((_, nth) => !known.has(nth))
  const isOfWay = asked.every(isOfSettings) && ![...known.values()].some(hasTaken)
  if (isOfWay || asked.some(isRead) || !entries.every(each => isWaitedWith(each, nowMs))) return verdicts
  const afterMs = sayAgainMs(Math.max(...entries.map(({ tries }) => tries)))
  return verdicts.map((each, nth) =>
    isOfSettings(each) && !known.has(nth) ? { kind: 'later', reason: each.reason, afterMs } : each,
  )
}

const isOfSettings = (verdict: Verdict): verdict is Extract<Verdict, { kind: 'refused' }> =>
  verdict.kind === 'refused' && verdict.because === 'settings'

const isRead = (verdict: Verdict): boolean => verdict.kind !== 'later' && !isOfSettings(verdict)
