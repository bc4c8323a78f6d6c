// Who refused an entry may take it later: which ways are asked again when no other is left, and after how long. Called by
// settle.ts for each refusal, and by placing.ts.
import type { Item, Refusal } from './item.ts'
import { isSaidAgain, isWaitedWith, mendAgainMs, sayAgainMs } from './step.ts'
import type { Result } from './verdicts.ts'
import type { Way } from './ways.ts'

// Whoever stands behind them says no more than a status, and a proxy or a receiver that is being replaced says the same.
const bare: ReadonlySet<string> = new Set(['webhook'])

// Nothing where asking again is of no use.
export function refusalOf(result: Result & { kind: 'refused' }, { channel }: Way): Refusal | undefined {
  if (result.isOfPlace === true) return 'place'
  if (result.because === 'settings') return 'settings'
  return bare.has(channel.name) && result.isOurs !== true ? 'words' : undefined
}

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
