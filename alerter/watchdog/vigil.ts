// Is something missing that should have come, and is that news? Pure: what happened and when in, what is to be said out.
// Times are those of a clock that neither jumps nor goes back. Called by watchdog.ts for each thing that it waits for.

export type Vigil = Readonly<{
  // It is missed after this; Infinity: nothing is waited for.
  dueMs: number
  // Since when it is missed, and when that was said last; null: it is not.
  missing: Readonly<{ sinceMs: number; saidMs: number }> | null
}>

export type Happening =
  // From now on it is waited for, unless it is already.
  | Readonly<{ kind: 'awaited'; dueMs: number }>
  // It came; the next is waited for until then.
  | Readonly<{ kind: 'came'; nextMs: number }>
  // Nobody could hear anything for so long, and what was on its way needs its time.
  | Readonly<{ kind: 'slept'; ms: number; atLeastMs: number }>
  // Whoever watched before has said so.
  | Readonly<{ kind: 'missed'; sinceMs: number; saidMs: number }>
  | Readonly<{ kind: 'looked'; nowMs: number }>

export type Say = 'missing' | 'still' | 'over'

export const againMs = 4 * 3_600_000

export const idle: Vigil = { dueMs: Number.POSITIVE_INFINITY, missing: null }

export function step(vigil: Vigil, happening: Happening): Readonly<{ next: Vigil; say: Say | null }> {
  const { dueMs, missing } = vigil
  const quiet = (next: Vigil) => ({ next, say: null })
  switch (happening.kind) {
    case 'awaited':
      return quiet({ ...vigil, dueMs: Math.min(dueMs, happening.dueMs) })
    case 'came':
      return { next: { dueMs: happening.nextMs, missing: null }, say: missing === null ? null : 'over' }
    case 'slept':
      if (dueMs === Number.POSITIVE_INFINITY) return quiet(vigil)
      return quiet({ ...vigil, dueMs: Math.max(dueMs + happening.ms, happening.atLeastMs) })
    case 'missed': {
      const { sinceMs, saidMs } = happening
      return quiet({ dueMs, missing: missing ?? { sinceMs, saidMs } })
    }
    case 'looked': {
      const { nowMs } = happening
      if (missing === null) {
        if (nowMs <= dueMs) return quiet(vigil)
        return { next: { dueMs, missing: { sinceMs: nowMs, saidMs: nowMs } }, say: 'missing' }
      }
      if (nowMs < missing.saidMs + againMs) return quiet(vigil)
      return { next: { dueMs, missing: { ...missing, saidMs: nowMs } }, say: 'still' }
    }
  }
}
