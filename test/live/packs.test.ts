// Does promtool, where it is installed, take and pass what test/rules/packs.test.ts passes?
import { execFileSync } from 'node:child_process'
import { existsSync, globSync } from 'node:fs'
import { expect, test } from 'vitest'

const promtool = ['/usr/bin/promtool', '/usr/local/bin/promtool'].find(existsSync)

test.skipIf(promtool === undefined)('promtool takes the packs, and they pass their tests there', () => {
  const run = (...args: readonly string[]): string => execFileSync(promtool!, args, { encoding: 'utf8' })
  expect(run('check', 'rules', ...globSync('rules/packs/*.yml'))).not.toContain('FAILED')
  expect(run('test', 'rules', ...globSync('rules/packs/tests/*.yml'))).not.toContain('FAILED')
})
