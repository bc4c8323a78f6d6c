// The road to the thread of the SQLite file: each request gets one answer, or a Failure that says what is wrong
// with the file. Called by sqlite.ts.
import { Worker } from 'node:worker_threads'
import { Failure } from '../errors.ts'
import { failureOf, type Trouble } from './sqlite-failure.ts'

export type Bindable = string | number | bigint | null | Uint8Array

// Bytes: the list of them, serialized.
export type Statement = Readonly<{ sql: string; parameters: readonly Bindable[] | Uint8Array }>

type Row = Readonly<Record<string, unknown>>

export type Written = Readonly<{ rows: readonly Row[]; changed: number }>

type Ask<Asks, Answers> = { asks: Asks; answers: Answers }

export type Requests = {
  open: Ask<{ file: string; maxBytes: number | undefined }, void>
  read: Ask<Statement, readonly Row[]>
  group: Ask<readonly (readonly Statement[])[], (Trouble | readonly Written[])[]>
  // Durable when it is answered, and seen by whoever asks afterwards.
  append: Ask<readonly (readonly Statement[])[], void>
  // Refused while what was appended cannot be put into the tables.
  look: Ask<undefined, void>
  begin: Ask<undefined, void>
  within: Ask<Statement, Written>
  commit: Ask<undefined, void>
  rollback: Ask<undefined, void>
  probe: Ask<undefined, void>
  backup: Ask<string, void>
  close: Ask<undefined, void>
}

export type SqliteThread = Readonly<{
  ask<Kind extends keyof Requests>(
    kind: Kind,
    asks: Requests[Kind]['asks'],
  ): Promise<Requests[Kind]['answers']>
  end(): Promise<void>
}>

type Waiting = Readonly<{ resolve: (answer: never) => void; reject: (error: Error) => void }>
type Reply = Readonly<{ id: number; answer?: unknown; trouble?: Trouble }>

// More than this many questions at once means that nobody waits for the answers.
const waitingMax = 10_000

// A thread whose file is closed can be asked to open another one.
export function startSqliteThread(): SqliteThread {
  const worker = new Worker(new URL('./sqlite-worker.js', import.meta.url), {
    name: 'plimsoll-state',
    // Rows pass through and stay nowhere; there is room for the largest answer.
    resourceLimits: { maxOldGenerationSizeMb: 1_024, maxYoungGenerationSizeMb: 4 },
  })
  const waiting = new Map<number, Waiting>()
  let gone: Error | undefined
  let next = 0
  let file = ''
  // By the last that asked for it: what comes behind would find statements of a file that is no longer open.
  let isClosed = false

  const leave = (why: Error): void => {
    gone ??= why
    for (const { reject } of waiting.values()) reject(gone)
    waiting.clear()
  }
  worker.on('message', ({ id, answer, trouble }: Reply) => {
    const asked = waiting.get(id)
    waiting.delete(id)
    if (trouble === undefined) asked?.resolve(answer as never)
    else asked?.reject(failureOf(trouble, file))
  })
  // By a bug of ours, or for want of memory: it is not begun again, so the process must hear of it.
  worker.on('error', error => {
    leave(new Failure('state_unavailable', `${file}: its thread ended: ${error.message}`))
    throw new Failure('state_ended', `${file}: ${error.stack ?? error.message}`)
  })
  worker.on('exit', () => leave(new Failure('state_unavailable', `${file}: its thread has ended`)))

  return {
    ask: (kind, asks) =>
      new Promise((resolve, reject) => {
        if (gone !== undefined) return reject(gone)
        if (waiting.size >= waitingMax) {
          return reject(new Failure('overloaded', `${waitingMax} questions to ${file} wait already`))
        }
        if (kind === 'open') file = (asks as Requests['open']['asks']).file
        else if (isClosed) return reject(new Failure('state_unavailable', `${file} is closed`))
        isClosed = kind === 'close'
        const id = next++
        waiting.set(id, { resolve, reject })
        worker.postMessage({ id, kind, asks })
      }),
    async end() {
      await worker.terminate()
    },
  }
}
