// The rule files that patterns find, read together: their rules are told apart over all of them. Called by the engine,
// by `plimsoll check` and by unit tests.
import { existsSync, globSync } from 'node:fs'
import { basename, isAbsolute, join, resolve } from 'node:path'
import { didYouMean, type Problem } from '#core/config/problem.ts'
import { textOf } from '#core/config/text-file.ts'
import type { RulePattern } from '#core/config.ts'
import { isPackFile, packNames } from './packs.ts'
import { type RuleFile, readRuleFile } from './rule-file.ts'
import { openRuleIds } from './rule-ids.ts'

export type RuleFiles = Readonly<{
  files: readonly RuleFile[]
  // That found nothing.
  idle: readonly RulePattern[]
}>

const filesMax = 10_000
const tooMany = { wanted: `at most ${filesMax} rule files`, found: 'more' }

// Files of one pattern by name; one that several patterns find is read once. Messages name those below `cwd` from
// there.
export function readRuleFiles(
  patterns: readonly RulePattern[],
  { cwd, mayBeAbsent = false }: Readonly<{ cwd: string; mayBeAbsent?: boolean }>,
): RuleFiles {
  const ids = openRuleIds()
  const paths = new Map<string, string>()
  const idle: RulePattern[] = []
  for (const each of patterns) {
    const found = matching(each).filter(path => !mayBeAbsent || existsSync(path))
    if (found.length === 0) idle.push(each)
    for (const path of found) if (!paths.has(path)) paths.set(path, shownFrom(cwd, path))
  }
  const files = [...paths].slice(0, filesMax + 1).map(([path, shown], at) => {
    const text = at < filesMax ? textOf(path) : tooMany
    if (typeof text === 'string') return readRuleFile(shown, text, ids)
    const problem = packTrouble(path) ?? { file: shown, line: 0, column: 0, path: '', ...text }
    return { file: shown, groups: [], problems: [problem], warnings: [] }
  })
  return { files, idle }
}

// Of a name in `packs` that is none: where its file would lie helps nobody.
function packTrouble(path: string): Problem | undefined {
  const found = basename(path, '.yml')
  const names: readonly string[] = packNames
  if (!isPackFile(path) || names.includes(found)) return undefined
  const hint = didYouMean(found, names)
  const place = { file: 'packs', line: 0, column: 0, path: '' }
  return { ...place, wanted: `one of ${names.join(', ')}`, found, ...(hint && { hint }) }
}

// A plain path is found even where there is nothing, so that somebody says so.
function matching({ folder, pattern }: RulePattern): string[] {
  if (!/[*?[\]{}]/.test(pattern)) return [resolve(folder, pattern)]
  const found = globSync(pattern, { cwd: folder }).sort()
  return found.map(path => (isAbsolute(path) ? path : join(folder, path)))
}

const shownFrom = (cwd: string, path: string): string =>
  path.startsWith(`${cwd}/`) ? path.slice(cwd.length + 1) : path
