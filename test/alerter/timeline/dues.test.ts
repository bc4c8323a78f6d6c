import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Dues } from '../../../alerter/timeline/dues.ts'

test('the earliest first, equal ones by name, each once and when it is due', () => {
  const dues = new Dues()
  expect([dues.nextMs, dues.take(1_000)]).toEqual([Number.POSITIVE_INFINITY, undefined])
  dues.set('b', 5)
  dues.set('c', 3)
  dues.set('a', 5)
  expect(dues.nextMs).toBe(3)
  expect(dues.take(2)).toBeUndefined()
  expect([dues.take(5), dues.take(5), dues.take(5), dues.take(5)]).toEqual(['c', 'a', 'b', undefined])
})

test('whatever is set and deleted, what is due is what a list would say', () => {
  const name = fc.constantFrom('a', 'b', 'c', 'd', 'e')
  const deed = fc.oneof(
    fc.record({ kind: fc.constant('set' as const), name, atMs: fc.nat({ max: 9 }) }),
    fc.record({ kind: fc.constant('delete' as const), name }),
    fc.record({ kind: fc.constant('take' as const), atMs: fc.nat({ max: 9 }) }),
  )
  fc.assert(
    fc.property(fc.array(deed, { maxLength: 200 }), deeds => {
      const dues = new Dues()
      const list = new Map<string, number>()
      const first = () => [...list].sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1))[0]
      for (const each of deeds) {
        if (each.kind === 'set') {
          dues.set(each.name, each.atMs)
          list.set(each.name, each.atMs)
        } else if (each.kind === 'delete') {
          dues.delete(each.name)
          list.delete(each.name)
        } else {
          const [wanted, dueMs = Number.POSITIVE_INFINITY] = first() ?? []
          expect(dues.take(each.atMs)).toBe(dueMs <= each.atMs ? wanted : undefined)
          if (dueMs <= each.atMs) list.delete(wanted!)
        }
        expect(dues.nextMs).toBe(first()?.[1] ?? Number.POSITIVE_INFINITY)
      }
    }),
  )
})
