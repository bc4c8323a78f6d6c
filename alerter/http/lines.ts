// The connections of one way of sending: kept, and no more than so many to one host; what is more waits for its turn.
// Called by pools.ts and post.ts.
import type { LookupFunction, Socket } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import type { Answer } from '../channel.ts'
import { broken } from './answer-reader.ts'
import { dial } from './dial.ts'
import { Line } from './line.ts'
import { type ProxyNames, proxyFor } from './proxy.ts'
import { piecesOf, type Request } from './request.ts'

const linesMax = 16
const idleMs = 30_000

export type LinesOptions = Readonly<{
  tls: ConnectionOptions
  lookup: LookupFunction
  // Nothing: by none.
  proxies: ProxyNames | undefined
}>

// Of whoever asks: whether it is too late, and what ends then that is under way for him.
export type Patience = { isOver: boolean; end: () => void }

type Place = {
  readonly key: string
  // Connected, or about to be.
  open: number
  readonly free: Line[]
  // Called with a connection that is free, or with nothing by who makes room for one.
  readonly waiting: Set<(line: Line | undefined) => void>
  // So that the next one need not begin from nothing.
  session: Buffer | undefined
}

type Asked = Readonly<{ url: URL; proxy: URL | undefined; patience: Patience }>

export class Lines {
  readonly #options: LinesOptions
  readonly #places = new Map<string, Place>()
  readonly #sockets = new Set<Socket>()

  constructor(options: LinesOptions) {
    this.#options = options
  }

  async ask(request: Request, patience: Patience): Promise<Answer> {
    const { url } = request
    const { proxies } = this.#options
    const proxy = proxies === undefined ? undefined : proxyFor(url, proxies)
    const pieces = piecesOf(request, proxy)
    for (let isSecond = false; ; isSecond = true) {
      const place = this.#placeOf(proxy === undefined || url.protocol === 'https:' ? url : proxy)
      const line = await this.#line(place, { url, proxy, patience })
      patience.end = () => line.destroy()
      try {
        const { answer, isKept, keptMs } = await line.ask(pieces)
        this.#giveBack(place, line, isKept ? Math.min(idleMs, keptMs) : 0)
        return answer
      } catch (error) {
        line.destroy()
        // A kept connection that was closed under us before anybody answered.
        if (!line.isStale || isSecond || patience.isOver) throw error
      }
    }
  }

  // What is on its way arrives.
  closeIdle(): void {
    for (const { free } of this.#places.values()) for (const line of free.splice(0)) line.destroy()
  }

  destroy(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async #line(place: Place, asked: Asked): Promise<Line> {
    const { patience } = asked
    if (patience.isOver) throw tooLate()
    for (let line = place.free.pop(); line !== undefined; line = place.free.pop())
      if (!line.isOver) return line
    if (place.open < linesMax) place.open += 1
    else {
      const line = await turn(place, patience)
      if (line !== undefined) return line
    }
    try {
      return new Line(await this.#dial(place, asked), line => {
        const at = place.free.indexOf(line)
        if (at >= 0) place.free.splice(at, 1)
        this.#leave(place)
      })
    } catch (error) {
      this.#leave(place)
      throw error
    }
  }

  #dial(place: Place, { url, proxy, patience }: Asked): Promise<Socket> {
    const { lookup, tls } = this.#options
    const holds = (socket: Socket): void => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
      socket.on('session', (session: Buffer) => {
        place.session = session
      })
      patience.end = () => socket.destroy()
    }
    const known = place.session === undefined ? tls : { ...tls, session: place.session }
    return dial(url, { proxy, lookup, tls: known, holds })
  }

  #giveBack(place: Place, line: Line, keptMs: number): void {
    const [next] = place.waiting
    if (keptMs === 0 || line.isOver) line.destroy()
    else if (next !== undefined) next(line)
    else {
      line.rest(keptMs)
      place.free.push(line)
    }
  }

  // One less: another one may be made.
  #leave(place: Place): void {
    const [next] = place.waiting
    if (next === undefined) place.open -= 1
    else next(undefined)
    if (place.open === 0 && this.#places.get(place.key) === place) this.#places.delete(place.key)
  }

  #placeOf({ protocol, host }: URL): Place {
    const key = `${protocol}//${host}`
    const known = this.#places.get(key)
    if (known !== undefined) return known
    const place: Place = { key, open: 0, free: [], waiting: new Set(), session: undefined }
    this.#places.set(key, place)
    return place
  }
}

const tooLate = (): Error => broken('too late')

function turn({ waiting }: Place, patience: Patience): Promise<Line | undefined> {
  return new Promise((resolve, reject) => {
    const next = (line: Line | undefined): void => {
      waiting.delete(next)
      resolve(line)
    }
    waiting.add(next)
    patience.end = () => {
      waiting.delete(next)
      reject(tooLate())
    }
  })
}
