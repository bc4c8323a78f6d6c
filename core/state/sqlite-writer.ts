// Who may write to the file now? Units that wait share one commit; a transaction has the file for itself, for a
// limited time. Strictly in the order in which they came. Called by sqlite.ts and sqlite-dialect.ts.
import { Failure } from '../errors.ts'
import { failureOf } from './sqlite-failure.ts'
import type { SqliteThread, Statement, Written } from './sqlite-thread.ts'

export type SqliteWriter = Readonly<{
  write(unit: readonly Statement[]): Promise<readonly Written[]>
  // Resolves when it is the caller's turn, with what ends the turn.
  turn(): Promise<() => void>
  // Resolves when nothing waits any more.
  idle(): Promise<void>
}>

type Unit = Readonly<{
  unit: readonly Statement[]
  resolve: (written: readonly Written[]) => void
  reject: (error: unknown) => void
}>
type Turn = Readonly<{ grant: (end: () => void) => void }>

const waitingMax = 10_000
// A commit of this many takes about 10 ms; more would make readers wait.
const groupMax = 1_000

export type WrittenGroup = Readonly<{ size: number; error: Error | undefined }>

export function openSqliteWriter(
  thread: SqliteThread,
  file: string,
  onGroup: (group: WrittenGroup) => void,
): SqliteWriter {
  const queue: (Unit | Turn)[] = []
  let running: Promise<void> | undefined

  function enqueue(one: Unit | Turn): void {
    if (queue.length >= waitingMax) {
      throw new Failure('overloaded', `${waitingMax} writes to ${file} wait already`)
    }
    queue.push(one)
    running ??= run()
  }

  async function run(): Promise<void> {
    // Lets whoever writes in the same moment into the first group.
    await Promise.resolve()
    while (queue.length > 0) {
      const first = queue[0]!
      if ('grant' in first) {
        queue.shift()
        await new Promise<void>(resolve => first.grant(resolve))
      } else {
        await commit(takeGroup(queue))
      }
    }
    // In the same breath as the last look at the queue, or what comes in between would wait for ever.
    running = undefined
  }

  async function commit(group: readonly Unit[]): Promise<void> {
    try {
      const answers = await thread.ask(
        'group',
        group.map(each => each.unit),
      )
      let error: Error | undefined
      for (const [at, answer] of answers.entries()) {
        const { resolve, reject } = group[at]!
        if (!('trouble' in answer)) {
          resolve(answer)
          continue
        }
        error = failureOf(answer, file)
        reject(error)
      }
      onGroup({ size: group.length, error })
    } catch (error) {
      for (const { reject } of group) reject(error)
      onGroup({ size: group.length, error: error as Error })
    }
  }

  return {
    write: unit => new Promise((resolve, reject) => enqueue({ unit, resolve, reject })),
    turn: () => new Promise(grant => enqueue({ grant })),
    async idle() {
      while (running !== undefined) await running
    },
  }
}

function takeGroup(queue: (Unit | Turn)[]): Unit[] {
  const until = queue.findIndex(each => 'grant' in each)
  const size = Math.min(until === -1 ? queue.length : until, groupMax)
  return queue.splice(0, size) as Unit[]
}
