// Do the documents say what the code does? Those made from tables word for word; of the others, that every link,
// script and file that they name exists.
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { commands } from '../bin/commands.ts'
import { documents } from '../docs/generate.ts'

// Without what is commented out.
const read = (file: string): string => readFileSync(file, 'utf8').replaceAll(/<!--.*?-->/gs, '')
const pages = [
  'README.md',
  'README.zh-CN.md',
  'CHANGELOG.md',
  ...globSync('docs/**/*.md'),
  ...globSync('*/**/README.md'),
]
  .filter(page => !page.startsWith('node_modules'))
  .sort()
const { scripts } = JSON.parse(read('package.json'))

test.each(Object.entries(documents))('%s is what its table says (mend: npm run docs)', (file, text) => {
  expect(existsSync(file) ? read(file) : 'absent').toBe(text())
})

test('links lead somewhere', () => {
  const broken = pages.flatMap(page =>
    [...read(page).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)]
      .map(([, target = '']) => target)
      .filter(target => !existsSync(join(dirname(page), decodeURI(target))))
      .map(target => `${page} links to ${target}`),
  )
  expect(broken).toEqual([])
})

test('files named in code letters exist', () => {
  const named =
    /`((?:bin|core|promql|collector|query|test|docs|bench|dashboards|\.ci)\/[\w./-]+?\.(?:ts|cjs|md|json|yml))`/g
  const broken = pages
    .filter(page => page !== 'CHANGELOG.md')
    .flatMap(page => [...read(page).matchAll(named)].map(([, file = '']) => ({ page, file })))
    .filter(({ file }) => !existsSync(file))
  expect(broken).toEqual([])
})

test('scripts and commands that are named exist', () => {
  for (const page of pages) {
    for (const [, script = ''] of read(page).matchAll(/\bnpm run ([\w:]+)/g)) {
      expect(scripts, `${page}: npm run ${script}`).toHaveProperty([script])
    }
    for (const [, word = ''] of read(page).matchAll(/(?:`|npx |bin\/)plimsoll ([a-z]+)\b/g)) {
      const known = commands.some(({ name }) => name.split(' ')[0] === word)
      expect(known, `${page}: plimsoll ${word}`).toBe(true)
    }
  }
})

test('both readmes show the same commands', () => {
  const shown = (file: string): string[] =>
    [...read(file).matchAll(/```sh\n([^`]*)```/g)].map(([, block = '']) => block.replaceAll(/ +#.*$/gm, ''))
  expect(shown('README.zh-CN.md')).toEqual(shown('README.md'))
  for (const command of ['npm ci && npm start', 'npm ci && npm test']) {
    expect(shown('README.md').join(''), command).toContain(`${command}\n`)
  }
})

test('both readmes have the same parts and tables, and claim the same', () => {
  const parts = (file: string): string[] =>
    read(file)
      .replaceAll(/^```.*?^```$/gms, '')
      .split('\n')
      .flatMap(line => /^#+(?= )|^\|(?= ?\S)/.exec(line)?.[0] ?? [])
  expect(parts('README.zh-CN.md')).toEqual(parts('README.md'))
  // Names and numbers are written alike in both languages.
  const figures = (file: string): string[] => read(file).match(/^\| \w+\.test \|.*$/gm) ?? []
  expect(figures('README.zh-CN.md')).toEqual(figures('README.md'))
  expect(figures('README.md').length).toBeGreaterThan(0)
})

test('decisions are numbered, and each has its five parts', () => {
  const decisions = globSync('docs/decisions/*.md').sort()
  const numbers = decisions.map(file => file.slice('docs/decisions/'.length).slice(0, 4))
  expect(numbers).toEqual([...new Set(numbers)])
  for (const file of decisions) {
    const number = file.slice('docs/decisions/'.length).slice(0, 4)
    expect(read(file), file).toMatch(new RegExp(`^# ${number}: \\S`))
    for (const part of ['Objective', 'What it is', 'What it is not', 'Prior art', 'Consequences']) {
      expect(read(file), `${file}: ${part}`).toContain(`**${part}`)
    }
  }
})

test('changes are written for the operator', () => {
  const odd = read('CHANGELOG.md')
    .split('\n')
    .filter(line => line.startsWith('- ') && !/^- \[(?:FEATURE|CHANGE|FIX)\] [A-Z`].*\.$/.test(line))
  expect(odd).toEqual([])
})
