// Parameters that wait outside of the heap are the same when they are asked for.
import { CompiledQuery } from 'kysely'
import { expect, test } from 'vitest'
import { Packed } from '#core/state/packed.ts'

test('a packed statement is what it was made of, as often as it is asked', () => {
  const query = CompiledQuery.raw('insert into t values (?, ?, ?, ?)')
  const four = ['märz "1" 😀', null, 1_795_000_000_123, '']
  const few = new Packed(query, four)
  expect(few.bytes).toBeUndefined()
  expect(few.parameters).toEqual(four)
  const parameters = Array.from({ length: 256 }, () => four).flat()
  const packed = new Packed(query, parameters)
  expect(packed.compile()).toBe(packed)
  expect([packed.sql, packed.query, packed.queryId]).toEqual([query.sql, query.query, query.queryId])
  expect(packed.parameters).toEqual(parameters)
  expect(packed.parameters).toEqual(parameters)
})

test('when it is freed its bytes are gone at once', () => {
  const packed = new Packed(CompiledQuery.raw('select ?'), Array<string>(1_000).fill('x'))
  expect(packed.bytes?.byteLength).toBeGreaterThan(1_000)
  packed.free()
  expect(packed.bytes?.byteLength).toBe(0)
})
