import fc from 'fast-check'
import { expect, test } from 'vitest'
import { labelsOf } from '#core/labels.ts'
import type { MatchOp } from '#core/model.ts'
import { labelMatcher, matchersText, sortedMatchers } from '../../alerter/matcher.ts'
import { readMatcher, readMatchers } from '../../alerter/matcher-text.ts'

// The expected texts are what `amtool config show` 0.31 makes of the same input.
test('matchers are read in the new way and in the old one', () => {
  const t = (text: string, wanted: string) =>
    expect(matchersText(readMatchers(text).matchers), text).toBe(wanted)

  t('', '{}')
  t('{}', '{}')
  t('foo=bar', '{foo="bar"}')
  t('foo="bar"', '{foo="bar"}')
  t('{foo = "bar", dings != "bums", }', '{foo="bar",dings!="bums"}')
  t('foo=bar, dings!=bums', '{foo="bar",dings!="bums"}')
  t('statuscode=~"5.."', '{statuscode=~"5.."}')
  t(
    'contains_quote != "\\"" , contains_comma !~ "foo,bar" , ',
    '{contains_quote!="\\"",contains_comma!~"foo,bar"}',
  )
  t(
    '{quote="She said: \\"Hi, ladies! That\'s gender-neutral…\\""}',
    '{quote="She said: \\"Hi, ladies! That\'s gender-neutral…\\""}',
  )
  // New only.
  t('{name-with-dashes = "bar"}', '{name-with-dashes="bar"}')
  t('"name with spaces" = bar', '{"name with spaces"="bar"}')
  t('"a\\tb"="c\\nd"', '{"a\\tb"="c\\nd"}')
  t('größe=🙂', '{größe="🙂"}')
  t('"🙂"=~"\\U0001f642|x"', '{🙂=~"🙂|x"}')
  // Old only.
  t('job=', '{job=""}')
  t('{foo=bar}}', '{foo="bar}"}')
  t('{foo=bar}},}', '{foo="bar}}"}')
  t('{foo=,bar=}}', '{foo="",bar="}"}')
  t('tricky=~~~', '{tricky=~"~~"}')
  t('trickier==\\\\=\\=\\"', '{trickier="=\\\\=\\\\=\\""}')
  t('{foo=bar\\t}', '{foo="bar\\\\t"}')
  t('foo={a', '{foo="{a"}')
  t('foo=bar}', '{foo="bar"}')
  t('job:a=b', '{job:a="b"}')
  t("foo='bar'", '{foo="\'bar\'"}')
})

test('where the two ways differ, the old one counts and says so', () => {
  const t = (text: string, wanted: string, doubt: string | undefined) => {
    const read = readMatchers(text)
    expect(matchersText(read.matchers), text).toBe(wanted)
    expect(read.doubt, text).toBe(doubt)
  }

  t('foo="bar"', '{foo="bar"}', undefined)
  t('"a b"=c', '{"a b"="c"}', undefined)
  t('foo="\\\\w+"', '{foo="\\\\w+"}', undefined)
  // Go's \t is a tab, the old reading leaves it alone.
  t(
    'foo="a\\tb"',
    '{foo="a\\\\tb"}',
    'the old and the new way of reading it differ, and the old one counts; for the same in both: foo="a\\\\tb"',
  )
  t(
    'foo=~"\\d+"',
    '{foo=~"\\\\d+"}',
    'only the old way of reading it works; for the same in both: foo=~"\\\\d+"',
  )
})

test('what is no matcher is refused', () => {
  const t = (text: string, wanted: string) => expect(() => readMatchers(text), text).toThrow(wanted)

  t('foo', 'bad_matcher: wanted a name, one of = != =~ !~ and a value, like severity="page", found foo')
  t('{,}', 'wanted a name')
  t(',', 'wanted a name')
  t('=x', 'wanted a name')
  t('a=b,,c=d', 'wanted a name')
  t('job="value', 'wanted a quote at the end of the value, found job="value')
  t('job=value"', 'wanted quotes around the whole value')
  t('foo = foo"bar', 'wanted quotes around the whole value')
  t('"foo=\\"bar"', 'wanted a name')
  t('foo=~"invalid[regexp"', 'bad_pattern')
  t('foo=~"(?=x)"', 'bad_pattern')
  t('"a b"=~"["', 'wanted a name')
  t(`a="${'x'.repeat(300_000)}"`, 'wanted at most 262144 characters, found 300004')
})

test('one matcher stands alone', () => {
  expect(readMatcher('a!~"b"')).toMatchObject({ name: 'a', op: '!~', value: 'b' })
  const t = (text: string, wanted: string) => expect(() => readMatcher(text), text).toThrow(wanted)

  t('{a="b"}', 'wanted a matcher without { and }')
  t('a="b",c="d"', 'wanted quotes around the whole value')
  t('', 'wanted a name, one of = != =~ !~ and a value, like severity="page", found nothing')
  // As Alertmanager reads filters.
  expect(readMatcher('a=b,c')).toMatchObject({ name: 'a', op: '=', value: 'b,c' })
  expect(readMatcher('a=b,c=d')).toMatchObject({ name: 'a', op: '=', value: 'b,c=d' })
  expect(readMatcher('"a b"="c,d"')).toMatchObject({ name: 'a b', op: '=', value: 'c,d' })
})

test('expressions are anchored, an absent label is empty, and a dot takes no newline', () => {
  const t = (text: string, value: string, wanted: boolean) =>
    expect(readMatcher(text).matches(labelsOf([['a', value]])), `${text} on ${JSON.stringify(value)}`).toBe(
      wanted,
    )

  t('a="b"', 'b', true)
  t('a="b"', 'bb', false)
  t('a!="b"', '', true)
  t('a=""', '', true)
  t('a=~"b|c"', 'c', true)
  t('a=~"b|c"', 'cc', false)
  t('a=~"b?"', '', true)
  t('a!~".+"', '', true)
  t('a!~".+"', 'x', false)
  t('a=~"(?i)B"', 'b', true)
  t('a=~".*"', 'x\ny', false)
  t('a=~"(?s).*"', 'x\ny', true)
  t('a=~"x\\ny"', 'x\ny', true)
  t('a!~".*"', 'x\ny', true)
})

test('the order is Alertmanager’s: by name, by value, by operator', () => {
  const matchers = ['b!=x', 'b=~x', 'a=~y', 'b=x', 'a=z', 'b!~x'].map(readMatcher)
  expect(matchersText(sortedMatchers(matchers))).toBe('{a=~"y",a="z",b="x",b!="x",b=~"x",b!~"x"}')
})

test('what is printed is read as the same', () => {
  const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 })
  const value = fc.string({ unit: 'grapheme', maxLength: 12 })
  const plain = fc.record({ name, op: fc.constantFrom<MatchOp>('=', '!='), value })
  const pattern = fc.record({
    name,
    op: fc.constantFrom<MatchOp>('=~', '!~'),
    value: fc.constantFrom('a|b', '.*', 'x\\.y', '"\\d+"', 'ü+\n', '\\\\'),
  })
  fc.assert(
    fc.property(fc.array(fc.oneof(plain, pattern), { maxLength: 4 }), wanted => {
      const text = matchersText(wanted.map(labelMatcher))
      const read = readMatchers(text)
      expect(read.matchers.map(({ name, op, value }) => ({ name, op, value }))).toEqual(wanted)
    }),
    { numRuns: 500 },
  )
})

test('no text does anything but be read or refused', () => {
  const pieces = fc.constantFrom(
    '{',
    '}',
    ',',
    '=',
    '!',
    '~',
    '"',
    '\\',
    'a',
    'foo',
    ' ',
    'é',
    '\n',
    "'",
    '=~',
    '!=',
  )
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 12 }), parts => {
      const text = parts.join('')
      try {
        const { matchers } = readMatchers(text)
        expect(readMatchers(matchersText(matchers)).matchers.length).toBe(matchers.length)
      } catch (cause) {
        expect(String(cause)).toMatch(/bad_matcher|bad_pattern/)
      }
    }),
    { numRuns: 2_000 },
  )
})
