import type { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { answerOf, pieceChars } from '#core/http/pieces.ts'

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
