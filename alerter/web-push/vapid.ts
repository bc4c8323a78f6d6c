// Who it is that sends: a key pair of this installation (RFC 8292), made when it is first needed and kept in the state,
// so that all processes have the same. A browser subscribes to its public part, and push services take what its private
// part has signed. Called by push.ts.
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import type { Clock } from '#core/clock.ts'
import type { State } from '#core/state.ts'

export type Vapid = Readonly<{
  // As browsers want it: the point, uncompressed, in base64url.
  publicKey: string
  privateKey: KeyObject
}>

export interface VapidKeys {
  read(): Promise<Vapid>
}

type Parts = Readonly<{ state: State; clock: Clock }>

const name = 'vapid'

export function openVapidKeys({ state, clock }: Parts): VapidKeys {
  let kept: Vapid | undefined
  const find = async (): Promise<Vapid | undefined> => {
    const row = await state.db
      .selectFrom('web_push_keys')
      .select('private_key')
      .where('name', '=', name)
      .executeTakeFirst()
    return row === undefined ? undefined : vapidOf(row.private_key)
  }
  // Of several processes that make one at a time, the first counts for all.
  const make = async (): Promise<Vapid> => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const row = { name, private_key: textOf(privateKey), created_at_ms: clock.nowMs() }
    const insert = state.db.insertInto('web_push_keys').values(row)
    await state.write([insert.onConflict(on => on.column('name').doNothing())])
    return (await find())!
  }
  return {
    async read() {
      kept ??= (await find()) ?? (await make())
      return kept
    },
  }
}

const textOf = (key: KeyObject): string => key.export({ format: 'der', type: 'pkcs8' }).toString('base64url')

export function vapidOf(text: string): Vapid {
  const privateKey = createPrivateKey({ key: Buffer.from(text, 'base64url'), format: 'der', type: 'pkcs8' })
  const { x = '', y = '' } = createPublicKey(privateKey).export({ format: 'jwk' })
  const point = [Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]
  return { publicKey: Buffer.concat(point).toString('base64url'), privateKey }
}

export type Claim = Readonly<{
  endpoint: string
  // A mailto: or https: address of whoever runs this; left out: it is not said.
  subject: string | undefined
  nowMs: number
}>

// A day is the most that services believe.
const goodForS = 43_200

// The value of the header Authorization.
export function vapidHeader({ publicKey, privateKey }: Vapid, { endpoint, subject, nowMs }: Claim): string {
  const claims = {
    aud: new URL(endpoint).origin,
    exp: Math.floor(nowMs / 1_000) + goodForS,
    ...(subject === undefined ? {} : { sub: subject }),
  }
  const part = (of: object): string => Buffer.from(JSON.stringify(of)).toString('base64url')
  const said = `${part({ typ: 'JWT', alg: 'ES256' })}.${part(claims)}`
  const proof = sign('sha256', Buffer.from(said), { key: privateKey, dsaEncoding: 'ieee-p1363' })
  return `vapid t=${said}.${proof.toString('base64url')}, k=${publicKey}`
}
