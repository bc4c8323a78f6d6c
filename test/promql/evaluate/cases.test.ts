// Our own cases in Prometheus' test language, for what its files leave out. Each was held against Prometheus 3.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runFile, tally } from '../conformance/run-file.ts'

const folder = join(import.meta.dirname, 'cases')
const files = readdirSync(folder)

test.each(files)('%s', file => {
  const verdicts = runFile(readFileSync(join(folder, file), 'utf8'))
  expect(verdicts.filter(each => each.outcome !== 'passed')).toEqual([])
  expect(tally(verdicts).passed).toBeGreaterThan(20)
})
