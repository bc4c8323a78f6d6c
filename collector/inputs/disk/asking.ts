// How full is this mount, said within a time? Asking a dead network mount hangs for ever and keeps one of the
// four threads that all of Node's file access shares, so: one mount after the other, no second question while
// the first hangs, and no more questions when too many do. Called by index.ts.
import type { Clock } from '#core/clock.ts'
import type { Space } from '../../machine.ts'

export type Answer = Readonly<
  | { is: 'space'; space: Space }
  // Too late, or still not there since an earlier tick.
  | { is: 'hanging' }
  // Not asked, because others hang.
  | { is: 'spared' }
  | { is: 'failed'; error: NodeJS.ErrnoException }
>

export type Question = Readonly<{ path: string; mayHang: boolean }>

// Threads that may be stuck: those which often hang leave two for the others, and the last one is never risked.
const stuckMax = { mayHang: 2, others: 3 }

export function openAsking(
  space: (path: string) => Promise<Space>,
  clock: Clock,
  patienceMs: number,
): (question: Question) => Promise<Answer> {
  const stuck = new Set<string>()

  return ({ path, mayHang }) => {
    if (stuck.has(path)) return Promise.resolve({ is: 'hanging' })
    if (stuck.size >= (mayHang ? stuckMax.mayHang : stuckMax.others)) return Promise.resolve({ is: 'spared' })
    stuck.add(path)
    return new Promise(resolve => {
      const late = clock.after(patienceMs, () => resolve({ is: 'hanging' }))
      const settle = (answer: Answer): void => {
        stuck.delete(path)
        late.cancel()
        resolve(answer)
      }
      space(path).then(
        found => settle({ is: 'space', space: found }),
        (error: NodeJS.ErrnoException) => settle({ is: 'failed', error }),
      )
    })
  }
}
