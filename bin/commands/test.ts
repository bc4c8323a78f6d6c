// `plimsoll test`: unit tests of rules, in promtool's format. Called by run.ts.
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileTrouble } from '#core/config/expand.ts'
import { Failure } from '#core/errors.ts'
import { patternSearch } from '#core/pattern.ts'
import { runTestFile } from '../../rules/unit-test/run-file.ts'
import { type Command, Stop } from '../command.ts'
import { paintFor } from '../paint.ts'
import { isGood, junitText, resultsText } from '../test-view.ts'

export const command: Command = async ({ args, text, on, io }) => {
  const isWanted = choiceOf(text['run'])
  const results = args.map(file => runTestFile(file, { cwd: io.cwd, isWanted }))
  if (text['junit'] !== undefined) write(resolve(io.cwd, text['junit']), junitText(results))
  const ok = results.every(isGood)
  io.out(on.has('json') ? `${JSON.stringify({ ok, files: results })}\n` : resultsText(results, paintFor(io)))
  return ok ? 0 : 1
}

function choiceOf(pattern: string | undefined): (name: string) => boolean {
  if (pattern === undefined) return () => true
  try {
    const search = patternSearch(pattern)
    return name => !search(name)[Symbol.iterator]().next().done
  } catch (error) {
    if (error instanceof Failure) throw new Stop(`--run: wanted a regular expression: ${error.detail}`, 2)
    throw error
  }
}

function write(path: string, text: string): void {
  try {
    writeFileSync(path, text)
  } catch (cause) {
    throw new Stop(`--junit: cannot write ${path}: ${fileTrouble(cause)}`, 2)
  }
}
