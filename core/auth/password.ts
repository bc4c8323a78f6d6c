// Passwords of people: argon2id with OWASP's parameters, kept as a PHC string that names them, so that they can
// grow later. Called by users.ts.
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { Failure } from '../errors.ts'

const derive = promisify(argon2)

// 19 MiB and two passes: about 30 ms of one core.
const current = { memory: 19_456, passes: 2, parallelism: 1 }
const tagLength = 32

export const passwordMin = 10
export const passwordMax = 256

// Each takes 19 MiB while it runs, so few run at once and not many wait.
const runningMax = 2
const waitingMax = 50
let running = 0
const waiting: (() => void)[] = []

export async function hashPassword(password: string, cost = current): Promise<string> {
  const nonce = randomBytes(16)
  const tag = await tagOf(password, { ...cost, nonce, tagLength })
  const { memory, passes, parallelism } = cost
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${base64(nonce)}$${base64(tag)}`
}

const phc =
  /^\$argon2id\$v=19\$m=(?<m>\d+),t=(?<t>\d+),p=(?<p>\d+)\$(?<nonce>[A-Za-z0-9+/]+)\$(?<tag>[A-Za-z0-9+/]+)$/

export async function verifyPassword(password: string, kept: string): Promise<boolean> {
  const found = phc.exec(kept)?.groups
  if (found === undefined) throw new Error('a password hash in the state is not one of argon2id')
  const tag = Buffer.from(found.tag!, 'base64')
  const again = await tagOf(password, {
    memory: Number(found.m),
    passes: Number(found.t),
    parallelism: Number(found.p),
    nonce: Buffer.from(found.nonce!, 'base64'),
    tagLength: tag.length,
  })
  return timingSafeEqual(tag, again)
}

// What is checked for a name that nobody has, so that its answer takes as long as any other.
export const nobodysHash: string =
  '$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'

type Parameters = Readonly<{
  memory: number
  passes: number
  parallelism: number
  nonce: Uint8Array
  tagLength: number
}>

async function tagOf(password: string, parameters: Parameters): Promise<Buffer> {
  await turn()
  try {
    // One password has one form, whichever keyboard wrote it.
    return await derive('argon2id', { ...parameters, message: password.normalize('NFKC') })
  } finally {
    // Whoever waits longest takes over the place.
    const next = waiting.shift()
    if (next === undefined) running--
    else next()
  }
}

async function turn(): Promise<void> {
  if (running < runningMax) {
    running++
    return
  }
  if (waiting.length >= waitingMax) throw new Failure('overloaded', 'too many logins at once')
  await new Promise<void>(resolve => waiting.push(resolve))
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64').replace(/=+$/, '')
