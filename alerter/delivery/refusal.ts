// Who refused an entry may take it later: which ways are asked again when no other is left, and after how long. Called by
// settle.ts for each refusal, by placing.ts, and of several whom one way tells by flight.ts and the watchdog.
import type { Verdict } from '../channel.ts'
import type { Item, Refusal } from './item.ts'
import { isSaidAgain, isWaitedWith, mendAgainMs, sayAgainMs, type Waiting } from './step.ts'
import { hasTaken, type Result } from './verdicts.ts'

const refusals = { settings: 'settings', unclear: 'words', message: undefined } as const

// Nothing where asking again is of no use.
export const refusalOf = (result: Result & { kind: 'refused' }): Refusal | undefined =>
  result.isOfDigest === true ? 'digest' : result.isOfPlace === true ? 'place' : refusals[result.because]

// Opens the ways that may be asked again; nothing where there is none. The lane of one whose settings are no use is shut,
// so it is asked soon and costs nothing; the others have to be spared. `isOwn`: it waits because of what it is itself.
export function askAgain(
  { entry, out, refusals }: Item,
  nowMs: number,
): Readonly<{ waitMs: number; isOwn: boolean }> | undefined {
  const open = [...refusals].filter(([, why]) => (why === 'words' ? isSaidAgain : isWaitedWith)(entry, nowMs))
  if (open.length === 0) return undefined
  for (const [way] of open) out.delete(way)
  const isOwn = open.some(([, why]) => why !== 'settings')
  return { waitMs: isOwn ? sayAgainMs(entry.tries) : mendAgainMs, isOwn }
}

type Told = Readonly<{ entries: readonly Waiting[]; nowMs: number }>

// Of several whom one way tells, some whose settings are refused. Where the service takes the message of another one at the
// same try, or reads it and refuses it for what it says, it is themselves (numbers that are none): they are left out. Where
// all are refused and nobody has it, it is the way: its lane is shut. Otherwise nobody knows: they are asked again, more and
// more seldom, for as long as settings are waited for. `known` are those who were not asked.
export function whenMended(
  verdicts: readonly Verdict[],
  known: ReadonlyMap<number, Verdict>,
  { entries, nowMs }: Told,
): readonly Verdict[] {
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
