// Prometheus' own test files: every case passes, but for those that need what this service does not have.
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { expect, test } from 'vitest'
import { conformanceFiles, folder } from './files.ts'
import { runFile, tally } from './run-file.ts'

const files = conformanceFiles()

test.skipIf(files.length > 0)(
  `there are no conformance files in ${folder}, so nothing is held against them`,
  () => {},
)

test.each(files.map(file => [basename(file), file]))('%s', (_, file) => {
  const verdicts = runFile(readFileSync(file, 'utf8'))
  const { passed, failed, skipped } = tally(verdicts)
  console.log(`${basename(file)}: ${passed} passed, ${failed} failed, ${skipped} skipped`)
  expect(verdicts.filter(each => each.outcome === 'failed')).toEqual([])
  expect(passed).toBeGreaterThan(0)
})

test.skipIf(files.length === 0)('the table in the README says the same', () => {
  const told = readFileSync('README.md', 'utf8').matchAll(/^\| (\w+\.test) \| (\d+) \| (\d+) \| (\d+) \|$/gm)
  const counted = files.map(file => {
    const { passed, failed, skipped } = tally(runFile(readFileSync(file, 'utf8')))
    return [basename(file), passed, failed, skipped].map(String)
  })
  expect([...told].map(([, ...row]) => row)).toEqual(counted)
})
