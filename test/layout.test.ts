// Docs and layout are tested, so they cannot drift: every file of the repository against every rule of layout.ts,
// and every rule against a file that breaks it.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { circlesIn } from './circles.ts'
import { doors, type File, importsOf, type Rule, rules } from './layout.ts'

// What is committed, and what would be.
const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { encoding: 'utf8' })
const files: File[] = [...new Set(listed.split('\0'))]
  .filter(path => /\.(ts|cjs|js|json|md|ya?ml|sh|html|css)$|file$|^[^.]+$|^\.[^/]+$|\.ci\/run$/i.test(path))
  .filter(path => existsSync(path))
  .map(path => ({ path, text: readFileSync(path, 'utf8') }))

test('there are files to look at', () => {
  expect(files.length).toBeGreaterThan(20)
  expect(files.flatMap(file => importsOf(file)).length).toBeGreaterThan(20)
})

describe.each(Object.entries(rules))('%s', (_, rule) => {
  test('holds in every file', () => {
    expect(files.flatMap(file => rule(file))).toEqual([])
  })
})

test('files of these rooms do not lead back to themselves', () => {
  const rooms = /^(?:core|promql|collector|rules|alerter|capacity|query|bin)\//
  const known = files.filter(({ path }) => rooms.test(path) && path.endsWith('.ts'))
  expect(circlesIn(known).map(circle => circle.join(' -> '))).toEqual([])
})

test('a circle is found however long it is, and once', () => {
  const file = (path: string, ...targets: string[]): File => ({
    path,
    text: targets.map(target => `import type { A } from '${target}'`).join('\n'),
  })
  const t = (given: readonly File[], ...wanted: string[]) =>
    expect(circlesIn(given).map(circle => circle.join(' '))).toEqual(wanted)

  t([file('core/a.ts', './b.ts', './b/c.ts'), file('core/b.ts', './b/c.ts'), file('core/b/c.ts', 'zod')])
  t([file('core/a.ts', './a.ts')], 'core/a.ts core/a.ts')
  t(
    [file('core/a.ts', './b.ts'), file('core/b.ts', './b/c.ts'), file('core/b/c.ts', '#core/b.ts')],
    'core/b.ts core/b/c.ts core/b.ts',
  )
})

test('every package has a door', () => {
  const manifest = JSON.parse(readFileSync('package.json', 'utf8'))
  const used = new Set(Object.keys(manifest.dependencies))
  expect([...used].filter(name => doors[name] === undefined)).toEqual([])
})

// A rule that cannot fail is none.
const breaks = (rule: Rule, path: string, text: string, said: string): void => {
  const found = rule({ path, text })
  expect(found, `${path}: ${text}`).toHaveLength(1)
  expect(found[0], text).toContain(said)
}
const passes = (rule: Rule, path: string, text: string): void => {
  expect(rule({ path, text }), `${path}: ${text}`).toEqual([])
}

test('imports are found wherever they stand', () => {
  const t = (text: string, ...targets: string[]) =>
    expect(
      importsOf({ path: 'core/a.ts', text }).map(({ target }) => target),
      text,
    ).toEqual(targets)

  t("import { a } from './a.ts'", './a.ts')
  t("import {\n  a,\n  b,\n} from '#core/a.ts'\n", '#core/a.ts')
  t("import './a.ts'", './a.ts')
  t("export { a } from './a.ts'", './a.ts')
  t("export type { A } from './a.ts'", './a.ts')
  t("const a = await import('./a.ts')", './a.ts')
  t("// import { a } from './a.ts'")
  t("export const a = 1\nconst b = 'from'\n")
})

test('rooms know only what they may know', () => {
  const rule = rules.roomsKeepApart
  breaks(rule, 'core/a.ts', "import { b } from '../collector/b.ts'", 'core/a.ts:1 imports ../collector/b.ts')
  breaks(rule, 'core/http/a.ts', "\nimport { b } from '#promql/b.ts'", 'core/http/a.ts:2')
  breaks(rule, 'rules/a.ts', "import { b } from '../alerter/b.ts'", 'rules does not know alerter')
  breaks(rule, 'console/a.ts', "import { b } from '#core/b.ts'", 'console does not know core')
  breaks(rule, 'query/a.ts', "import { b } from '../bin/b.ts'", 'query does not know bin')
  breaks(rule, 'attic/a.ts', '', 'no room')
  passes(rule, 'rules/a.ts', "import { b } from '#promql/b.ts'\nimport { c } from './c.ts'")
  passes(rule, 'bin/a.ts', "import { b } from '../alerter/b.ts'")
})

test('imports are written in two ways', () => {
  const rule = rules.twoImportStyles
  breaks(rule, 'core/a.ts', "import { b } from '#core/b.ts'", 'relative')
  breaks(rule, 'query/a.ts', "import { b } from '../core/b.ts'", 'write #core/b.ts')
  breaks(rule, 'query/a.ts', "import { b } from './b'", 'names no file')
  breaks(rule, 'query/a.ts', "import { b } from '#core/../rules/b.ts'", 'leads out')
  breaks(
    rules.roomsKeepApart,
    'query/a.ts',
    "import { b } from '#core/../rules/b.ts'",
    'query does not know rules',
  )
  passes(rule, 'query/a.ts', "import { b } from '#core/b.ts'\nimport { z } from 'zod'")
})

test('outside things come in by one door', () => {
  const rule = rules.oneDoorEach
  breaks(rule, 'rules/a.ts', "import { Kafka } from 'kafkajs'", 'core/bus/kafka/ only')
  breaks(rule, 'core/a.ts', "import { b } from 'pino'", 'core/log.ts only')
  breaks(rule, 'core/a.ts', "import { b } from 'left-pad/b'", 'no door')
  passes(rule, 'core/pattern.ts', "import { RE2JS } from 're2js'")
  passes(rule, 'core/a.ts', "import { join } from 'node:path'")
})

test('one file reads the time, one folder the environment', () => {
  breaks(rules.oneClock, 'core/a.ts', 'const a = Date.now()', 'core/a.ts:1 Date.now')
  breaks(rules.oneClock, 'core/a.ts', '\nconst a = new Date()', 'core/a.ts:2')
  breaks(rules.oneClock, 'core/a.ts', 'setTimeout(a, 1)', 'setTimeout')
  breaks(
    rules.oneClock,
    'core/a.ts',
    "import { setTimeout as sleep } from 'node:timers/promises'",
    'setTimeout',
  )
  passes(rules.oneClock, 'core/a.ts', "import { setImmediate } from 'node:timers/promises'")
  // How long a socket may be idle is the socket's own.
  passes(rules.oneClock, 'core/a.ts', 'socket.setTimeout(1)')
  passes(rules.oneClock, 'core/a.ts', 'const a = new Date(tMs) // never Date.now()')
  passes(rules.oneClock, 'core/clock.ts', 'const a = Date.now()')
  breaks(rules.oneEnvironment, 'core/http/a.ts', 'const { A } = process.env', 'process.env')
  passes(rules.oneEnvironment, 'core/config/a.ts', 'const { A } = process.env')
})

test('names and headers say something', () => {
  breaks(rules.tellingNames, 'core/utils.ts', '', 'says nothing')
  breaks(rules.tellingNames, 'core/ownMetrics.ts', '', 'kebab-case')
  passes(rules.tellingNames, 'collector/inputs/kernel_log/index.ts', '')
  breaks(rules.header, 'core/a.ts', '// One line is not enough.\nexport const a = 1\n', 'who calls it')
  passes(rules.header, 'core/a.ts', '// What it decides,\n// and who calls it.\nexport const a = 1\n')
  breaks(rules.shortFiles, 'core/a.ts', `// A\n// B\n${'\n'.repeat(260)}`, 'goes on to line 262')
  passes(rules.shortFiles, 'core/a.ts', `// A parser.\n// B\n${'\n'.repeat(260)}`)
  breaks(rules.namedExports, 'core/a.ts', "export * from './b.ts'", 'exports have names')
})

test('no place of one machine is named', () => {
  const rule = rules.noMachineInside
  breaks(rule, 'docs/a.md', `see /ho${'me'}/ann/x`, 'docs/a.md:1')
  breaks(rule, '.npmrc', `fetch=https://regis${'try'}.example.org/`, '.npmrc:1')
  passes(rule, 'docs/a.md', 'https://example.org/home/page and ~/.config and /var/lib/plimsoll')
})
