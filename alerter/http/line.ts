// One connection that is kept: what is asked by it, one after the other, and what is answered. Called by lines.ts.
import type { Socket } from 'node:net'
import { AnswerReader, broken, type Heard } from './answer-reader.ts'

type Asking = Readonly<{
  reader: AnswerReader
  resolve(heard: Heard): void
  reject(error: unknown): void
}>

export class Line {
  readonly #socket: Socket
  #asking: Asking | undefined
  #isOver = false
  #asked = 0
  // Nobody had answered yet, so that it may have been closed before it was asked.
  #isStale = false

  // `onEnd`: nothing can be asked by it any more.
  constructor(socket: Socket, onEnd: (line: Line) => void) {
    this.#socket = socket
    socket.on('data', (bytes: Buffer) => this.#take(bytes))
    socket.on('end', () => this.#end())
    socket.on('error', error => this.#fail(error))
    socket.on('timeout', () => {
      if (this.#asking === undefined) socket.destroy()
    })
    socket.on('close', () => {
      this.#fail(hungUp())
      this.#isOver = true
      onEnd(this)
    })
  }

  get isOver(): boolean {
    return this.#isOver || this.#socket.destroyed || !this.#socket.writable
  }

  // Of the last one that failed: by another connection it may not.
  get isStale(): boolean {
    return this.#isStale
  }

  ask(pieces: readonly Uint8Array[]): Promise<Heard> {
    this.#asked += 1
    this.#isStale = false
    if (this.#asked > 1) this.#socket.ref()
    return new Promise((resolve, reject) => {
      this.#asking = { reader: new AnswerReader(), resolve, reject }
      // In one call of the system.
      if (pieces.length > 1) this.#socket.cork()
      for (const each of pieces) this.#socket.write(each)
      if (pieces.length > 1) this.#socket.uncork()
    })
  }

  // For the next one, if that comes in time. A process does not go on because of it.
  rest(idleMs: number): void {
    if (this.#socket.timeout !== idleMs) this.#socket.setTimeout(idleMs)
    this.#socket.unref()
  }

  destroy(): void {
    this.#socket.destroy()
    this.#isOver = true
  }

  #take(bytes: Buffer): void {
    // Whoever speaks unasked would be heard as the answer to what is asked next.
    if (this.#asking === undefined) this.destroy()
    try {
      const heard = this.#asking?.reader.take(bytes)
      if (heard !== undefined) this.#answer(heard)
    } catch (error) {
      this.#fail(error)
      this.destroy()
    }
  }

  #end(): void {
    const heard = this.#asking?.reader.end()
    if (heard !== undefined) this.#answer(heard)
    else this.#fail(hungUp())
    this.destroy()
  }

  #answer(heard: Heard): void {
    const asking = this.#asking
    this.#asking = undefined
    asking?.resolve(heard)
  }

  #fail(error: unknown): void {
    const asking = this.#asking
    if (asking === undefined) return
    this.#asking = undefined
    const { hasBegun } = asking.reader
    this.#isStale = this.#asked > 1 && !hasBegun && isReset(error)
    asking.reject(hasBegun && isReset(error) ? broken('the answer broke off') : error)
  }
}

const hungUp = (): Error => broken('ECONNRESET')

const isReset = (error: unknown): boolean =>
  /^(?:ECONNRESET|EPIPE)$/.test((error as NodeJS.ErrnoException).code ?? '')
