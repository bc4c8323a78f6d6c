// One YAML file to a tree with places, or to problems: with document.ts the only file that imports yaml. Called by
// include.ts for the configuration file and each file that it includes, and by the rules for their files.
import { readFileSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { YAMLError } from 'yaml'
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Pair } from 'yaml'
import { atOnce, type Steps } from '../steps.ts'
import { documentIn } from './document.ts'
import { type Environment, expand, fileTrouble } from './expand.ts'
import type { Findings, Place } from './problem.ts'
import { type Form, offsetIn } from './scalar-offset.ts'
import { type Entry, emptyMap, foundText, join, type Scalar, type Tree, type TreeMap } from './tree.ts'

const fileMaxBytes = 4 * 1024 * 1024
// Far above any honest file; aliases of aliases pass it within a few lines.
const nodesMax = 100_000
const depthMax = 64

// `file` is the path as the person wrote it, for messages; relative ones begin at `cwd`.
export type Reading = Readonly<{ cwd: string; env: Environment; findings: Findings }>

// Without an environment `${…}` stays as it is, and `<<` merges maps as in YAML 1.1.
type Work = Pick<Reading, 'findings'> & {
  file: string
  cwd: string
  env: Environment | undefined
  doc: Document
  counter: LineCounter
  text: string
  nodesLeft: number
  forms: WeakMap<Scalar, Form>
}

// Nothing when the file cannot be read or is no map of keys; the findings say why. `asked` is the place that
// names the file, if one does.
export function* readYaml(file: string, reading: Reading, asked?: Place): Steps<TreeMap | undefined> {
  const text = readText(file, reading, asked)
  if (text === undefined) return undefined
  const work = yield* workOn(text, { file, ...reading })
  yield
  return complainOfSyntax(work, [...work.doc.errors, ...work.doc.warnings])
    ? undefined
    : rootOf(work, example)
}

const example = 'keys with values, like `listen: 127.0.0.1:1876`'

// A file of others, such as one of rules: nothing in it is expanded. `placeIn` is the place of a character of a
// value, whatever the quotes, indents and folds it is written in. `second` is where a second document begins.
export type Foreign = Readonly<{
  tree: TreeMap | undefined
  second: Place | undefined
  placeIn(scalar: Scalar, at: number): Place
}>

export function readForeignYaml(
  text: string,
  { file, findings, wanted }: Readonly<{ file: string; findings: Findings; wanted: string }>,
): Foreign {
  const work = atOnce(workOn(text, { file, cwd: '', env: undefined, findings }))
  const { errors, warnings } = work.doc
  const second = errors.find(({ code }) => code === 'MULTIPLE_DOCS')
  const isBroken = complainOfSyntax(work, [...errors.filter(each => each !== second), ...warnings])
  return {
    tree: isBroken ? undefined : rootOf(work, wanted),
    second: second && placeOf(work, second.pos[0]),
    placeIn(scalar, at) {
      const form = work.forms.get(scalar)
      return form === undefined ? scalar.place : placeOf(work, offsetIn(work.text, form, at))
    },
  }
}

type Opened = Pick<Work, 'file' | 'cwd' | 'env' | 'findings'>

function* workOn(text: string, { file, cwd, env, findings }: Opened): Steps<Work> {
  findings.learn(file, text.split(/\r?\n/))
  const counter = new LineCounter()
  const doc = yield* documentIn(text, counter)
  return { file, cwd, env, findings, doc, counter, text, nodesLeft: nodesMax, forms: new WeakMap() }
}

function rootOf(work: Work, wanted: string): TreeMap | undefined {
  const { file, findings } = work
  const start = { file, line: 1, column: 1 }
  try {
    const tree = treeOf(work, work.doc.contents, { path: '', depth: 0, around: start })
    if (tree.kind === 'map') return tree
    if (tree.kind === 'scalar' && tree.value === null) return emptyMap(start)
    findings.add(tree.place, { path: '', wanted, found: foundText(tree) })
  } catch (cause) {
    if (cause !== tooMuch) throw cause
    findings.add(start, {
      path: '',
      wanted: `at most ${nodesMax} values and ${depthMax} levels`,
      found: 'more, once the aliases (*name) are filled in',
    })
  }
  return undefined
}

function readText(file: string, { cwd, findings }: Reading, asked: Place | undefined): string | undefined {
  const complain = (wanted: string, found: string): undefined => {
    const path = asked === undefined ? '' : 'include'
    const subject = asked === undefined ? wanted : `${wanted} at ${file}`
    findings.add(asked ?? { file, line: 0, column: 0 }, { path, wanted: subject, found })
  }
  try {
    const path = resolve(cwd, file)
    const { size } = statSync(path)
    if (size > fileMaxBytes) return complain(`at most ${fileMaxBytes} bytes`, `${size} bytes`)
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path))
  } catch (cause) {
    if (cause instanceof TypeError) return complain('text in UTF-8', 'other bytes')
    return complain('a readable file', fileTrouble(cause))
  }
}

// One slip makes a parser complain several times, so each line is named once.
function complainOfSyntax(work: Work, errors: readonly YAMLError[]): boolean {
  const lines = new Set<number>()
  for (const { code, message, pos } of errors) {
    const place = placeOf(work, pos[0])
    if (lines.has(place.line)) continue
    lines.add(place.line)
    const line = work.text.split('\n', place.line)[place.line - 1] ?? ''
    work.findings.add(place, { path: '', ...syntaxWords(code, message), ...hintOn(code, line) })
  }
  return errors.length > 0
}

function syntaxWords(code: string, message: string): { wanted: string; found: string } {
  if (code === 'TAB_AS_INDENT') return { wanted: 'spaces at the beginning of the line', found: 'a tab' }
  if (code === 'MULTIPLE_DOCS') return { wanted: 'one document', found: 'a second one after `---`' }
  return { wanted: 'YAML', found: message }
}

function hintOn(code: string, line: string): { hint?: string } {
  if (code === 'BLOCK_AS_IMPLICIT_KEY') return { hint: 'a value with `: ` in it needs quotes' }
  if (/[[{,:]\s*\$\{/.test(line)) return { hint: `between { } or [ ], a value like \${NAME} needs quotes` }
  return {}
}

function placeOf({ counter, file }: Work, offset: number): Place {
  const { line, col } = counter.linePos(offset)
  return { file, line: Math.max(1, line), column: Math.max(1, col) }
}

// Thrown to leave the recursion; never leaves this file.
const tooMuch = new Error('too many values')

type Spot = Readonly<{ path: string; depth: number; around: Place }>

function treeOf(work: Work, node: unknown, { path, depth, around }: Spot): Tree {
  work.nodesLeft -= 1
  if (work.nodesLeft < 0 || depth > depthMax) throw tooMuch
  const offset = (node as { range?: readonly [number, number, number] } | null)?.range?.[0]
  const place = offset === undefined ? around : placeOf(work, offset)
  const below = (key: string | number): Spot => ({ path: join(path, key), depth: depth + 1, around: place })
  if (isAlias(node)) {
    const target = node.resolve(work.doc)
    if (target !== undefined) return treeOf(work, target, { path, depth: depth + 1, around: place })
    work.findings.add(place, { path, wanted: `an anchor &${node.source} above`, found: 'none' })
  }
  if (isMap(node)) return mapOf(work, node.items, place, below)
  if (isSeq(node)) {
    return { kind: 'list', place, items: node.items.map((each, index) => treeOf(work, each, below(index))) }
  }
  if (isScalar(node)) return scalarOf(work, node, { path, place })
  return { kind: 'scalar', place, value: null, source: '', expanded: false }
}

function mapOf(work: Work, pairs: readonly Pair[], place: Place, below: (key: string) => Spot): TreeMap {
  const keys = new Map<string, Entry>()
  const merged: Tree[] = []
  for (const { key, value } of pairs) {
    const offset = (key as { range?: readonly [number, number, number] } | null)?.range?.[0]
    const at = offset === undefined ? place : placeOf(work, offset)
    if (!isScalar(key) || key.value === null) {
      work.findings.add(at, { path: below('?').path, wanted: 'a word as key', found: 'something else' })
      continue
    }
    const name = typeof key.value === 'string' ? key.value : (key.source ?? String(key.value))
    if (name === '<<' && work.env === undefined) {
      merged.push(treeOf(work, value, { ...below(name), around: at }))
      continue
    }
    const known = keys.get(name)
    const entry = { place: at, value: treeOf(work, value, { ...below(name), around: at }) }
    if (known === undefined) keys.set(name, entry)
    else {
      const found = `a second one (the first stands in line ${known.place.line})`
      work.findings.add(at, { path: below(name).path, wanted: 'each key once', found })
    }
  }
  for (const entry of merged.flatMap(entriesOf)) if (!keys.has(entry[0])) keys.set(...entry)
  return { kind: 'map', place, keys }
}

// Of what stands behind `<<`: a map, or a list of them of which the first wins.
const entriesOf = (tree: Tree): [string, Entry][] =>
  tree.kind === 'map' ? [...tree.keys] : tree.kind === 'list' ? tree.items.flatMap(entriesOf) : []

type ScalarNode = {
  value: unknown
  type?: string | undefined
  source?: string
  range?: readonly [number, number, number] | null
}

type ScalarSpot = Readonly<{ path: string; place: Place }>

function scalarOf(work: Work, node: ScalarNode, spot: ScalarSpot): Scalar {
  const scalar = readScalar(work, node, spot)
  const [from = 0, to = 0] = node.range ?? []
  work.forms.set(scalar, { from, to, style: node.type ?? 'PLAIN', value: scalar.source })
  return scalar
}

function readScalar(work: Work, node: ScalarNode, { place, path }: ScalarSpot): Scalar {
  const { value } = node
  if (typeof value !== 'string') {
    const known = typeof value === 'number' || typeof value === 'boolean' ? value : null
    return { kind: 'scalar', place, value: known, source: node.source ?? String(value), expanded: false }
  }
  const { env } = work
  if (env === undefined || !value.includes('${'))
    return { kind: 'scalar', place, value, source: value, expanded: false }
  const { text, changed, troubles } = expand(value, dirname(resolve(work.cwd, work.file)), env)
  for (const { at, ...complaint } of troubles) {
    work.findings.add(placeWithin(work, node, { text: value, at }), { path, ...complaint })
  }
  return { kind: 'scalar', place, value: text, source: value, expanded: changed }
}

// The place of a character of the value, found again in the file by what stands there.
function placeWithin(work: Work, { range }: ScalarNode, { text, at }: { text: string; at: number }): Place {
  const [start, end] = range ?? [0, 0]
  const nth = text.slice(0, at).split('${').length
  let offset = start - 1
  for (let count = 0; count < nth; count++) offset = work.text.indexOf('${', offset + 1)
  return placeOf(work, offset >= start && offset < end ? offset : start)
}
