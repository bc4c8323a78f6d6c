// One after the other: each work begins when the one before has ended, however that was. Called by the alerter.
export type Turns = Readonly<{
  do<T>(work: () => Promise<T>): Promise<T>
  // Resolves when nothing is under way.
  idle(): Promise<void>
}>

export function openTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve()
  return {
    do(work) {
      const next = last.then(work)
      last = next.catch(() => {})
      return next
    },
    async idle() {
      await last
    },
  }
}
