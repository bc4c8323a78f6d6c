// The key at the end of the address at which a service calls back, where it signs nothing: long, and compared without
// telling by the time it takes how much of it is right. Called by the channels whose services call.
import { createHash, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { Secret } from '#core/secret.ts'
import type { Callback } from './channel.ts'

const wanted = 'a secret of 16 to 200 letters, digits, - and _'

export const callbackKey = z
  .string({ error: wanted })
  .regex(/^[\w-]{16,200}$/, { error: wanted })
  .meta({ kind: 'secret', secret: true })
  .transform(value => new Secret(value))
  .optional()
  .describe(
    'The last part of the address at which the service calls back, which nobody else knows; left out: no call of it is believed.',
  )

// Settings of a service that signs nothing.
export type Keyed = Readonly<{ callback_key?: Secret | undefined }>

const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest()

export const hasKey = ({ key }: Callback, wantedKey: Secret | undefined): boolean =>
  wantedKey !== undefined && isSame(key, wantedKey.reveal())

export const isSame = (found: string, expected: string): boolean =>
  timingSafeEqual(digestOf(found), digestOf(expected))
