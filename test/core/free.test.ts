import { expect, test } from 'vitest'
import { free } from '#core/free.js'

test('the memory of bytes is given back, but for parts of something larger', () => {
  const whole = Buffer.allocUnsafeSlow(100)
  free(whole)
  expect([whole.length, whole.buffer.byteLength]).toEqual([0, 0])

  const larger = new Uint8Array(100).fill(7)
  const part = larger.subarray(10, 20)
  free(part)
  expect([...part]).toEqual(Array(10).fill(7))

  const nothing = Buffer.alloc(0)
  free(nothing)
  expect(nothing.buffer).toHaveProperty('detached', false)

  const shared = new Uint8Array(new SharedArrayBuffer(10))
  free(shared)
  expect(shared).toHaveLength(10)
})
