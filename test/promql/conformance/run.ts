// `npm run conformance -- FILE…`: runs files in Prometheus' test language, all known ones when none is named. A line
// for each case that fails, and the counts of each file.
import { readFileSync } from 'node:fs'
import { conformanceFiles, folder } from './files.ts'
import { runFile, tally } from './run-file.ts'

const named = process.argv.slice(2)
const files = named.length > 0 ? named : conformanceFiles()
if (files.length === 0) {
  console.error(`there are no files in ${folder}: name some, or say where they are by PLIMSOLL_CONFORMANCE`)
  process.exitCode = 2
}
for (const file of files) {
  try {
    const verdicts = runFile(readFileSync(file, 'utf8'))
    for (const { line, outcome, why } of verdicts)
      if (outcome === 'failed') console.log(`${file}:${line}: ${why}`)
    const { passed, failed, skipped } = tally(verdicts)
    console.log(`${file}: ${passed} passed, ${failed} failed, ${skipped} skipped`)
    if (failed > 0) process.exitCode = 1
  } catch (error) {
    console.error(`${file}: ${(error as Error).message}`)
    process.exitCode = 2
  }
}
