// Folders with files for tests, gone when the file of tests ends.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll } from 'vitest'
import { type ConfigResult, type ConfigSource, problemText, readConfig } from '#core/config.ts'

export type Files = Readonly<Record<string, string>>

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

export function folderWith(files: Files = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-test-'))
  folders.push(folder)
  for (const [name, text] of Object.entries(files)) put(join(folder, name), text)
  return folder
}

export function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

// Reads plimsoll.yml of a folder with these files, in an empty environment.
export function read(files: Files | string, source: ConfigSource = {}): ConfigResult {
  const cwd = folderWith(typeof files === 'string' ? { 'plimsoll.yml': files } : files)
  return readConfig({ cwd, env: {}, ...source })
}

export function good(files: Files | string, source: ConfigSource = {}) {
  const result = read(files, source)
  if (!result.ok) throw new Error(result.problems.map(problemText).join('\n'))
  return result.config
}

// The first line of each problem.
export function problemsOf(files: Files | string, source: ConfigSource = {}): string[] {
  const result = read(files, source)
  return result.ok ? [] : result.problems.map(problem => problemText(problem).split('\n')[0] ?? '')
}
