// What is wrong with files of templates before any message needs them: what cannot be read, and definitions that are used
// and nowhere made. Called by bin/routing.ts, for the start, each reload and `plimsoll check`.
import type { Problem } from '#core/config/problem.ts'
import { Failure } from '#core/errors.ts'
import type { Nodes } from '#promql/template/node.ts'
import {
  baseName,
  type Compiled,
  compileMessageTemplate,
  readyTemplates,
  type TemplateFile,
} from '../template.ts'

// What nobody defines is missed only when a message comes to it, and Alertmanager notices it then.
export type Flaws = Readonly<{ unreadable: readonly Problem[]; gaps: readonly Problem[] }>

// `uses` are texts that use the files and define nothing for others: templates of settings, `name` being where they stand.
export function checkTemplates(files: readonly TemplateFile[], uses: readonly TemplateFile[] = []): Flaws {
  let all = readyTemplates()
  const read = files.map(file => {
    const made = tried(file, all)
    if ('trees' in made) all = made
    return [file, made] as const
  })
  const made = [...read, ...uses.map(use => [use, tried(use, all)] as const)]
  return {
    unreadable: made.flatMap(([, each]) => ('trees' in each ? [] : [each])),
    gaps: made.flatMap(([file, each]) => ('trees' in each ? gaps(file, each, all) : [])),
  }
}

function tried(file: TemplateFile, before: Compiled): Compiled | Problem {
  try {
    return compileMessageTemplate(baseName(file.name), file.text, before)
  } catch (error) {
    if (error instanceof Failure) return unreadable(file, error.detail)
    throw error
  }
}

// A file may use what only a later one defines.
function gaps(file: TemplateFile, made: Compiled, all: Compiled): readonly Problem[] {
  return [...made.trees.values()]
    .filter(tree => tree.text === file.text && tree.file === made.name)
    .flatMap(tree => usesIn(tree.nodes))
    .filter(({ name }) => !all.trees.has(name) && !made.trees.has(name))
    .toSorted((a, b) => a.at - b.at)
    .map(({ name, at }) => missing(file, name, at))
}

// `3:14: what is wrong`, and below it the line with a caret.
function unreadable({ name, text }: TemplateFile, detail: string): Problem {
  const [, line = '1', column = '1', found = detail] = /^(\d+):(\d+): ([^\n]*)/.exec(detail) ?? []
  return problemAt({ file: name, text, line: Number(line), column: Number(column) }, found)
}

function missing({ name: file, text }: TemplateFile, name: string, at: number): Problem {
  const before = text.slice(0, at)
  const line = before.split('\n').length
  const column = at - before.lastIndexOf('\n')
  return problemAt(
    { file, text, line, column },
    `the template ${JSON.stringify(name)}, which nothing defines`,
  )
}

type At = Readonly<{ file: string; text: string; line: number; column: number }>

function problemAt({ file, text, line, column }: At, found: string): Problem {
  const excerpt = text.split('\n')[line - 1] ?? ''
  return { file, line, column, path: '', wanted: 'a template that works', found, excerpt }
}

type Use = Readonly<{ name: string; at: number }>

const usesIn = (nodes: Nodes): Use[] =>
  nodes.flatMap(node => {
    if (node.kind === 'template') return [{ name: node.name, at: node.at }]
    if (node.kind !== 'if' && node.kind !== 'with' && node.kind !== 'range') return []
    return [...usesIn(node.body), ...usesIn(node.otherwise ?? [])]
  })
