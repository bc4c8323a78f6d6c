// The caller's end of the store's thread: each question gets one answer, or a Failure. When the thread has ended,
// whoever waits hears it, and so does whoever comes later. Called by ../embedded.ts and commits.ts.
import { Worker } from 'node:worker_threads'
import type { Clock } from '../../clock.ts'
import { type ErrorCode, errors, Failure } from '../../errors.ts'
import { threadRoom } from '../../thread-room.ts'
import type { EngineOptions } from './engine.ts'
import type { Ask, Asks, Opened, Opening, Refusal, Reply } from './messages.ts'

type Asked = Readonly<{ resolve: (value: never) => void; reject: (error: unknown) => void }>

export class StoreThread {
  readonly #clock: Clock
  readonly #worker: Worker
  readonly #asked = new Map<number, Asked>()
  #asks = 0
  // It ends by itself then.
  #isClosing = false
  // Why it answers no more.
  ended: Error | undefined
  // What it found on the disk.
  readonly opened: Promise<Opened>

  constructor(options: EngineOptions, clock: Clock) {
    this.#clock = clock
    const opening: Opening = { options, nowMs: clock.nowMs() }
    this.opened = new Promise<Opened>((resolve, reject) => this.#asked.set(0, { resolve, reject }))
    this.#worker = new Worker(new URL('./worker.ts', import.meta.url), {
      workerData: opening,
      resourceLimits: threadRoom,
    })
    this.#worker.on('message', reply => this.#answered(reply))
    this.#worker.on('exit', () =>
      this.#leave(this.#isClosing ? closed() : new Error('the thread of the store has ended')),
    )
    // By a bug of ours, or for want of memory: it is not begun again, so the process must hear of it.
    this.#worker.on('error', error => {
      this.#leave(error as Error)
      throw error
    })
  }

  ask<A extends Ask>(ask: A, value: Asks[A][0]): Promise<Asks[A][1]> {
    if (this.ended !== undefined) return Promise.reject(this.ended)
    if (ask === 'close') this.#isClosing = true
    const id = ++this.#asks
    return new Promise((resolve, reject) => {
      this.#asked.set(id, { resolve, reject })
      this.#worker.postMessage({ id, ask, value, nowMs: this.#clock.nowMs() })
    })
  }

  async end(): Promise<void> {
    this.#leave(closed())
    await this.#worker.terminate()
  }

  #answered(reply: Reply): void {
    const asked = this.#asked.get(reply.id)
    this.#asked.delete(reply.id)
    if ('value' in reply) asked?.resolve(reply.value as never)
    else asked?.reject(errorOf(reply.failure))
  }

  #leave(error: Error): void {
    this.ended ??= error
    const waiting = [...this.#asked.values()]
    this.#asked.clear()
    for (const { reject } of waiting) reject(this.ended)
  }
}

const closed = (): Failure => new Failure('stopping', 'the store is closed')

const errorOf = ({ code, message }: Refusal): Error =>
  code !== undefined && code in errors ? new Failure(code as ErrorCode, message) : new Error(message)
