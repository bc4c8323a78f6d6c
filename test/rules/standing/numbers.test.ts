import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Numbers, numbersText, readNumbers, together } from '../../../rules/standing/numbers.ts'

const time = fc.integer({ min: 0, max: 5 })
const numbers: fc.Arbitrary<Numbers> = fc.oneof(
  fc.record({
    health: fc.constantFrom('ok' as const, 'unknown' as const),
    evaluatedAtMs: time,
    tookMs: time,
  }),
  fc.record({ health: fc.constant('err' as const), error: fc.string(), evaluatedAtMs: time, tookMs: time }),
  fc.record({ health: fc.constant('unknown' as const), tookMs: fc.constant(0) }),
)

test('all together are as bad as the worst, as new as the newest and as slow as the slowest', () => {
  fc.assert(
    fc.property(fc.array(numbers, { maxLength: 6 }), all => {
      const one = together(all)
      const healths = all.map(each => each.health)
      const worst = (['err', 'ok'] as const).find(each => healths.includes(each)) ?? 'unknown'
      expect(one.health).toBe(worst)
      const times = all.flatMap(each => each.evaluatedAtMs ?? [])
      expect(one.evaluatedAtMs).toBe(times.length === 0 ? undefined : Math.max(...times))
      expect(one.tookMs).toBe(Math.max(0, ...all.map(each => each.tookMs)))
      const failing = all.filter(each => each.health === 'err')
      const lastMs = Math.max(...failing.map(each => each.evaluatedAtMs!))
      const last = failing.filter(each => each.evaluatedAtMs === lastMs).map(each => each.error)
      if (worst === 'err') expect(last).toContain(one.error)
      else expect(one).not.toHaveProperty('error')
    }),
  )
})

test('one alone is what it is, and comes back as it was written', () => {
  fc.assert(
    fc.property(numbers, fc.string({ unit: 'binary' }), (each, rule) => {
      expect(together([each])).toEqual(each)
      const text = numbersText(new Map([[rule, each]]))
      expect(readNumbers(text, 'here')).toEqual([[rule, each]])
    }),
  )
})

test('an error of any length takes little place', () => {
  const failing = { health: 'err', error: 'x'.repeat(1_000_000), tookMs: 0 } as const
  expect(together([failing, failing]).error).toHaveLength(1_000)
})

test('what are no numbers is told by whose they are', () => {
  const t = (text: string) =>
    expect(() => readNumbers(text, 'row 7'), text).toThrow('row 7: wanted how rules do')

  t('')
  t('null')
  t('7')
  t('{"a":')
})
