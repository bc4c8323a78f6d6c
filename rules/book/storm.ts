// Is so much left to be told that what is less urgent waits? From when it began for a few seconds only: what nobody takes
// is no reason to hold up everything else. Called by teller.ts.
import type { Clock, Timer } from '#core/clock.ts'

export type Storm = Readonly<{
  // How much is left to be told.
  left(count: number): void
  // What is less urgent waits.
  readonly holds: boolean
  // Resolves when it does not.
  calm(): Promise<void>
  // Holds nobody any more.
  close(): void
}>

const stormMin = 1_000
const patienceMs = 5_000

export function openStorm(clock: Clock): Storm {
  let isStorm = false
  let calming: PromiseWithResolvers<void> | undefined
  let patience: Timer | undefined

  function hold(): void {
    calming = Promise.withResolvers()
    patience = clock.after(patienceMs, release)
  }
  function release(): void {
    patience?.cancel()
    calming?.resolve()
    calming = undefined
  }
  return {
    left(count) {
      const wasStorm = isStorm
      isStorm = count >= stormMin
      if (isStorm && !wasStorm) hold()
      if (!isStorm) release()
    },
    get holds() {
      return calming !== undefined
    },
    calm: () => calming?.promise ?? Promise.resolve(),
    close: release,
  }
}
