// How many tests passed and failed, as one line in the file that PLIMSOLL_TEST_COUNTS names: a reporter for vitest,
// used by vitest.config.ts when .ci/run asks for it.
import { writeFileSync } from 'node:fs'
import type { Reporter } from 'vitest/node'

export const counts = (file: string): Reporter => ({
  onTestRunEnd(modules, errors) {
    const tests = modules.flatMap(each => [...each.children.allTests()])
    const passed = tests.filter(each => each.result().state === 'passed').length
    const failed = tests.filter(each => each.result().state === 'failed').length
    // A file that cannot be loaded has no test that could fail.
    const broken = modules.filter(each => each.errors().length > 0).length
    writeFileSync(file, `${passed} ${failed + broken + errors.length}\n`)
  },
})
