// The hook in a tree made for the occasion, in a folder whose name means something in addresses: a main file, one that it
// imports, and a thread.
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'

let top: string
let root: string
let folder: string
let greeting: string
beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'plimsoll-stripped-'))
  root = join(top, 'a b#1 %41?')
  mkdirSync(join(root, 'bin/words'), { recursive: true })
  mkdirSync(join(root, 'core'))
  copyFileSync('bin/stripped.ts', join(root, 'bin/stripped.ts'))
  copyFileSync('package.json', join(root, 'package.json'))
  write('bin/main.ts', mainText)
  write('bin/thread.ts', threadText)
  write('bin/words/greeting.ts', 'export const greeting: string = "hello"')
  write('core/same.ts', "export { greeting } from '../bin/words/greeting.ts'")
  // What Node itself keeps lies in folders whose names it chooses.
  folder = answer('folder')
  greeting = join(folder, 'bin+words+greeting.ts')
})
afterEach(() => rmSync(top, { recursive: true }))

const mainText = `
  import { Worker } from 'node:worker_threads'
  import { greeting } from './words/greeting.ts'
  import { getCompileCacheDir } from 'node:module'
  const isCompiler = () => process.moduleLoadList.some(each => each.includes('/amaro/'))
  const asked: string = process.argv[2]!
  if (asked === 'folder') console.log(getCompileCacheDir() + '/stripped')
  if (asked === 'greeting') console.log(greeting, isCompiler())
  if (asked === 'alias') console.log((await import('#core/same.ts')).greeting)
  if (asked === 'nowhere') console.log(await import('#core/nowhere.ts').catch(error => error.code))
  if (asked === 'where') try { null!.x } catch (error) { console.log((error as Error).stack!.split('main.ts:')[1]) }
  if (asked === 'thread') new Worker(new URL('thread.ts', import.meta.url)).on('message', said => console.log(said))
`
const threadText = `
  import { parentPort } from 'node:worker_threads'
  import { greeting } from './words/greeting.ts'
  parentPort!.postMessage('a thread says ' + (greeting satisfies string))
`

const write = (name: string, text: string) => writeFileSync(join(root, name), text)

function answer(asked: string): string {
  const flags = ['--disable-warning=ExperimentalWarning', '--require', join(root, 'bin/stripped.ts')]
  const env = { NODE_COMPILE_CACHE: join(root, 'cache') }
  return execFileSync(process.execPath, [...flags, join(root, 'bin/main.ts'), asked], {
    env,
    encoding: 'utf8',
  }).trim()
}

function keep(text: string, typed = readFileSync(join(root, 'bin/words/greeting.ts'))): void {
  writeFileSync(greeting, `${text}\n//${crc32(typed)} ${crc32(text)}\n`)
}

test('what is kept is what runs, and the compiler stays out', () => {
  expect(answer('greeting')).toBe('hello false')
  keep('export const greeting = "kept"')
  expect(answer('greeting')).toBe('kept false')
})

test('a thread has it too', () => {
  expect(answer('thread')).toBe('a thread says hello')
  keep('export const greeting = "kept"')
  expect(answer('thread')).toBe('a thread says kept')
  expect(readFileSync(join(folder, 'bin+thread.ts'), 'utf8')).not.toContain('satisfies')
})

test('a file is found by every name that it has, and a missing one is not', () => {
  expect(answer('alias')).toBe('hello')
  // Not the one that Node would strip by itself.
  keep('export const greeting = "kept"')
  expect(answer('alias')).toBe('kept')
  expect(answer('nowhere')).toBe('ENOENT')
})

test('all aliases are folders of the same name', () => {
  const { imports } = JSON.parse(readFileSync('package.json', 'utf8')) as { imports: Record<string, string> }
  for (const [alias, to] of Object.entries(imports)) expect(to).toBe(alias.replace('#', './'))
})

test('lines and columns stay where they are', () => {
  expect(answer('where')).toMatch(/^11:\d+/)
})

test('a changed file is stripped anew', () => {
  write('bin/words/greeting.ts', 'export const greeting: string = "good morning"')
  expect(answer('greeting')).toBe('good morning true')
  expect(answer('greeting')).toBe('good morning false')
})

test('so is what is not whole, or nonsense', () => {
  const whole = readFileSync(greeting)
  const t = (kept: string | Buffer) => {
    writeFileSync(greeting, kept)
    expect(answer('greeting')).toBe('hello true')
    expect(readFileSync(greeting)).toEqual(whole)
  }

  t('')
  t('export const greeting = "half')
  t(whole.subarray(0, -1))
  t(Buffer.concat([whole, whole.subarray(-3)]))
  t(Buffer.alloc(whole.length))
})

test('where nothing can be kept it works all the same', () => {
  rmSync(folder, { recursive: true })
  // A file where the folder has to be: it stops root too.
  writeFileSync(folder, '')
  expect(answer('greeting')).toBe('hello true')
  expect(answer('thread')).toBe('a thread says hello')
})
