// What a server answers, from bytes in whatever pieces they come: HTTP/1.1 as its standard has it, and nothing that is
// doubtful. Called by line.ts.
//
// Hot: Node's own client takes four times as long for a message (bench:storm, `single`).
import type { Answer } from '../channel.ts'
import { headerName } from './header-name.ts'

export type Heard = Readonly<{
  answer: Answer
  // Nothing else is to come, and the connection may be asked again.
  isKept: boolean
  // Then it will be closed, as far as the server says so.
  keptMs: number
}>

const answerBytesMax = 65_536
// As Node.
const headBytesMax = 16_384
const lineBytesMax = 1_024
const none = Buffer.alloc(0)

type Head = Readonly<{
  status: number
  headers: Readonly<Record<string, string>>
  body: 'none' | 'counted' | 'chunked' | 'open'
  isKept: boolean
}>

// Its message is for people, and tells nothing of what was sent.
export const broken = (why: string): Error => Object.assign(new Error(why), { code: why })

export class AnswerReader {
  #rest: Buffer = none
  #head: Head | undefined
  readonly #parts: Buffer[] = []
  #size = 0
  // Of what is counted, or of the chunk.
  #left = 0
  #at: 'size' | 'data' | 'end' | 'trailers' = 'size'
  readonly #hasBody: boolean

  // None follows after a proxy has opened a tunnel.
  constructor(hasBody = true) {
    this.#hasBody = hasBody
  }

  get hasBegun(): boolean {
    return this.#head !== undefined || this.#rest.length > 0
  }

  // Nothing: more is to come. Throws what is wrong with it.
  take(bytes: Buffer): Heard | undefined {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes])
    this.#head ??= this.#readHead()
    if (this.#head === undefined) return undefined
    const isWhole = this.#readBody(this.#head)
    if (this.#size > answerBytesMax) return this.#heard(this.#head, false)
    return isWhole ? this.#heard(this.#head, this.#rest.length === 0) : undefined
  }

  // The connection has ended. Nothing: the answer had not.
  end(): Heard | undefined {
    return this.#head?.body === 'open' ? this.#heard(this.#head, false) : undefined
  }

  #heard({ status, headers, isKept }: Head, isOver: boolean): Heard {
    const bytes = this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts)
    const body = bytes.subarray(0, answerBytesMax).toString()
    return { answer: { status, headers, body }, isKept: isKept && isOver, keptMs: keptMsOf(headers) }
  }

  #readHead(): Head | undefined {
    for (;;) {
      const end = this.#rest.indexOf('\r\n\r\n')
      if (end > headBytesMax || (end < 0 && this.#rest.length > headBytesMax))
        throw broken('the head of its answer is too long')
      if (end < 0) return undefined
      const head = headOf(this.#rest.toString('latin1', 0, end), this.#hasBody)
      this.#rest = this.#rest.subarray(end + 4)
      if (head.status === 101) throw broken('it speaks another protocol')
      // Those before the answer say that it is to come.
      if (head.status < 200) continue
      if (head.body === 'counted') this.#left = Number(head.headers['content-length'])
      return head
    }
  }

  // Whether nothing of it is missing.
  #readBody({ body }: Head): boolean {
    if (body === 'chunked') return this.#readChunks()
    if (body === 'none') return true
    if (body === 'open') {
      this.#keep(this.#rest.length)
      return false
    }
    this.#left -= this.#keep(Math.min(this.#left, this.#rest.length))
    return this.#left === 0
  }

  #readChunks(): boolean {
    for (;;) {
      if (this.#at === 'data') {
        this.#left -= this.#keep(Math.min(this.#left, this.#rest.length))
        if (this.#left > 0 || this.#size > answerBytesMax) return false
        this.#at = 'end'
      }
      const line = this.#line()
      if (line === undefined) return false
      if (this.#at === 'trailers') {
        if (line === '') return true
      } else if (this.#at === 'end') {
        if (line !== '') throw doubtful()
        this.#at = 'size'
      } else {
        const [, size] = /^([\da-f]{1,12})[\t ]*(?:;.*)?$/i.exec(line) ?? []
        if (size === undefined) throw doubtful()
        this.#left = Number.parseInt(size, 16)
        this.#at = this.#left === 0 ? 'trailers' : 'data'
      }
    }
  }

  #line(): string | undefined {
    const end = this.#rest.indexOf('\r\n')
    if (end > lineBytesMax || (end < 0 && this.#rest.length > lineBytesMax)) throw doubtful()
    if (end < 0) return undefined
    const line = this.#rest.toString('latin1', 0, end)
    this.#rest = this.#rest.subarray(end + 2)
    return line
  }

  #keep(length: number): number {
    if (length === 0) return 0
    this.#parts.push(this.#rest.subarray(0, length))
    this.#size += length
    this.#rest = this.#rest.subarray(length)
    return length
  }
}

const doubtful = (): Error => broken('its answer is not HTTP/1.1')

function headOf(text: string, hasBody: boolean): Head {
  const lines = text.split('\r\n')
  const [, minor, code] = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: |$)/.exec(lines[0]!) ?? []
  if (code === undefined) throw doubtful()
  const headers = headersOf(lines)
  const { connection = '', 'transfer-encoding': coding, 'content-length': length } = headers
  if (length !== undefined && !/^\d{1,15}$/.test(length)) throw doubtful()
  const status = Number(code)
  const isAsked = minor === '1' ? !/\bclose\b/i.test(connection) : /\bkeep-alive\b/i.test(connection)
  const body = hasBody && status !== 204 && status !== 304 ? bodyOf(coding, length) : 'none'
  // Who says both is mistaken in one, and what follows may be anything.
  const isPlain = body !== 'open' && (coding === undefined || length === undefined)
  return { status, headers, body, isKept: isAsked && isPlain }
}

function bodyOf(coding: string | undefined, length: string | undefined): Head['body'] {
  if (coding !== undefined) return /(?:^|[,\s])chunked$/i.test(coding) ? 'chunked' : 'open'
  return length === undefined ? 'open' : 'counted'
}

// Of these the first one counts.
const singles = new Set(['content-length', 'content-type', 'date', 'location', 'retry-after', 'server'])

function headersOf(lines: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {}
  for (let nth = 1; nth < lines.length; nth++) {
    const line = lines[nth]!
    const end = line.indexOf(':')
    const name = end < 1 ? undefined : headerName(line.slice(0, end))
    if (name === undefined) throw doubtful()
    const value = line.slice(end + 1).trim()
    const before = Object.hasOwn(headers, name) ? headers[name] : undefined
    if (before === undefined) headers[name] = value
    else if (name === 'content-length' && value !== before) throw doubtful()
    else if (!singles.has(name)) headers[name] = `${before}, ${value}`
  }
  return headers
}

function keptMsOf({ 'keep-alive': said }: Head['headers']): number {
  if (said === undefined) return Number.POSITIVE_INFINITY
  const [, seconds] = /\btimeout=(\d{1,9})\b/i.exec(said) ?? []
  // A second before it, so that nothing is sent when it closes.
  return seconds === undefined ? Number.POSITIVE_INFINITY : Math.max(0, Number(seconds) - 1) * 1_000
}
