import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { folderWith } from '../core/config/files.ts'

const started = promisify(execFile)

// The real entry, under plain Node: what type stripping refuses, only this finds.
async function main(argv: readonly string[], env: Record<string, string> = {}) {
  const cwd = folderWith({ 'plimsoll.yml': 'listen: 127.0.0.1:9\nlanguage: fr' })
  const entry = join(import.meta.dirname, '../../bin/main.ts')
  const outcome = started(process.execPath, [entry, ...argv], {
    cwd,
    env: { PATH: process.env['PATH'], NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'], ...env },
  })
  return outcome.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
  )
}

test('the real entry runs commands, passes exit codes on, and paints nothing in a pipe', async () => {
  const [version, check, wrong] = await Promise.all([main(['version']), main(['check']), main(['chekc'])])
  expect(version).toEqual({ code: 0, stdout: expect.stringMatching(/^Plimsoll \d/), stderr: '' })
  expect(check).toMatchObject({ code: 1, stderr: '' })
  expect(check.stdout).toContain('plimsoll.yml:2:11  language: wanted one of en, zh, found "fr"')
  expect(check.stdout).not.toContain('\u001b')
  expect(wrong).toEqual({ code: 2, stdout: '', stderr: expect.stringContaining('Did you mean check?') })
})

test('a start that fails says why and ends', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const { port } = taken.address() as AddressInfo
  const cwd = folderWith({ 'plimsoll.yml': 'data: here', 'no-folder': '' })
  const t = async (flags: readonly string[], reason: string) => {
    const { code, stderr } = await main(['up', ...flags], { PLIMSOLL_CONFIG: join(cwd, 'plimsoll.yml') })
    expect(code, stderr).toBe(1)
    expect(stderr).toContain(reason)
  }
  // One after the other: the first one compiles what the others find compiled.
  await t(['--listen', `127.0.0.1:${port}`], `plimsoll up: 127.0.0.1:${port}`)
  await t(['--data', join(cwd, 'no-folder')], 'is no folder')
  taken.close()
})

test('a hang-up before a service is there does not end it', async () => {
  // While the entry is read, before any command is.
  const script = `const { stdout } = process
    const on = stdout.on
    stdout.on = function (...words) {
      if (words[0] === 'error') process.kill(process.pid, 'SIGHUP')
      return on.apply(this, words)
    }`
  const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(script)}` }
  const t = async (argv: readonly string[], code: number | null) =>
    expect((await main(argv, env)).code, argv[0]).toBe(code)
  await Promise.all([
    t(['up', '--config', 'missing.yml'], 1),
    t(['alertmanager', '--config.file=missing.yml'], 1),
    // Others end with their terminal.
    t(['version'], null),
  ])
})

// As soon as the entry listens for errors of its output, the stream has one.
const failing = (stream: 'stdout' | 'stderr', code: string) => {
  const script = `const { stdout, ${stream}: broken } = process
    const on = stdout.on
    stdout.on = function (...words) {
      const error = Object.assign(new Error('${code}: it fails'), { code: '${code}' })
      if (words[0] === 'error') process.nextTick(() => broken.emit('error', error))
      return on.apply(this, words)
    }`
  return { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(script)}` }
}

test('a command whose output cannot be written says so, but a closed pipe is no trouble', async () => {
  const [full, closed] = await Promise.all([
    main(['version'], failing('stdout', 'ENOSPC')),
    main(['version'], failing('stdout', 'EPIPE')),
  ])
  const stderr = 'plimsoll: cannot write the output: ENOSPC: it fails\n'
  expect(full).toMatchObject({ code: 1, stderr })
  expect(closed).toMatchObject({ code: 0, stderr: '' })
})

test('a service goes on without standard output', async () => {
  const t = async (argv: readonly string[], code: string) => {
    // It comes to the end that it would have come to anyway.
    const { stderr } = await main(argv, failing('stdout', code))
    expect(stderr, code).toContain('missing.yml')
    expect(stderr, code).not.toContain('it fails')
  }
  await Promise.all([
    t(['up', '--config', 'missing.yml'], 'EPIPE'),
    t(['alertmanager', '--config.file=missing.yml'], 'ENOSPC'),
  ])
})

test('a command goes on when nobody can be told of trouble', async () => {
  const { code, stdout } = await main(['version'], failing('stderr', 'ENOSPC'))
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('Plimsoll') })
})
