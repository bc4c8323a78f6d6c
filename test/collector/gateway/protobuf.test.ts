// Numbers at their limits, and every way in which they may be broken off.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ProtobufReader } from '../../../collector/gateway/protobuf.ts'
import { varintBytes } from './protobuf-writer.ts'

const reader = (...bytes: number[]): ProtobufReader => new ProtobufReader(Uint8Array.from(bytes))

test('reads every number of 64 bits', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), value => {
      const bytes = varintBytes(value)
      expect(reader(...bytes).bigInt64()).toBe(value)
      expect(reader(...bytes).int64()).toBe(Number(value))
      // Whoever passes over it lands behind it.
      const skipping = reader(...bytes, 7)
      skipping.skip(0)
      expect(skipping.at).toBe(bytes.length)
    }),
  )
})

test('takes ten bytes and no more, padded ones too', () => {
  expect(reader(0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00).int64()).toBe(0)
  expect(reader(0x81, 0x80, 0x00).int64()).toBe(1)
  expect(() => reader(...Array(10).fill(0x80), 0).int64()).toThrow('more than ten bytes')
  expect(() => reader(...Array(9).fill(0x80)).int64()).toThrow('the end inside a number')
})

test('never reads beyond the message it is in, though bytes follow', () => {
  const outer = reader(1, 0x80, 0x80, 1, 1, 1, 1, 1, 1, 1, 1, 1)
  outer.enter()
  expect(() => outer.int64()).toThrow('the end inside a number')
  const t = (read: (one: ProtobufReader) => unknown) => {
    const one = reader(2, 4, 1, 1, 1, 1, 1, 1, 1, 1, 1)
    one.enter()
    expect(() => read(one)).toThrow(/the end inside a value|beyond its message/)
  }
  t(one => one.double())
  t(one => one.fixed64())
  t(one => one.signedFixed64())
  t(one => one.raw())
  t(one => one.text())
  t(one => one.enter())
  t(one => one.skip(1))
  t(one => one.skip(2))
  t(one => one.skip(5))
})

test('reads whole sub-messages within a view of a larger buffer', () => {
  const bytes = Buffer.from([99, 99, 0x0a, 0x03, 0x08, 0x96, 0x01, 0x12, 0x01, 0x78, 99]).subarray(2, 10)
  const one = new ProtobufReader(bytes)
  expect(one.tag()).toBe(10)
  const outer = one.enter()
  expect([one.tag(), one.int64(), one.tag()]).toEqual([8, 150, 0])
  one.leave(outer)
  expect([one.tag(), one.text(), one.tag()]).toEqual([18, 'x', 0])
})

test('refuses tags and lengths that no message has', () => {
  expect(() => reader(0).tag()).toThrow('a field numbered 0')
  expect(() => reader(...varintBytes(2n ** 40n)).tag()).toThrow('a field out of range')
  expect(() => reader(...varintBytes(-1n)).enter()).toThrow('a length out of range')
  expect(() => reader(5, 1).enter()).toThrow('beyond its message')
  for (const wireType of [3, 4, 6, 7])
    expect(() => reader(1).skip(8 + wireType)).toThrow(`wire type ${wireType}`)
})
