// Files of unit tests with the verdict of `promtool test rules` 3.15 in their name. What they name wrongly, they name
// on purpose.
import { globSync } from 'node:fs'
import { expect, test } from 'vitest'
import { isGood, resultsText } from '../../bin/test-view.ts'
import { runTestFile } from '../../rules/unit-test/run-file.ts'

const cwd = 'test/rules/samples'
const files = globSync('*.test.yml', { cwd }).sort()

test.each(files)('%s', file => {
  const result = runTestFile(file, { cwd, isWanted: () => true })
  const text = resultsText([result], (_, each) => each)
  expect(isGood(result), text).toBe(file.startsWith('pass-'))
})

test('a test fails by itself, not with its neighbours', () => {
  const { tests } = runTestFile('fail-wrong-expectations.test.yml', { cwd, isWanted: () => true })
  expect(tests.map(({ mistakes }) => mistakes.length)).toEqual([1, 1, 1, 0])
})
