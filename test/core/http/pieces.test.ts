import { randomBytes } from 'node:crypto'
import type { Readable } from 'node:stream'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { answerOf, pieceChars } from '#core/http/pieces.ts'
import { route } from '#core/http/route.ts'
import { ask, openStand } from './ask.ts'

const long = 'x'.repeat(pieceChars)

test('what fits into one piece is an answer at once, more is a stream', async () => {
  const { signal } = new AbortController()
  const short = answerOf(['{"a":', '1}'], { signal })
  expect(short).toEqual({ body: '{"a":1}', headers: { 'content-type': 'application/json; charset=utf-8' } })
  const { body } = answerOf([long, 'y', 'z'], { signal })
  const told = await (body as Readable).toArray()
  expect(told.map(String)).toEqual([long, 'y', 'z'])
})

test('nothing more is written for a caller who has gone', async () => {
  const caller = new AbortController()
  const seen = { written: 0, left: 0 }
  function* pieces() {
    for (; seen.written < 100; seen.written++) yield long
  }
  const leave = () => {
    seen.left++
  }
  const { body } = answerOf(pieces(), { signal: caller.signal, leave })
  const stream = body as Readable
  const closed = new Promise(resolve => stream.once('close', resolve))
  stream.once('data', () => caller.abort())
  await closed
  expect(seen.written).toBeLessThan(5)
  expect(seen.left).toBe(1)

  const late = answerOf(pieces(), { signal: caller.signal, leave })
  expect((late.body as Readable).destroyed).toBe(true)
})

test('a fault in the middle ends the stream as one', async () => {
  function* pieces() {
    yield long
    throw new Error('broken')
  }
  const { body } = answerOf(pieces(), { signal: new AbortController().signal })
  await expect((body as Readable).toArray()).rejects.toThrow('broken')
})

test('a large answer is packed for whoever takes that, a short one is not', async () => {
  const { signal } = new AbortController()
  const t = async (encodings: string | undefined, isPacked: boolean, vary = 'accept-encoding') => {
    const { headers, body } = answerOf([long, 'y', '磁'], { signal, encodings })
    expect(headers?.['content-encoding'], encodings).toBe(isPacked ? 'gzip' : undefined)
    expect(headers?.['vary']).toBe(encodings === undefined ? undefined : vary)
    const bytes = Buffer.concat((await (body as Readable).toArray()) as Buffer[])
    expect((isPacked ? gunzipSync(bytes) : bytes).toString()).toBe(`${long}y磁`)
  }
  await t('gzip', true)
  await t('deflate, GZIP;q=0.5, br', true)
  await t('*', true)
  await t('*;q=0.1', true)
  await t('gzip;q=0', false)
  await t('gzip;q=0.000, *', false)
  await t('identity', false)
  await t('', false)
  await t(undefined, false)
  expect(answerOf(['1'], { signal, encodings: 'gzip' }).headers).not.toHaveProperty('content-encoding')
})

test('a packed answer ends with its caller, and with a fault', async () => {
  const caller = new AbortController()
  const seen = { written: 0, left: 0 }
  function* pieces() {
    // Nothing that packs well.
    for (; seen.written < 1_000; seen.written++) yield randomBytes(pieceChars / 2).toString('hex')
  }
  const leave = () => {
    seen.left++
  }
  const { body } = answerOf(pieces(), { signal: caller.signal, leave, encodings: 'gzip' })
  const stream = body as Readable
  const closed = new Promise(resolve => stream.once('close', resolve))
  stream.once('data', () => {
    // As fast as the caller takes it.
    setTimeout(() => caller.abort(), 50)
    stream.pause()
  })
  await closed
  expect(seen.written).toBeLessThan(20)
  await expect.poll(() => seen.left).toBe(1)
  const late = answerOf(pieces(), { signal: caller.signal, leave, encodings: 'gzip' })
  expect((late.body as Readable).destroyed).toBe(true)
  await expect.poll(() => seen.left).toBe(2)

  function* broken() {
    yield long
    throw new Error('broken')
  }
  const { signal } = new AbortController()
  const { body: rest } = answerOf(broken(), { signal, encodings: 'gzip' })
  await expect((rest as Readable).toArray()).rejects.toThrow('broken')
})

test('a packed answer goes through the server', async () => {
  const pack = route({
    method: 'GET',
    path: '/long',
    scope: 'open',
    summary: 'long',
    handle: ({ signal, headers }) =>
      answerOf(['"', long, '"'], { signal, encodings: headers['accept-encoding'] }),
  })
  await using stand = await openStand([pack])
  const reply = await fetch(`${stand.http.origin}/long`)
  expect([reply.headers.get('content-encoding'), reply.headers.get('vary')]).toEqual([
    'gzip',
    'accept-encoding',
  ])
  expect(await reply.json()).toBe(long)
  const plain = await ask(stand.http, '/long')
  expect([plain.headers['content-encoding'], plain.json]).toEqual([undefined, long])
  const head = await fetch(`${stand.http.origin}/long`, { method: 'HEAD' })
  expect([head.status, head.headers.get('content-encoding')]).toEqual([200, null])
})
