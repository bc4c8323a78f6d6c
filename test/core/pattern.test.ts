// Patterns of users cost a bounded amount of memory, whatever they are.
import fc from 'fast-check'
import { RE2JS } from 're2js'
import { expect, test } from 'vitest'
import { matchesPattern, patternGroups, patternSearch, patternTest } from '#core/pattern.ts'
import { stepsIn } from '#core/pattern-steps.ts'
import { runs } from '../runs.ts'
import { workedMs } from '../worked.ts'

test('refuses what would unfold to a giant, and what is one already', () => {
  const t = (pattern: string) =>
    expect(() => patternTest(pattern), pattern.slice(0, 40)).toThrow('bad_pattern')
  t('(a{1000}){1000}')
  t('((a{100}){100}){100}')
  t(`${'('.repeat(5_000)}a${')'.repeat(5_000)}`)
  t('[^a]'.repeat(20_000))
})

test('takes lists of thousands of hosts, with and without brackets', () => {
  const hosts = Array.from({ length: 5_000 }, (_, at) => `host-${at}`)
  expect(matchesPattern(hosts.join('|'), 'host-4999')).toBe(true)
  expect(matchesPattern(`(${hosts.join('|')})`, 'host-4999')).toBe(true)
  expect(matchesPattern(`(${hosts.join('|')})`, 'host-5000')).toBe(false)
})

test('answers the same when it has forgotten what it knew', () => {
  for (let pattern = 0; pattern < 110; pattern++) {
    const test = patternTest(`x[${pattern}]?`)
    for (let text = 0; text < 9_999; text++) test(`y${text}`)
  }
  expect([matchesPattern('x[1]?', 'x1'), matchesPattern('x[1]?', 'y1')]).toEqual([true, false])
})

test('searches inside of a text', () => {
  const t = (pattern: string, text: string, wanted: readonly string[]) =>
    expect(
      [...patternSearch(pattern)(text)].map(({ from, to }) => `${from}-${to}`),
      pattern,
    ).toEqual(wanted)
  t('a+', 'xaayz a', ['1-3', '6-7'])
  // An empty match that touches the one before is none.
  t('a*', 'baac', ['0-0', '1-3', '4-4'])
  t('a.b', 'a\nb', [])
  const [found] = patternSearch('(?P<n>\\d)(x)?')('a7')
  expect([
    found?.group(0),
    found?.group('n'),
    found?.group(2),
    found?.group(9),
    found?.group('constructor'),
  ]).toEqual(['7', '7', '', '', ''])
  expect(() => patternSearch('(')).toThrow('bad_pattern')
})

test('tells what the groups of a whole text hold', () => {
  const t = (pattern: string, text: string, wanted: Readonly<Record<string, string>> | undefined) => {
    const found = patternGroups(pattern)(text)
    expect(found === undefined ? undefined : Object.fromEntries(found), pattern).toEqual(wanted)
  }
  t('(a)(b)?', 'a', { 0: 'a', 1: 'a', 2: '' })
  t('(?P<n>.)x', 'ax', { 0: 'ax', 1: 'a', n: 'a' })
  t('a.b', 'a\nb', { 0: 'a\nb' })
  t('a', 'ab', undefined)
  expect(() => patternGroups('(')).toThrow('bad_pattern')
})

test('what it repeats counts as often as it repeats it, before any of it is made', () => {
  const t = (pattern: string) =>
    expect(() => patternTest(pattern), pattern.slice(0, 40)).toThrow('wanted at most')
  t('a{1000}'.repeat(11))
  t('(a{10}){100}'.repeat(20))
  t(`(${'y'.repeat(200)}[[:alpha:](]){100}`)
  t(`(${'y'.repeat(200)}\\Q(\\E){100}`)
  t(`(${'y'.repeat(200)}[(]){100}`)

  const passes = (pattern: string, text: string) => expect(patternTest(pattern)(text), pattern).toBe(true)
  passes('.{1,1000}', 'x')
  passes('[a-f0-9]{8}-([a-f0-9]{4}-){3}[a-f0-9]{12}', '6fdc079b-e1a8-432f-ae14-d511e34927cc')
  passes('\\pL{10}\\x{1F600}[]a]{3}', `${'a'.repeat(10)}😀a]a`)
  // Quoted, this repeats nothing.
  passes('\\Q{1000}{1000}\\E.?', '{1000}{1000}')
})

test('steps are about those that the engine makes, and are counted in time linear in the text', () => {
  const pieces = ['a', '[^](]', '\\.', '(?:ab|c)', '(x{3})', 'y{2,5}', 'z*', '\\pL', '[[:alpha:]]', '{1', '|']
  const piece = fc.oneof(
    fc.constantFrom(...pieces),
    fc.constantFrom(...pieces).map(each => `(${each}b){4}`),
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), all => {
      const pattern = all.join('')
      const made = RE2JS.compile(pattern).programSize()
      expect(2 * stepsIn(pattern) + 5).toBeGreaterThanOrEqual(made)
      expect(stepsIn(pattern)).toBeLessThanOrEqual(2 * made + 20)
    }),
    { numRuns: runs(40) },
  )
  const beganMs = workedMs()
  for (const sign of ['[', '(', '{1', '\\p{', '[[:a:', '\\Q']) stepsIn(sign.repeat(20_000))
  expect(workedMs() - beganMs).toBeLessThan(500)
})
