import { expect, test } from 'vitest'
import { good, problemsOf } from './files.ts'

test('lists follow each other and maps merge', () => {
  const config = good({
    'plimsoll.yml': 'include: [conf.d/*.yml]\nauth: {anonymous: [read]}\nagent: {tags: {a: "1"}}',
    'conf.d/20.yml': 'auth: {anonymous: [operate]}\nagent: {tags: {c: "3"}}',
    'conf.d/10.yml': 'auth: {anonymous: [write]}\nagent: {tags: {b: "2"}, enabled: false}',
    'conf.d/ignored.txt': 'listen: nonsense',
  })
  // Files of one pattern by name.
  expect(config.auth.anonymous).toEqual(['read', 'write', 'operate'])
  expect(config.agent).toMatchObject({ enabled: false, tags: { a: '1', b: '2', c: '3' } })
})

test('a value that stands twice is a problem that names both places', () => {
  const files = { 'plimsoll.yml': 'include: a.yml\nlisten: :1', 'a.yml': '\nlisten: :1' }
  expect(problemsOf(files)).toEqual([
    'a.yml:2:9  listen: wanted each value in one place only, found a second one (the first stands in plimsoll.yml:2)',
  ])
  expect(
    problemsOf({ 'plimsoll.yml': 'include: a.yml\nagent: {tags: {}}', 'a.yml': 'agent: {tags: []}' }),
  ).toHaveLength(1)
})

test('problems of every file are told at once, with their own names', () => {
  const files = {
    'plimsoll.yml': 'include: [sub/a.yml]\nlanguage: fr',
    'sub/a.yml': 'include: b.yml\nlimits: {tags: 0}',
    'sub/b.yml': 'log: {level: loud}',
  }
  expect(problemsOf(files)).toEqual([
    'plimsoll.yml:2:11  language: wanted one of en, zh, found "fr"',
    'sub/a.yml:2:16  limits.tags: wanted a whole number from 1 up, found 0',
    'sub/b.yml:1:14  log.level: wanted one of debug, info, warn, error, found "loud"',
  ])
})

test('files that include each other are refused', () => {
  const t = (files: Record<string, string>, problem: string) => expect(problemsOf(files)).toEqual([problem])

  t(
    { 'plimsoll.yml': 'include: plimsoll.yml' },
    'plimsoll.yml:1:10  include: wanted files that do not include each other, found plimsoll.yml → plimsoll.yml',
  )
  t(
    { 'plimsoll.yml': 'include: [a.yml]', 'a.yml': 'include: [b.yml]', 'b.yml': 'include: [a.yml]' },
    'b.yml:1:11  include: wanted files that do not include each other, found plimsoll.yml → a.yml → b.yml → a.yml',
  )
})

test('a file that several patterns match is read once, and a pattern never means its own file', () => {
  const files = { 'plimsoll.yml': 'include: ["*.yml", a.yml]', 'a.yml': 'auth: {anonymous: [read]}' }
  expect(good(files).auth.anonymous).toEqual(['read'])
})

test('a path must exist, a pattern need not match', () => {
  expect(problemsOf('include: nix.yml')).toEqual([
    'plimsoll.yml:1:10  include: wanted a readable file at nix.yml, found no such file',
  ])
  expect(problemsOf('include: ["conf.d/*.yml"]')).toEqual([])
  expect(problemsOf('include:\n')).toEqual([])
})

test('what is no path is refused', () => {
  const t = (text: string, path: string) =>
    expect(problemsOf(text)[0], text).toContain(`${path}: wanted the path of a file`)

  t('include: 5', 'include')
  t('include: {a: b}', 'include')
  t('include: [[b.yml], a.yml]', 'include[0]')
  t('include: ""', 'include')
})
