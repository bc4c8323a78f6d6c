// The files that `templates:` of Alertmanager's configuration means, read. As there, a pattern that finds nothing is no
// mistake. Called by whoever opens the templates, at start and at each reload, and by `plimsoll check`.
import { globSync } from 'node:fs'
import type { Problem } from '#core/config/problem.ts'
import { textOf } from '#core/config/text-file.ts'
import type { TemplateFile } from '../template.ts'

const filesMax = 1_000
const fileMaxBytes = 4 * 1_048_576

export type TemplateFiles = Readonly<{ files: readonly TemplateFile[]; problems: readonly Problem[] }>

// Patterns from the root, in their order; the files of one by name. Later ones outrank earlier ones.
export function readTemplateFiles(patterns: readonly string[]): TemplateFiles {
  const paths = patterns.flatMap(pattern => globSync(pattern).sort())
  const files: TemplateFile[] = []
  const problems: Problem[] = []
  for (const name of paths.slice(0, filesMax)) {
    const text = textOf(name, fileMaxBytes)
    if (typeof text === 'string') files.push({ name, text })
    else problems.push(problemOf(name, text))
  }
  const over = paths[filesMax]
  if (over !== undefined) {
    problems.push(problemOf(over, { wanted: `at most ${filesMax} files of templates`, found: 'more' }))
  }
  return { files, problems }
}

type Trouble = Readonly<{ wanted: string; found: string }>

const problemOf = (file: string, trouble: Trouble): Problem => ({
  file,
  line: 0,
  column: 0,
  path: '',
  ...trouble,
})
