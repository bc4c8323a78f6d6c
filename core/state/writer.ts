// Which caller of this process writes to the state now? Units that wait share one commit; a transaction has the
// writing for itself, for a limited time. Strictly in the order in which they came. Called by assemble.ts.
import type { CompiledQuery } from 'kysely'
import { Failure } from '../errors.ts'
import type { Written } from '../state.ts'

export type Unit = readonly CompiledQuery[]

// One commit for all. A unit that fails is undone alone, and its error is its answer; when the commit fails, this
// rejects, and all are undone.
export type CommitUnits = (units: readonly Unit[]) => Promise<readonly (Error | readonly Written[])[]>

// Durable, all of them or none, and seen by who reads afterwards.
export type AppendUnits = (units: readonly Unit[]) => Promise<void>

export type Writer = Readonly<{
  write(unit: Unit): Promise<readonly Written[]>
  append(unit: Unit): Promise<void>
  // Resolves when it is the caller's turn, with what ends the turn.
  turn(): Promise<() => void>
  // Resolves when nothing waits any more.
  idle(): Promise<void>
}>

type Waiting = Readonly<{
  unit: Unit
  // Nobody needs its answer.
  isAhead: boolean
  resolve: (written: readonly Written[]) => void
  reject: (error: unknown) => void
}>
type Turn = Readonly<{ grant: (end: () => void) => void }>

const waitingMax = 10_000
// A commit of this many takes about 10 ms; more would make readers wait.
const groupMax = 1_000

export type WrittenGroup = Readonly<{ size: number; error: Error | undefined }>

// `place` is what errors call the state.
export function openWriter(
  { place, commitUnits, append }: Readonly<{ place: string; commitUnits: CommitUnits; append?: AppendUnits }>,
  onGroup: (group: WrittenGroup) => void,
): Writer {
  const queue: (Waiting | Turn)[] = []
  let running: Promise<void> | undefined

  function enqueue(one: Waiting | Turn): void {
    if (queue.length >= waitingMax) {
      throw new Failure('overloaded', `${waitingMax} writes to ${place} wait already`)
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

  async function commit(group: readonly Waiting[]): Promise<void> {
    try {
      const units = group.map(each => each.unit)
      const answers = group[0]!.isAhead ? await appended(units) : await commitUnits(units)
      let error: Error | undefined
      for (const [at, answer] of answers.entries()) {
        const { resolve, reject } = group[at]!
        if (answer instanceof Error) {
          error = answer
          reject(answer)
        } else {
          resolve(answer)
        }
      }
      onGroup({ size: group.length, error })
    } catch (error) {
      for (const { reject } of group) reject(error)
      onGroup({ size: group.length, error: error as Error })
    }
  }

  async function appended(units: readonly Unit[]): Promise<readonly (readonly Written[])[]> {
    await append?.(units)
    return units.map(() => [])
  }

  const enter = (unit: Unit, isAhead: boolean): Promise<readonly Written[]> =>
    new Promise((resolve, reject) => enqueue({ unit, isAhead, resolve, reject }))

  return {
    write: unit => enter(unit, false),
    async append(unit) {
      await enter(unit, append !== undefined)
    },
    turn: () => new Promise(grant => enqueue({ grant })),
    async idle() {
      while (running !== undefined) await running
    },
  }
}

function takeGroup(queue: (Waiting | Turn)[]): Waiting[] {
  const { isAhead } = queue[0] as Waiting
  const until = queue.findIndex(each => 'grant' in each || each.isAhead !== isAhead)
  const size = Math.min(until === -1 ? queue.length : until, groupMax)
  return queue.splice(0, size) as Waiting[]
}
