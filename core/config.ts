// The configuration of a process: the file and what it includes, what the environment and the command line
// outrank, checked whole and with every problem at once. Called by bin/; the only door to the environment.
import { existsSync } from 'node:fs'
import { hostname } from 'node:os'
import { dirname, resolve } from 'node:path'
import { checkTree } from './config/check.ts'
import type { Environment } from './config/expand.ts'
import { readTree } from './config/include.ts'
import { type Findings, openFindings, type Place, type Problem } from './config/problem.ts'
import {
  type Config,
  complete,
  configSchema,
  type Language,
  type RoomSchemas,
  type Written,
} from './config/schema.ts'
import { at, emptyMap, type Path, type TreeMap, treeOf } from './config/tree.ts'
import { atOnce, inPieces, type Steps } from './steps.ts'

export type { Environment } from './config/expand.ts'
export { type Problem, problemsText, problemText } from './config/problem.ts'
export type { Config, RoomSchemas, RulePattern, Written } from './config/schema.ts'
export { type Address, addressText } from './config/values.ts'

export type ConfigSource = Readonly<{
  // Left out: PLIMSOLL_CONFIG, else plimsoll.yml, which may be absent.
  path?: string | undefined
  env?: Environment
  cwd?: string
  // What the command line says; it outranks the environment, which outranks the file.
  overrides?: Readonly<{ listen?: string | undefined; data?: string | undefined }>
  // Instead of a file: what a command has made of flags of its own. Nothing outranks it.
  tree?: TreeMap
  // Of keys that are a room's own; left out: that part is not checked.
  rooms?: RoomSchemas
}>

// `file` is absent when there is none and everything is at its default; `tree` is what was written.
export type ConfigRead = Readonly<{ ok: true; config: Config; file?: string; tree: TreeMap }>
export type ConfigResult = ConfigRead | Readonly<{ ok: false; problems: readonly Problem[] }>

export const defaultFile = 'plimsoll.yml'

export const readConfig = (source: ConfigSource = {}): ConfigResult => atOnce(configSteps(source))

// The same while the thread does other work too.
export const readConfigBeside = (source: ConfigSource): Promise<ConfigResult> => inPieces(configSteps(source))

function* configSteps(source: ConfigSource): Steps<ConfigResult> {
  const { env = process.env, cwd = process.cwd() } = source
  const findings = openFindings()
  const file = source.tree === undefined ? fileOf(source, env, cwd) : undefined
  const read = file === undefined ? undefined : yield* readTree(file, { cwd, env, findings })
  yield
  const base = read ?? emptyMap({ file: file ?? defaultFile, line: 0, column: 0 })
  const tree = source.tree ?? overridden(base, source.overrides ?? {}, env)
  // Of a file that could not be read, only what stands beside it can be checked.
  const parsed = checkTree(tree, configSchema(source.rooms), findings)
  if (parsed === undefined || findings.problems.length > 0) {
    return { ok: false, problems: inOrder(findings) }
  }
  const folder = (...path: Path): string => folderOf(at(tree, path)?.place, file, cwd)
  const config = complete(parsed, machineOf(env), {
    data: resolve(folder('data'), parsed.data),
    rules: parsed.rules.map((pattern, nth) => ({ folder: folder('rules', nth), pattern })),
    alertmanager: written(tree, 'alertmanager', folder('alertmanager')),
  })
  return { ok: true, config, tree, ...(file === undefined ? {} : { file }) }
}

// With its places, for whoever reads it himself.
function written(tree: TreeMap, key: string, folder: string): Written | undefined {
  const found = at(tree, [key])
  return found === undefined ? undefined : { tree: found, folder }
}

// A file that is named must be there; the default one need not.
function fileOf({ path }: ConfigSource, env: Environment, cwd: string): string | undefined {
  const named = path ?? env['PLIMSOLL_CONFIG']
  if (named !== undefined && named !== '') return named
  return existsSync(resolve(cwd, defaultFile)) ? defaultFile : undefined
}

const outranking = { listen: 'PLIMSOLL_LISTEN', data: 'PLIMSOLL_DATA' } as const

function overridden(tree: TreeMap, overrides: ConfigSource['overrides'], env: Environment): TreeMap {
  const keys = new Map(tree.keys)
  for (const [key, variable] of Object.entries(outranking)) {
    const given = overrides?.[key as keyof typeof outranking]
    const value = given ?? env[variable]
    if (value === undefined || value === '') continue
    const place = { file: given === undefined ? variable : `--${key}`, line: 0, column: 0 }
    keys.set(key, { place, value: treeOf(value, place) })
  }
  return { ...tree, keys }
}

// A path begins at the folder of the file that states it; one from outside, at the working directory.
function folderOf(place: Place | undefined, file: string | undefined, cwd: string): string {
  if (place === undefined) return dirname(resolve(cwd, file ?? defaultFile))
  return place.line === 0 ? cwd : dirname(resolve(cwd, place.file))
}

function machineOf(env: Environment): { timezone: string; language: Language; host: string } {
  const locale = env['LC_ALL'] || env['LC_MESSAGES'] || env['LANG'] || ''
  return {
    timezone: new Intl.DateTimeFormat().resolvedOptions().timeZone,
    language: locale.toLowerCase().startsWith('zh') ? 'zh' : 'en',
    host: hostname(),
  }
}

// By file in the order of reading, then from top to bottom.
function inOrder({ problems }: Findings): Problem[] {
  const files = [...new Set(problems.map(({ file }) => file))]
  return problems.toSorted(
    (a, b) => files.indexOf(a.file) - files.indexOf(b.file) || a.line - b.line || a.column - b.column,
  )
}
