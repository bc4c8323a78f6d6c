// Work in pieces that is done one after the other, while timers and requests get their turn in between: whoever works on
// the same live rules goes through the same breaths. Called by the engine.
import { Breath } from '#core/breath.ts'
import type { Pieces } from '../ask.ts'

export type Breaths = Readonly<{
  // Begins when what was given before is done, however that ended.
  do<T>(work: () => Pieces<T>): Promise<T>
}>

export function openBreaths(): Breaths {
  let last: Promise<unknown> = Promise.resolve()
  return {
    do(work) {
      const next = last.then(() => inBreaths(work()))
      last = next.catch(() => {})
      return next
    },
  }
}

async function inBreaths<T>(work: Pieces<T>): Promise<T> {
  const breath = new Breath()
  for (;;) {
    const step = work.next()
    if (step.done === true) return step.value
    if (breath.isDue) await breath.taken()
  }
}
