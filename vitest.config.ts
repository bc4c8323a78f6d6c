// Which tests there are and how they run. `fast` is `npm test`; `crash` kills processes and takes its time; `long` are
// properties of `fast` once more, tried more often, and one that takes too long for it; `live` starts the real servers of
// test/engines/.
// Threads, because they start in a tenth of the time of processes; two, because machines of two cores are common.
import { chmodSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { counts } from './test/counts.ts'

// Threads and processes that tests start load the same modules again and again. Compiled once in a run, they take half of
// the time of what starts a store or a service. It is thrown away, since it grows with each run.
const compiled = `${import.meta.dirname}/node_modules/.cache/compiled-for-tests`
const forget = (folder: string): void => rmSync(folder, { recursive: true, force: true })
forget(compiled)
process.on('exit', () => forget(compiled))
process.env['NODE_COMPILE_CACHE'] ??= compiled

// What tests put on the disk and do not take away again, those that end early above all.
const scratch = mkdtempSync(join(tmpdir(), 'plimsoll-tests-'))
// PostgreSQL is somebody else and has to pass through.
chmodSync(scratch, 0o711)
process.env['TMPDIR'] = scratch
process.on('exit', () => forget(scratch))

// Of the fast ones: those with a property that says by test/runs.ts how often it is tried.
const propertiesThatTakeLong = (): string[] =>
  globSync('test/**/*.test.ts', { cwd: import.meta.dirname, exclude: ['test/crash/**'] }).filter(file =>
    readFileSync(`${import.meta.dirname}/${file}`, 'utf8').includes("/runs.ts'"),
  )

const countsFile = process.env['PLIMSOLL_TEST_COUNTS']

export default defineConfig({
  test: {
    pool: 'threads',
    maxWorkers: 2,
    // What is waited for comes; a second, as it would be, is less than a busy machine may stall.
    expect: { poll: { timeout: 20_000 } },
    hookTimeout: 300_000,
    reporters: countsFile === undefined ? ['default'] : ['default', counts(countsFile)],
    projects: [
      {
        extends: true,
        test: {
          name: 'fast',
          include: ['test/**/*.test.ts'],
          exclude: ['test/crash/**', 'test/live/**', 'test/rules/fleet.test.ts'],
          // A third of the time was spent on loading the same modules again. No module keeps what a test does.
          isolate: false,
          setupFiles: ['test/lent-states.ts', 'test/cheap-passwords.ts'],
          // Far above what any test takes: a busy machine is no failure.
          testTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'crash',
          include: ['test/crash/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 900_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'long',
          include: ['test/rules/fleet.test.ts', ...propertiesThatTakeLong()],
          env: { PLIMSOLL_RUNS: '10' },
          testTimeout: 300_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'live',
          include: ['test/live/**/*.test.ts'],
          fileParallelism: false,
          expect: { poll: { timeout: 30_000 } },
          testTimeout: 300_000,
        },
      },
    ],
    coverage: { include: ['bin', 'core', 'promql', 'collector', 'rules', 'alerter', 'capacity', 'query'] },
  },
})
