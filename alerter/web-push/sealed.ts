// A text that only one browser can read: RFC 8291 (whose keys) in the coding aes128gcm of RFC 8188 (one record), so that
// the push service that carries it learns no more than its length. Called by push.ts.
import { createCipheriv, createECDH, type ECDH, hkdfSync, randomBytes } from 'node:crypto'

// What a browser gave us of itself, in bytes: a point of P-256, uncompressed, and a secret of both.
export type Reader = Readonly<{ p256dh: Uint8Array; auth: Uint8Array }>

// Services take 4 096 bytes: 86 of head, 1 that ends the record and 16 of proof are not text.
export const sealedMax = 4_096
export const plainMax = sealedMax - 103

// Never twice the same; tests state those of the RFC.
export type Once = Readonly<{ salt: Uint8Array; key: ECDH }>

export const curve = 'prime256v1'

function once(): Once {
  const key = createECDH(curve)
  key.generateKeys()
  return { salt: randomBytes(16), key }
}

export function sealed(plain: Uint8Array, { p256dh, auth }: Reader, { salt, key }: Once = once()): Buffer {
  if (plain.length > plainMax) throw new Error(`wanted at most ${plainMax} bytes, found ${plain.length}`)
  const own = key.getPublicKey()
  const about = Buffer.concat([Buffer.from('WebPush: info\0'), p256dh, own])
  const shared = Buffer.from(hkdfSync('sha256', key.computeSecret(p256dh), auth, about, 32))
  const derived = (name: string, bytes: number): Buffer =>
    Buffer.from(hkdfSync('sha256', shared, salt, `Content-Encoding: ${name}\0`, bytes))
  const cipher = createCipheriv('aes-128-gcm', derived('aes128gcm', 16), derived('nonce', 12))
  const head = Buffer.alloc(21)
  head.set(salt)
  head.writeUInt32BE(sealedMax, 16)
  head[20] = own.length
  // 2: the last record.
  return Buffer.concat([
    ...[head, own, cipher.update(plain), cipher.update(Uint8Array.of(2))],
    ...[cipher.final(), cipher.getAuthTag()],
  ])
}
