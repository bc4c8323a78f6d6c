// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is what the configuration expands
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readConfig } from '#core/config.ts'
import { folderWith, good, problemsOf, read } from './files.ts'

test('mistakes of YAML are told with their place', () => {
  const t = (text: string, ...problems: string[]) => expect(problemsOf(text), text).toEqual(problems)

  t('agent:\n\tenabled: true', 'plimsoll.yml:2:1  wanted spaces at the beginning of the line, found a tab')
  t(
    'listen: :1\nlisten: :2',
    'plimsoll.yml:2:1  listen: wanted each key once, found a second one (the first stands in line 1)',
  )
  t(
    'agent: {enabled: true, enabled: true}',
    'plimsoll.yml:1:24  agent.enabled: wanted each key once, found a second one (the first stands in line 1)',
  )
  t('listen: :1\n---\nlisten: :2', 'plimsoll.yml:2:1  wanted one document, found a second one after `---`')
  t('- a', 'plimsoll.yml:1:1  wanted keys with values, like `listen: 127.0.0.1:1876`, found a list')
  t('hello', 'plimsoll.yml:1:1  wanted keys with values, like `listen: 127.0.0.1:1876`, found "hello"')
  t('agent: *nope', 'plimsoll.yml:1:8  agent: wanted an anchor &nope above, found none')
  t('data: "x', 'plimsoll.yml:1:9  wanted YAML, found Missing closing "quote')
  t('data: a: b', 'plimsoll.yml:1:7  wanted YAML, found Nested mappings are not allowed in compact mappings')
  t('data: !text x', 'plimsoll.yml:1:7  wanted YAML, found Unresolved tag: !text')
  t('? [a]\n: 1', 'plimsoll.yml:1:3  ?: wanted a word as key, found something else')
})

test('quotes that are missing are named', () => {
  const t = (text: string, hint: string) => {
    const result = read(text)
    expect(result.ok ? '' : result.problems[0]?.hint, text).toBe(hint)
  }

  t('data: a: b', 'a value with `: ` in it needs quotes')
  t('agent: {host: ${NAME}}', 'between { } or [ ], a value like ${NAME} needs quotes')
})

test('aliases stand for what they name, within a bound', () => {
  expect(good('auth: {anonymous: &a [read]}\ninputs: {x: *a}').inputs).toEqual({ x: ['read'] })

  const t = (text: string) =>
    expect(problemsOf(text)[0]).toContain('wanted at most 100000 values and 64 levels')

  const nines = (name: string) => `[${Array(9).fill(`*${name}`).join(', ')}]`
  const bomb = [...'bcdefgh'].map((name, at) => `${name}: &${name} ${nines('abcdefgh'[at] ?? '')}`)
  t(['a: &a [x]', ...bomb].join('\n'))
  t('inputs: &x [*x]')
  t('inputs: &x {y: *x}')
  t(`inputs: ${'['.repeat(200)}${']'.repeat(200)}`)
})

test('what is no text, or too much, is not parsed', () => {
  const cwd = folderWith()
  const first = () => {
    const result = readConfig({ cwd, env: {} })
    return result.ok ? undefined : result.problems[0]
  }
  writeFileSync(join(cwd, 'plimsoll.yml'), Buffer.from([0x6c, 0xff, 0xfe]))
  expect(first()).toMatchObject({ line: 0, wanted: 'text in UTF-8' })
  writeFileSync(join(cwd, 'plimsoll.yml'), '#'.repeat(5_000_000))
  expect(first()).toMatchObject({ wanted: 'at most 4194304 bytes', found: '5000000 bytes' })
})

test('odd keys are unknown keys and nothing else', () => {
  const t = (text: string, path: string) =>
    expect(problemsOf(text)[0], text).toContain(`${path}: wanted one of`)

  t('__proto__: {listen: ":1"}', '__proto__')
  t('constructor: 1', 'constructor')
  t('<<: {listen: ":1"}', '<<')
  t('12: x', '12')
  t('true: x', 'true')
})
