// Long work that is cut where it may pause, for callers of both kinds: one who needs the answer at once, and one who lets
// others have the thread in between. Called by whoever reads the configuration, at a start and at a reload.
import { Breath } from './breath.ts'

// Each step is short; what it returns at the end is the answer.
export type Steps<T> = Generator<undefined, T, undefined>

export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next()
    if (done === true) return value
  }
}

export async function inPieces<T>(steps: Steps<T>): Promise<T> {
  const breath = new Breath()
  for (;;) {
    const { done, value } = steps.next()
    if (done === true) return value
    if (breath.isDue) await breath.taken()
  }
}
