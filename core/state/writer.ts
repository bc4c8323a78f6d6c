// Which caller of this process writes to the state now? Units that wait share one commit; a transaction has the
// writing for itself, for a limited time. In the order in which they came, but for what must not come late, which goes
// ahead. Called by assemble.ts.
import type { CompiledQuery } from 'kysely'
import { Failure } from '../errors.ts'
import type { Written } from '../state.ts'

export type Unit = readonly CompiledQuery[]

export type Answer = Error | readonly Written[]

// One commit for the first of them, as many as may well share one; the others are given again. A unit that fails is
// undone alone, and its error is its answer; when the commit fails, this rejects, and all are undone.
export type CommitUnits = (units: readonly Unit[]) => Promise<readonly Answer[]>

// Durable, all of them or none, and seen by who reads afterwards.
export type AppendUnits = (units: readonly Unit[]) => Promise<void>

export type Writer = Readonly<{
  write(unit: Unit): Promise<readonly Written[]>
  writeFirst(unit: Unit): Promise<readonly Written[]>
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
  const hurried: (Waiting | Turn)[] = []
  let running: Promise<void> | undefined

  function enqueue(one: Waiting | Turn, to = queue): void {
    if (to.length >= waitingMax) {
      throw new Failure('overloaded', `${waitingMax} writes to ${place} wait already`)
    }
    to.push(one)
    running ??= run()
  }

  async function run(): Promise<void> {
    // Lets whoever writes in the same moment into the first group.
    await Promise.resolve()
    while (hurried.length + queue.length > 0) {
      const failure = hurried.length > 0 ? await commit(takeGroup(hurried), hurried) : undefined
      if (queue.length > 0) await next(failure)
    }
    // In the same breath as the last look at the queue, or what comes in between would wait for ever.
    running = undefined
  }

  // After the failure of those that went ahead of it, a group hears the same at once.
  async function next(failure: Error | undefined): Promise<void> {
    const first = queue[0]!
    if ('grant' in first) {
      queue.shift()
      await new Promise<void>(resolve => first.grant(resolve))
    } else if (failure === undefined || first.isAhead) {
      await commit(takeGroup(queue), queue)
    } else {
      refuse(takeGroup(queue), failure)
    }
  }

  // Answers with why there was no commit.
  async function commit(group: readonly Waiting[], from: (Waiting | Turn)[]): Promise<Error | undefined> {
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
      from.unshift(...group.slice(answers.length))
      onGroup({ size: answers.length, error })
      return undefined
    } catch (error) {
      refuse(group, error as Error)
      return error as Error
    }
  }

  function refuse(group: readonly Waiting[], error: Error): void {
    for (const { reject } of group) reject(error)
    onGroup({ size: group.length, error })
  }

  async function appended(units: readonly Unit[]): Promise<readonly (readonly Written[])[]> {
    await append?.(units)
    return units.map(() => [])
  }

  const enter = (unit: Unit, isAhead: boolean, to = queue): Promise<readonly Written[]> =>
    new Promise((resolve, reject) => enqueue({ unit, isAhead, resolve, reject }, to))

  return {
    write: unit => enter(unit, false),
    writeFirst: unit => enter(unit, false, hurried),
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
