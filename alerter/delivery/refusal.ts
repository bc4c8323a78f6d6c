// Who refused an entry may take it later: which ways are asked again when no other is left, and after how long. Called by
// settle.ts for each refusal, and by placing.ts.
import type { Item, Refusal } from './item.ts'
import { isSaidAgain, isWaitedWith, mendAgainMs, sayAgainMs } from './step.ts'
import type { Result } from './verdicts.ts'

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
