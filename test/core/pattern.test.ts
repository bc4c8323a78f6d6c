// Patterns of users cost a bounded amount of memory, whatever they are.
import { expect, test } from 'vitest'
import { matchesPattern, patternGroups, patternSearch, patternTest } from '#core/pattern.ts'

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
