import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Labels, Matcher } from '#core/model.ts'
import { labelMatcher } from '../../../alerter/matcher.ts'
import { isSilencing, type Silence } from '../../../alerter/silences/silence.ts'
import { SilenceIndex } from '../../../alerter/silences/silence-index.ts'
import { runs } from '../../runs.ts'
import { workedMs } from '../../worked.ts'

const names = ['host', 'job', 'team']
const values = ['a', 'b', 'c', '']
const labels = fc.dictionary(fc.constantFrom(...names), fc.constantFrom('a', 'b', 'c'))
const matcher: fc.Arbitrary<Matcher> = fc.oneof(
  fc.record({
    name: fc.constantFrom(...names),
    op: fc.constantFrom('=' as const, '!=' as const),
    value: fc.constantFrom(...values),
  }),
  fc.record({
    name: fc.constantFrom(...names),
    op: fc.constantFrom('=~' as const, '!~' as const),
    value: fc.constantFrom('a|b', '.*', '.+', 'a.*', '[bc]'),
  }),
)
const ids = Array.from({ length: 150 }, (_, at) => `s${at}`)
const silence: fc.Arbitrary<Silence> = fc
  .record({
    id: fc.constantFrom(...ids),
    matchers: fc.array(matcher, { minLength: 1, maxLength: 3 }),
    startsAtMs: fc.nat(100),
    lastsMs: fc.nat(100),
  })
  .map(({ lastsMs, ...each }) => ({
    ...each,
    endsAtMs: each.startsAtMs + lastsMs,
    updatedAtMs: 0,
    createdBy: '',
    comment: '',
  }))

type Step =
  | Readonly<{ put: Silence }>
  | Readonly<{ drop: string }>
  | Readonly<{ ask: Labels; waitMs: number }>
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: silence.map(put => ({ put })) },
  { weight: 1, arbitrary: fc.constantFrom(...ids).map(drop => ({ drop })) },
  { weight: 2, arbitrary: fc.record({ ask: labels, waitMs: fc.integer({ min: -9, max: 15 }) }) },
)

test('answers as a loop over all of them would, whatever was made, changed and ended before, and where a clock is set back', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300, size: 'max' }), steps => {
      const index = new SilenceIndex()
      const plain = new Map<string, Silence>()
      let nowMs = 0
      for (const each of steps) {
        if ('put' in each) {
          index.put(each.put)
          plain.set(each.put.id, each.put)
        } else if ('drop' in each) {
          index.delete(each.drop)
          plain.delete(each.drop)
        } else {
          nowMs += each.waitMs
          const wanted = [...plain.values()]
            .filter(one => isSilencing(one, nowMs))
            .filter(one => one.matchers.every(matcher => labelMatcher(matcher).matches(each.ask)))
            .map(({ id }) => id)
          expect(index.silencedBy(each.ask, nowMs)).toEqual(wanted.sort())
        }
      }
    }),
    { numRuns: runs(40) },
  )
})

test('thousands of silences cost an alert next to nothing', () => {
  const index = new SilenceIndex()
  for (let at = 0; at < 5_000; at++) {
    const matchers: Matcher[] = [
      { name: 'severity', op: '=~', value: 'warning|info' },
      { name: 'host', op: '=', value: `web-${at}` },
    ]
    const times = { startsAtMs: 0, endsAtMs: 10, updatedAtMs: 0 }
    index.put({ id: `s${at}`, matchers, ...times, createdBy: '', comment: '' })
  }
  const beganMs = workedMs()
  const found = Array.from({ length: 20_000 }, (_, at) =>
    index.silencedBy({ severity: 'info', host: `web-${at}` }, 5),
  )
  // A loop over all of them takes some ten seconds.
  expect(workedMs() - beganMs).toBeLessThan(2_000)
  expect(found).toEqual(found.map((_, at) => (at < 5_000 ? [`s${at}`] : [])))
})
