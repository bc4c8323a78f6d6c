import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { world } from './world.ts'

const files = {
  'a.rules.yml': 'groups: [{name: g, rules: [{alert: A, expr: x > 1}]}]',
  'good.yml':
    'rule_files: [a.rules.yml]\ntests:\n- name: quiet & <calm>\n  input_series: [{series: x, values: 1}]\n  alert_rule_test: [{alertname: A}]\n',
  'bad.yml':
    'rule_files: [a.rules.yml, nix*.yml]\ntests:\n- name: loud\n  input_series: [{series: x, values: 5}]\n  alert_rule_test: [{alertname: A}]\n- {}\n',
  'broken.yml': 'tests: 5',
}

test('good tests are counted', async () => {
  const { exit, out, err } = await world(files).run('test', 'good.yml')
  expect([exit, out, err]).toEqual([0, 'good.yml\n  ✓ quiet & <calm>\n1 test, 1 passed.\n', ''])
})

test('bad ones are shown with what was wanted and what there was', async () => {
  const { exit, out } = await world(files).run('test', 'good.yml', 'bad.yml', 'broken.yml', 'absent.yml')
  expect(exit).toBe(1)
  expect(out).toBe(`good.yml
  ✓ quiet & <calm>
bad.yml
  warning: no file matches nix*.yml
  ✗ loud
      bad.yml:5  alert A after 0s: wanted and not there (-), there and not wanted (+)
        + {alertname="A"} {}
  ✓ the test in line 6
broken.yml
  broken.yml:1:8  tests: wanted a list, found 5
      tests: 5
             ^
absent.yml
  absent.yml  wanted a readable file, found no such file
3 tests, 2 passed, 1 failed, 2 files with problems.
`)
})

test('tests are chosen by name', async () => {
  const { run } = world(files)
  expect((await run('test', 'bad.yml', '--run', 'qu|al')).exit).toBe(0)
  expect((await run('test', 'bad.yml', '--run', 'o')).out).toContain('1 test, 0 passed, 1 failed')
  const { exit, err } = await run('test', 'bad.yml', '--run', '(')
  expect(exit).toBe(2)
  expect(err).toContain('--run: wanted a regular expression')
})

test('JSON and JUnit for programs', async () => {
  const { run, cwd } = world(files)
  const { exit, out } = await run('test', 'good.yml', 'bad.yml', 'broken.yml', '--json', '--junit', 'out.xml')
  expect(exit).toBe(1)
  expect(JSON.parse(out)).toMatchObject({
    ok: false,
    files: [
      { file: 'good.yml', tests: [{ name: 'quiet & <calm>', line: 3, mistakes: [] }] },
      { tests: [{ mistakes: [{ kind: 'alert', subject: 'A', atMs: 0 }] }, { mistakes: [] }] },
      { problems: [{ line: 1, column: 8 }], tests: [] },
    ],
  })
  const xml = readFileSync(join(cwd, 'out.xml'), 'utf8')
  expect(xml).toContain('<testcase name="quiet &amp; &lt;calm&gt;"></testcase>')
  expect(xml).toContain('<testsuite name="bad.yml" tests="2" failures="1" errors="0">')
  expect(xml).toContain('<failure>bad.yml:5  alert A')
  expect(xml).toContain('<testsuite name="broken.yml" tests="1" failures="0" errors="1">')
  const nowhere = await run('test', 'good.yml', '--junit', 'no/folder/out.xml')
  expect([nowhere.exit, nowhere.err]).toEqual([2, expect.stringContaining('--junit: cannot write')])
})

test('without a file it is wrong usage', async () => {
  expect((await world().run('test')).exit).toBe(2)
})
