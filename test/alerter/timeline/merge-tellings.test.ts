import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mergeTellings } from '../../../alerter/timeline/merge-tellings.ts'
import type { Telling } from '../../../alerter/timeline/outcome.ts'

const telling = (reason: Telling['reason'], firing: string, resolved = '', begun = ''): Telling => ({
  id: `${reason} ${firing}`,
  group: 'g',
  integration: 'hook/0',
  atMs: 1,
  reason,
  urgency: 'normal',
  firing: [...firing],
  resolved: [...resolved],
  begun: [...begun],
})

test('of each alert the newest state is told, and nothing is left out', () => {
  const t = (earlier: Telling, later: Telling, wanted: Partial<Telling>) => {
    const { id } = later
    expect(mergeTellings(earlier, later), `${earlier.id}, ${later.id}`).toMatchObject({ id, ...wanted })
  }
  const all = (text: string): string[] => [...text]

  // Begun and ended while nothing could be delivered: one message that says both.
  t(telling('first', 'a', '', 'a'), telling('resolved', '', 'a'), {
    reason: 'first',
    firing: [],
    resolved: all('a'),
    begun: all('a'),
  })
  t(telling('first', 'a', '', 'a'), telling('more', 'ab', '', 'b'), { firing: all('ab'), begun: all('ab') })
  // Held back by now, but nobody has heard of it yet.
  t(telling('first', 'ab', '', 'ab'), telling('repeat', 'b'), { reason: 'first', firing: all('ab') })
  t(telling('resolved', 'b', 'a'), telling('more', 'ab', '', 'a'), { firing: all('ab'), resolved: [] })
  t(telling('resolved', 'b', 'a'), telling('resolved', '', 'b'), { firing: [], resolved: all('ab') })
  t(telling('repeat', 'a'), telling('repeat', 'a'), { reason: 'repeat', firing: all('a'), begun: [] })
})

test('the more urgent one counts, and when the later was decided', () => {
  const one = telling('first', 'a')
  const merged = mergeTellings({ ...one, urgency: 'page' }, { ...one, urgency: 'low', atMs: 7 })
  expect(merged).toMatchObject({ urgency: 'page', atMs: 7 })
  expect(mergeTellings({ ...one, urgency: 'low' }, one).urgency).toBe('normal')
})

// A life of five alerts; each moment is what a group says then.
const names = ['a', 'b', 'c', 'd', 'e']
const life = fc.array(
  fc.record({
    states: fc.array(fc.constantFrom('firing', 'resolved', 'unsaid'), { minLength: 5, maxLength: 5 }),
    begun: fc.subarray(names),
    reason: fc.constantFrom('first' as const, 'more' as const, 'resolved' as const, 'repeat' as const),
    urgency: fc.constantFrom('low' as const, 'normal' as const, 'page' as const),
  }),
  { minLength: 2, maxLength: 6 },
)
const tellings = life.map(moments =>
  moments.map(({ states, begun, reason, urgency }, atMs): Telling => {
    const of = (state: string): string[] => names.filter((_, at) => states[at] === state)
    const [firing, resolved] = [of('firing'), of('resolved')]
    const said = new Set([...firing, ...resolved])
    const heard = begun.filter(each => said.has(each))
    return { ...telling(reason, ''), id: String(atMs), atMs, urgency, firing, resolved, begun: heard }
  }),
)

test('whatever is merged, each alert is in one list, as it was said last', () => {
  fc.assert(
    fc.property(tellings, all => {
      const merged = all.reduce(mergeTellings)
      for (const name of names) {
        const last = all.findLast(({ firing, resolved }) => firing.includes(name) || resolved.includes(name))
        expect(merged.firing.includes(name)).toBe(last?.firing.includes(name) ?? false)
        expect(merged.resolved.includes(name)).toBe(last?.resolved.includes(name) ?? false)
        expect(merged.begun.includes(name)).toBe(all.some(({ begun }) => begun.includes(name)))
      }
      for (const list of [merged.firing, merged.resolved, merged.begun]) {
        expect(list).toEqual([...new Set(list)].toSorted())
      }
    }),
  )
})

test('it does not matter which are merged first', () => {
  fc.assert(
    fc.property(tellings, all => {
      const fromRight = all.reduceRight((later, earlier) => mergeTellings(earlier, later))
      expect(all.reduce(mergeTellings)).toEqual(fromRight)
    }),
  )
})
