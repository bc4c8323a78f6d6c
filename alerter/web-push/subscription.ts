// What a browser says of itself when it wants to be told, and whether that can be: its address is one that a user names,
// so it must be one of a service on the public Internet. Called by push-routes.ts.
import { ECDH } from 'node:crypto'
import { z } from 'zod'
import { Failure } from '#core/errors.ts'
import { refusalOf, type Trust } from '#core/guard.ts'
import { curve } from './sealed.ts'

const bytesOf = (text: string): Buffer => Buffer.from(text, 'base64url')

function isPoint(text: string): boolean {
  try {
    ECDH.convertKey(bytesOf(text), curve)
    return bytesOf(text).length === 65
  } catch {
    return false
  }
}

const coded = z.string().regex(/^[\w-]{1,200}={0,2}$/, { error: 'base64url' })

// PushSubscription.toJSON() of browsers, and a name beside it. Some say more.
export const subscriptionSchema = z.object({
  name: z
    .string()
    .trim()
    .min(1)
    .max(60)
    .refine(found => !/[\p{Cc}\p{Cs}]/u.test(found), { error: 'a name on one line' })
    .describe('What people call the device.'),
  endpoint: z.url().max(2_000).describe('Where the push service of the browser takes messages for it.'),
  keys: z
    .object({
      p256dh: coded.refine(isPoint, { error: 'a point of P-256, uncompressed' }),
      auth: coded.refine(found => bytesOf(found).length === 16, { error: '16 bytes' }),
    })
    .describe('What a message for it is encrypted with.'),
})

export type Subscription = z.output<typeof subscriptionSchema>

export function checkEndpoint(endpoint: string, trust: Trust): void {
  const { protocol, port, hostname, username, password } = new URL(endpoint)
  const refuse = (found: string): never => {
    const wanted = 'the https address of a push service on the public Internet'
    throw new Failure('bad_request', `body.endpoint: wanted ${wanted}, found ${found}`)
  }
  if (username !== '' || password !== '') refuse('a login in it')
  const why = refusalOf(hostname, trust)
  if (why !== undefined) refuse(why)
  // The operator's own are for tests.
  if (trust === 'operator') return
  if (protocol !== 'https:') refuse(protocol)
  if (port !== '') refuse(`the port ${port}`)
}
