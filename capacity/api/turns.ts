// So many at a time of what keeps a process busy; whoever comes beyond that is told when to ask again. Called by routes.
import { Failure } from '#core/errors.ts'

export type Turns = Readonly<{ take<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> }>

const againMs = 10_000

// `what` is being made by those who have the turns: 'another report'.
export function openTurns({ atOnce, what }: Readonly<{ atOnce: number; what: string }>): Turns {
  let taken = 0
  return {
    async take(work, signal) {
      if (taken >= atOnce) {
        const some = atOnce === 1 ? 'one' : `${atOnce}`
        const said = `${what} being made, and no more than ${some} at a time: ask again when it is done`
        throw new Failure('overloaded', said, { retryAfterMs: againMs })
      }
      taken++
      try {
        return await work()
      } catch (error) {
        if (signal.aborted) throw new Failure('query_canceled', 'the caller has gone away')
        throw error
      } finally {
        taken--
      }
    },
  }
}
