// `plimsoll check`: every problem of the configuration and of its rule files, or in a few lines what it would run.
// Called by run.ts.
import { resolve } from 'node:path'
import { type ConfigRead, type Problem, type RulePattern, readConfig } from '#core/config.ts'
import { inputsSchema } from '../../collector/inputs/index.ts'
import { farSighted, unwritten } from '../../rules/findings.ts'
import { isRuleFile, type RuleFile } from '../../rules/rule-file.ts'
import { readRuleFiles, textOf } from '../../rules/rule-files.ts'
import { checkedText } from '../check-view.ts'
import type { Call, Command } from '../command.ts'
import { paintFor } from '../paint.ts'

// What the files named, or the configuration in use, came to.
export type Checked = Readonly<{
  configs: readonly ConfigRead[]
  rules: readonly RuleFile[]
  problems: readonly Problem[]
  warnings: readonly Problem[]
}>

export const command: Command = async call => {
  const { text, on, io } = call
  const named = call.args.length > 0 ? call.args : [text['config']]
  const isOfRules = (path: string | undefined): boolean => holdsRules(path, io.cwd)
  const configs = named.filter(path => !isOfRules(path)).map(path => checkConfig(path, call))
  const patterns = named.filter(isOfRules).map(path => ({ folder: io.cwd, pattern: path ?? '' }))
  const checked = joined([...configs, checkRules(patterns, defaultWindowMs, call)])
  const { problems, warnings, rules } = checked
  const ok = problems.length === 0 && !(on.has('strict') && warnings.length > 0)
  if (on.has('json')) {
    const file = checked.configs[0]?.file ?? null
    const counts = rules.map(each => ({ file: each.file, groups: each.groups.length, rules: countOf(each) }))
    io.out(`${JSON.stringify({ ok, file, problems, warnings, rules: counts })}\n`)
  } else io.out(checkedText(checked, paintFor(io)))
  return ok ? 0 : 1
}

const defaultWindowMs = 3_600_000

const countOf = ({ groups }: RuleFile): number => groups.reduce((sum, { rules }) => sum + rules.length, 0)

const joined = (all: readonly Checked[]): Checked => ({
  configs: all.flatMap(each => each.configs),
  rules: all.flatMap(each => each.rules),
  problems: all.flatMap(each => each.problems),
  warnings: all.flatMap(each => each.warnings),
})

// Rule files are known by what stands in them.
function holdsRules(path: string | undefined, cwd: string): boolean {
  const text = path === undefined ? undefined : textOf(resolve(cwd, path))
  return typeof text === 'string' && isRuleFile(text)
}

function checkConfig(path: string | undefined, call: Call): Checked {
  const { env, cwd } = call.io
  const read = readConfig({ path, env, cwd, inputs: inputsSchema })
  if (!read.ok) return { configs: [], rules: [], problems: read.problems, warnings: [] }
  const { rules, limits } = read.config
  return { ...checkRules(rules, limits.headWindowMs, call), configs: [read] }
}

function checkRules(patterns: readonly RulePattern[], headWindowMs: number, { on, io }: Call): Checked {
  const { files, idle } = readRuleFiles(patterns, { cwd: io.cwd })
  const groups = files.flatMap(each => each.groups)
  const nothing = idle.map(({ folder, pattern }) => ({
    file: resolve(folder, pattern),
    line: 0,
    column: 0,
    path: 'rules',
    wanted: 'a pattern that matches a file',
    found: 'none',
  }))
  return {
    configs: [],
    rules: files,
    problems: files.flatMap(each => each.problems),
    warnings: [
      ...nothing,
      ...files.flatMap(each => each.warnings),
      ...farSighted(groups, headWindowMs),
      ...(on.has('strict') ? unwritten(groups) : []),
    ],
  }
}
