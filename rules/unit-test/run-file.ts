// A file of unit tests and the rule files that it names → what each test found wrong. Called by `plimsoll test`.
import { dirname, resolve } from 'node:path'
import type { Problem } from '#core/config/problem.ts'
import { textOf } from '#core/config/text-file.ts'
import type { RuleGroup } from '../rule.ts'
import { readRuleFiles } from '../rule-files.ts'
import type { Mistake } from './mistake.ts'
import { runTest } from './run-test.ts'
import { readTestFile, type TestFile } from './test-file.ts'

export type TestResult = Readonly<{ name: string; line: number; mistakes: readonly Mistake[] }>

export type TestFileResult = Readonly<{
  file: string
  // Of the file itself or of its rules; then no test was run.
  problems: readonly Problem[]
  warnings: readonly Problem[]
  // Patterns of rule files that find nothing.
  idle: readonly string[]
  tests: readonly TestResult[]
}>

// `isWanted` chooses tests by name.
export type Choice = Readonly<{ cwd: string; isWanted(name: string): boolean }>

export function runTestFile(file: string, { cwd, isWanted }: Choice): TestFileResult {
  const path = resolve(cwd, file)
  const nothing = { file, problems: [], warnings: [], idle: [], tests: [] }
  const text = textOf(path)
  if (typeof text !== 'string') {
    return { ...nothing, problems: [{ file, line: 0, column: 0, path: '', ...text }] }
  }
  const read = readTestFile(file, text)
  if (!read.ok) return { ...nothing, problems: read.problems }
  const folder = dirname(path)
  const patterns = read.file.ruleFiles.map(pattern => ({ folder, pattern }))
  const { files, idle } = readRuleFiles(patterns, { cwd, mayBeAbsent: true })
  const rest = {
    file,
    warnings: files.flatMap(({ warnings }) => warnings),
    idle: idle.map(({ pattern }) => pattern),
  }
  const problems = files.flatMap(each => each.problems)
  if (problems.length > 0) return { ...rest, problems, tests: [] }
  const groups = ordered(
    files.flatMap(each => each.groups),
    read.file,
  )
  const tests = read.file.tests
    .filter(({ name }) => isWanted(name))
    .map(test => ({ name: test.name, line: test.line, mistakes: runTest(test, { ...read.file, groups }) }))
  return { ...rest, problems, tests }
}

// Those that are not named count as the first that is.
function ordered(groups: readonly RuleGroup[], { order }: TestFile): RuleGroup[] {
  const place = ({ name }: RuleGroup): number => Math.max(0, order.indexOf(name))
  return groups.toSorted((a, b) => place(a) - place(b))
}
