// Where the conformance files are: a folder beside the project, which need not be there. Called by run.ts and the
// test.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

export const folder = join(process.env['PLIMSOLL_CONFORMANCE'] ?? '../shared/conformance', 'promql')

export const conformanceFiles = (): string[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter(name => name.endsWith('.test'))
        .sort()
        .map(name => join(folder, name))
    : []
