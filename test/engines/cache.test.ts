// The cache of the real servers: each is whole or not there, whatever became of the run before.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

let folder: string
let cache: typeof import('./cache.ts')
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-cache-'))
  vi.stubEnv('PLIMSOLL_ENGINES', folder)
  vi.resetModules()
  cache = await import('./cache.ts')
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

const write = async (at: string): Promise<void> => writeFileSync(join(at, 'server'), 'whole')

test('is made once, and there from then on', async () => {
  let made = 0
  const make = async (at: string): Promise<void> => {
    made++
    await write(at)
  }
  expect(await cache.cached('a-1', make)).toMatchObject({ did: 'made', folder: join(folder, 'a-1') })
  expect(await cache.cached('a-1', make)).toMatchObject({ did: 'was there', tookMs: 0 })
  await cache.cached('a-2', make)
  expect(made).toBe(2)
  expect(readdirSync(folder).sort()).toEqual(['a-1', 'a-2'])
})

test('what failed half-way leaves nothing, and is tried again', async () => {
  const half = async (at: string): Promise<void> => {
    await write(at)
    throw new Error('the line was cut')
  }
  await expect(cache.cached('a-1', half)).rejects.toThrow('the line was cut')
  expect(readdirSync(folder)).toEqual([])
  expect(await cache.cached('a-1', write)).toMatchObject({ did: 'made' })
})

test('what a run left that was killed is thrown away', async () => {
  mkdirSync(join(folder, 'a-1.part'))
  writeFileSync(join(folder, 'a-1.part', 'rubbish'), '')
  // No process has this number: it is above the highest there can be.
  writeFileSync(join(folder, 'a-1.lock'), '99999999')
  const { folder: made } = await cache.cached('a-1', write)
  expect(readdirSync(made)).toEqual(['server'])
  expect(readdirSync(folder)).toEqual(['a-1'])
})

test('two at once make it once', async () => {
  let made = 0
  const slow = async (at: string): Promise<void> => {
    made++
    await new Promise(resolve => setImmediate(resolve))
    await write(at)
  }
  const both = await Promise.all([cache.cached('a-1', slow), cache.cached('a-1', slow)])
  expect(made).toBe(1)
  expect(both.map(each => existsSync(join(each.folder, 'server')))).toEqual([true, true])
})

test('a program that fails is told with its last lines', async () => {
  const log = join(folder, 'log')
  const t = (program: string, args: string[], said: string) =>
    expect(cache.run(program, args, { log, limitMs: 500 }), said).rejects.toThrow(said)

  await t('sh', ['-c', 'echo cannot reach anything; exit 3'], 'exit 3\n')
  await t('sh', ['-c', 'echo cannot reach anything; exit 3'], 'cannot reach anything')
  await t('no-such-program', ['x'], '`no-such-program x` failed: spawn no-such-program ENOENT')
  await t('sleep', ['60'], 'SIGKILL')
  await cache.run('sh', ['-c', 'echo "$GREETING" $PWD'], { log, cwd: '/', env: { GREETING: 'hello' } })
  expect(readFileSync(log, 'utf8')).toContain('\nhello /\n')
})
