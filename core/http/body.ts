// Reads the body of one request, within the route's limit and the budget of all. The write path passes here
// with 500 kB at a time, so a body of known length is copied once and no stream is piped. Called by answer.ts.
import type { IncomingMessage } from 'node:http'
import { parse as parseForm } from 'node:querystring'
import { Failure } from '../errors.ts'
import type { Budget, Share } from './budget.ts'
import { fieldsMax, fieldsOf } from './multipart.ts'

export type Form = Record<string, string | string[]>

// The bytes, how many they were, and how to give what was set aside for them back when the answer is made.
export type Held = Readonly<{ bytes: Buffer; length: number; release: () => void }>

const nothing: Held = { bytes: Buffer.alloc(0), length: 0, release: () => {} }

// After a body up to this length that nobody reads the connection goes on; with a longer one it ends.
export const unreadMaxBytes = 2 ** 20

export async function readBody(request: IncomingMessage, maxBytes: number, budget: Budget): Promise<Held> {
  const { 'content-length': stated, 'transfer-encoding': coded } = request.headers
  if (coded !== undefined) return readChunked(request, maxBytes, budget)
  const length = Number(stated ?? 0)
  if (length === 0) return nothing
  if (length > maxBytes) throw tooLarge(`${length} bytes`, maxBytes)
  // Refused before any of it is read, its sender keeps the connection.
  if (length <= unreadMaxBytes) budget.checkRoom(length)
  return readStated(request, length, budget)
}

// Who states a body and does not send it holds nothing: its memory is set aside as it comes, and the system gives none
// before that either.
function readStated(request: IncomingMessage, length: number, budget: Budget): Promise<Held> {
  let whole: Buffer | undefined
  let filled = 0
  const take = (chunk: Buffer): void => {
    if (filled === 0 && chunk.length === length) whole = chunk
    else {
      whole ??= Buffer.allocUnsafeSlow(length)
      chunk.copy(whole, filled)
    }
    filled += chunk.length
  }
  const end = (): Buffer => {
    if (filled !== length) throw cutOff(filled)
    return whole!
  }
  return readPieces(request, { share: budget.open(), take, end })
}

// Nobody knows how long it will be.
function readChunked(request: IncomingMessage, maxBytes: number, budget: Budget): Promise<Held> {
  const chunks: Buffer[] = []
  let length = 0
  const take = (chunk: Buffer): void => {
    length += chunk.length
    if (length > maxBytes) throw tooLarge(`more than ${maxBytes} bytes`, maxBytes)
    chunks.push(chunk)
  }
  const end = (): Buffer => (chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, length))
  return readPieces(request, { share: budget.open(), take, end })
}

type Pieces = Readonly<{ share: Share; take: (chunk: Buffer) => void; end: () => Buffer }>

async function readPieces(request: IncomingMessage, { share, take, end }: Pieces): Promise<Held> {
  try {
    await new Promise<void>((resolve, reject) => {
      request.on('data', (chunk: Buffer) => {
        try {
          take(chunk)
          share.take(chunk.length)
        } catch (error) {
          request.removeAllListeners('data')
          request.pause()
          reject(error)
        }
      })
      onEnd(request, resolve, reject)
    })
    const bytes = end()
    share.complete()
    return { bytes, length: bytes.length, release: () => share.giveBack() }
  } catch (error) {
    share.giveBack()
    throw error
  }
}

function onEnd(request: IncomingMessage, done: () => void, failed: (error: Error) => void): void {
  request.on('end', done)
  request.on('error', () => failed(cutOff(undefined)))
  request.on('close', () => {
    if (!request.complete) failed(cutOff(undefined))
  })
}

const tooLarge = (found: string, maxBytes: number): Failure =>
  new Failure('too_large', `found ${found}, wanted at most ${maxBytes} bytes`)

const cutOff = (filled: number | undefined): Failure =>
  new Failure('bad_request', `the body ended early${filled === undefined ? '' : ` after ${filled} bytes`}`)

// What a schema is to judge. Anything but a form is taken for JSON: clients often forget to say so.
export function parseBody(bytes: Buffer, contentType: string | undefined): unknown {
  if (bytes.length === 0) return undefined
  if (isForm(contentType)) return formOf(bytes, contentType)
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch (error) {
    throw new Failure('bad_request', `body: wanted JSON, ${(error as Error).message}`)
  }
}

export const isForm = (contentType = ''): boolean =>
  /^(?:application\/x-www-form-urlencoded|multipart\/form-data)/i.test(contentType)

export const formOf = (bytes: Buffer, contentType = ''): Form =>
  /^multipart/i.test(contentType)
    ? fieldsOf(bytes, contentType)
    : (parseForm(bytes.toString('utf8'), '&', '=', { maxKeys: fieldsMax }) as Form)

// Both speak: what they say under one name becomes a list.
export function joinForms(one: Form, other: Form): Form {
  const joined: Form = Object.assign(Object.create(null), one)
  for (const [name, value] of Object.entries(other)) {
    const known = joined[name]
    joined[name] = known === undefined ? value : [known, value].flat()
  }
  return joined
}
