// Does the tree hold what the schema wants? Every complaint of the schema becomes a problem with its place, or the
// answer is the typed configuration. Called by config.ts.
import type { z } from 'zod'
import { didYouMean, type Findings, hidden, type Place, soundsSecret } from './problem.ts'
import { at, foundText, type Path, pathText, placeAt, plain, type Scalar, type Tree } from './tree.ts'

type Issue = Parameters<z.core.$ZodErrorMap>[0]

const typeWords: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map of keys',
  record: 'a map of keys',
}

const anotherValue = 'another value'

// What a check that has no words of its own wanted; becomes the message of the issue.
function wantedBy(issue: Issue): string {
  if (issue.code === 'invalid_type') return typeWords[issue.expected] ?? issue.expected
  if (issue.code === 'invalid_value') return oneOf(issue.values.map(String))
  if (issue.code === 'unrecognized_keys') return oneOf(keysOf(issue.inst))
  if (issue.code === 'too_small') return `at least ${issue.minimum}`
  if (issue.code === 'too_big') return `at most ${issue.maximum}`
  return anotherValue
}

const keysOf = (schema: unknown): string[] => {
  const shape = (schema as { shape?: object } | undefined)?.shape
  return Object.keys(shape ?? {})
}

const separator = ', '
const oneOf = (choices: readonly string[]): string =>
  choices.length === 1 ? String(choices[0]) : `one of ${choices.join(separator)}`
const choicesIn = (wanted: string): string[] => wanted.replace(/^one of /, '').split(separator)

export function checkTree<Value>(
  tree: Tree,
  schema: z.ZodType<Value>,
  findings: Findings,
): Value | undefined {
  const input = plain(tree)
  let result = schema.safeParse(input, { error: wantedBy })
  // A number or a truth that came out of `${NAME}` is text so far; where one is wanted, it is read as one.
  if (!result.success && retype(input, tree, result.error.issues)) {
    result = schema.safeParse(input, { error: wantedBy })
  }
  if (result.success) return result.data
  for (const issue of result.error.issues.flatMap(chosen)) complain(issue, tree, findings)
  return undefined
}

// Of several forms, the one that was probably meant: a form that fails as a whole says less than one in which a
// key fails.
function chosen(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union' || issue.message !== anotherValue) return [issue]
  const isWhole = ({ code, path }: z.core.$ZodIssue): boolean => path.length === 0 && code === 'invalid_type'
  const near = issue.errors.find(form => form.length > 0 && !form.some(isWhole))
  if (near === undefined) {
    const wishes = issue.errors.flatMap(form => form.map(({ message }) => message))
    return [{ ...issue, message: [...new Set(wishes)].join(', or ') }]
  }
  return near.flatMap(each => chosen({ ...each, path: [...issue.path, ...each.path] }))
}

function retype(input: unknown, tree: Tree, issues: readonly z.core.$ZodIssue[]): boolean {
  let changed = false
  for (const { code, path, ...issue } of issues) {
    const found = at(tree, path as Path)
    const expected = 'expected' in issue ? issue.expected : undefined
    if (code !== 'invalid_type' || found?.kind !== 'scalar' || !found.expanded) continue
    const value = typed(String(found.value), String(expected))
    if (value === undefined) continue
    put(input, path as Path, value)
    changed = true
  }
  return changed
}

function typed(text: string, expected: string): number | boolean | undefined {
  if (expected === 'boolean') return { true: true, false: false }[text]
  if (expected !== 'number' && expected !== 'int') return undefined
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined
}

function put(input: unknown, path: Path, value: unknown): void {
  const [key, ...rest] = path
  const holder = input as Record<string | number, unknown>
  if (key === undefined) return
  if (rest.length === 0) holder[key] = value
  else put(holder[key], rest, value)
}

// What a schema says of a value that it refuses.
type Params = Readonly<{ hint?: string; isSecret?: boolean }>

function complain(issue: z.core.$ZodIssue, tree: Tree, findings: Findings): void {
  const path = issue.path as Path
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) complainOfKey([...path, key], issue.message, { tree, findings })
    return
  }
  // A refused name of a map: what is wrong is the key.
  const said = issue.code === 'invalid_key' ? issue.issues[0]?.message : undefined
  const wanted = (said ?? issue.message).replace(/^wanted /, '')
  if (issue.code === 'invalid_key') {
    complainOfKey(path, wanted, { tree, findings })
    return
  }
  // What is missing is found missing in what should hold it.
  const found = at(tree, path)
  // Its text could not even be made, which is told already.
  const isTold = findings.problems.some(problem => problem.path === pathText(path))
  if (isTold && found?.kind === 'scalar' && found.expanded) return
  const scalar = found?.kind === 'scalar' ? found : undefined
  const { hint: given, isSecret: isHook = false }: Params =
    issue.code === 'custom' ? (issue.params ?? {}) : {}
  const isSecret = (isHook || soundsSecret(pathText(path))) && scalar?.expanded === false
  const hint = isSecret || scalar === undefined ? undefined : hintFor(scalar, wanted)
  const shown = isSecret ? hidden : foundText(found)
  findings.add(placeAt(tree, path), { path: pathText(path), wanted, found: shown, hint: given ?? hint })
}

function hintFor({ value, source, expanded }: Scalar, wanted: string): string | undefined {
  if (expanded) return 'shown as it stands in the file; the value comes from outside it'
  if (typeof value === 'string' && wanted.startsWith('one of ')) return didYouMean(value, choicesIn(wanted))
  if (typeof value !== 'string' && wanted === 'text') return `in quotes it is text: "${source}"`
  if (wanted === 'a list') return `in brackets it is a list of one: [${source}]`
  return /^true or false\b/.test(wanted) ? truthHint(String(value)) : undefined
}

// YAML has had only these two since 1.2; and in quotes they are text.
function truthHint(value: string): string | undefined {
  if (/^(true|yes|on|y)$/i.test(value)) return 'write it as true, without quotes'
  if (/^(false|no|off|n)$/i.test(value)) return 'write it as false, without quotes'
  return undefined
}

type Where = Readonly<{ tree: Tree; findings: Findings }>

function complainOfKey(path: Path, wanted: string, { tree, findings }: Where): void {
  const key = String(path.at(-1))
  const hint = didYouMean(key, choicesIn(wanted))
  findings.add(keyPlace(tree, path), { path: pathText(path), wanted, found: `the key ${key}`, hint })
}

function keyPlace(tree: Tree, path: Path): Place {
  const holder = at(tree, path.slice(0, -1))
  const entry = holder?.kind === 'map' ? holder.keys.get(String(path.at(-1))) : undefined
  return entry?.place ?? placeAt(tree, path)
}
