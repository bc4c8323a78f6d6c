// A browser as push services see it: keys of its own, an address, and what it reads of what comes. Called by the tests of
// web push. Its reading is held against the examples of RFC 8188 and 8291 in sealed.test.ts.
import { createDecipheriv, createECDH, createPublicKey, hkdfSync, randomBytes, verify } from 'node:crypto'
import type { Subscription } from '../../../alerter/web-push/subscription.ts'

const bytesOf = (text: string): Buffer => Buffer.from(text, 'base64url')

// RFC 8188: records of one length, each with padding behind a sign that says whether it is the last.
export function openedWith(ikm: Uint8Array, body: Buffer): string {
  const [salt, size, end] = [body.subarray(0, 16), body.readUInt32BE(16), 21 + body[20]!]
  const derived = (name: string, bytes: number): Buffer =>
    Buffer.from(hkdfSync('sha256', ikm, salt, `Content-Encoding: ${name}\0`, bytes))
  const [key, nonce] = [derived('aes128gcm', 16), derived('nonce', 12)]
  const parts: Buffer[] = []
  for (let at = end, nth = 0; at < body.length; at += size, nth++) {
    const record = body.subarray(at, at + size)
    const own = Buffer.from(nonce)
    own.writeUInt32BE((own.readUInt32BE(8) ^ nth) >>> 0, 8)
    const cipher = createDecipheriv('aes-128-gcm', key, own)
    cipher.setAuthTag(record.subarray(-16))
    const padded = Buffer.concat([cipher.update(record.subarray(0, -16)), cipher.final()])
    const plain = padded.subarray(0, padded.findLastIndex(byte => byte !== 0) + 1)
    const isLast = at + size >= body.length
    if (plain.at(-1) !== (isLast ? 2 : 1)) throw new Error(`record ${nth} ends with ${plain.at(-1)}`)
    parts.push(plain.subarray(0, -1))
  }
  return Buffer.concat(parts).toString()
}

export type Browser = Readonly<{
  endpoint: string
  subscription(name?: string): Subscription
  // Throws where it was not meant for it.
  read(body: Buffer): string
}>

type Keys = Readonly<{ privateKey?: Uint8Array; auth?: Uint8Array }>

export function openBrowser(endpoint: string, { privateKey, auth = randomBytes(16) }: Keys = {}): Browser {
  const key = createECDH('prime256v1')
  if (privateKey === undefined) key.generateKeys()
  else key.setPrivateKey(privateKey)
  const own = key.getPublicKey()
  return {
    endpoint,
    subscription: (name = 'phone') => ({
      name,
      endpoint,
      keys: { p256dh: own.toString('base64url'), auth: Buffer.from(auth).toString('base64url') },
    }),
    read(body) {
      const sender = body.subarray(21, 21 + body[20]!)
      const about = Buffer.concat([Buffer.from('WebPush: info\0'), own, sender])
      const ikm = hkdfSync('sha256', key.computeSecret(sender), auth, about, 32)
      return openedWith(Buffer.from(ikm), body)
    },
  }
}

// What the header Authorization claims, once its proof was found to be that of the key it names.
export function provenClaims(header: string | undefined): Readonly<{ key: string; claims: unknown }> {
  const [, head = '', body = '', proof = '', key = ''] =
    /^vapid t=([\w-]+)\.([\w-]+)\.([\w-]+), k=([\w-]+)$/.exec(header ?? '') ?? []
  const point = bytesOf(key)
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map(part => part.toString('base64url'))
  const publicKey = createPublicKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', x: x!, y: y! } })
  const isProven = verify(
    'sha256',
    Buffer.from(`${head}.${body}`),
    { key: publicKey, dsaEncoding: 'ieee-p1363' },
    bytesOf(proof),
  )
  if (!isProven) throw new Error('the proof is not that of the key')
  const { alg, typ } = JSON.parse(bytesOf(head).toString()) as Record<string, unknown>
  if (alg !== 'ES256' || typ !== 'JWT') throw new Error(`found ${alg} and ${typ}`)
  return { key, claims: JSON.parse(bytesOf(body).toString()) }
}
