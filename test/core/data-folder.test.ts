import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { folderFailure, holdDataFolder } from '#core/data-folder.ts'

const top = mkdtempSync(join(tmpdir(), 'plimsoll-folder-'))
afterEach(() => rmSync(join(top, 'data'), { recursive: true, force: true }))

test('makes the folder, and gives it back', () => {
  for (let each = 0; each < 2; each++) {
    using held = holdDataFolder(join(top, 'data'))
    expect(held.path).toBe(join(top, 'data'))
  }
})

test('refuses a folder that is held, and says by whom', () => {
  using _ = holdDataFolder(join(top, 'data'))

  expect(() => holdDataFolder(join(top, 'data'))).toThrow(`is held by process ${process.pid}`)
})

// Whoever may read it may lock it too, and no start would come through.
test('nobody else may open the lock, also in a folder that all may look into', () => {
  mkdirSync(join(top, 'data'), { mode: 0o755 })
  using held = holdDataFolder(join(top, 'data'))
  expect(statSync(join(held.path, 'lock')).mode & 0o777).toBe(0o600)
})

test('a process that was killed holds nothing any more', () => {
  const program = `
    import { folderFailure, holdDataFolder } from '#core/data-folder.ts'
    globalThis.held = holdDataFolder(process.argv[1])
    process.kill(process.pid, 'SIGKILL')`
  const { signal } = spawnSync(process.execPath, ['--input-type=module', '-e', program, join(top, 'data')])
  expect(signal).toBe('SIGKILL')

  using held = holdDataFolder(join(top, 'data'))
  expect(held.path).toBe(join(top, 'data'))
})

test('refuses what is no folder', () => {
  writeFileSync(join(top, 'data'), '')

  expect(() => holdDataFolder(join(top, 'data'))).toThrow('is no folder')
})

test.runIf(process.platform === 'linux')('ends where the kernel lets nobody make anything', () => {
  expect(() => holdDataFolder('/proc/plimsoll/data')).toThrow('cannot be made')
})

// The superuser may write everywhere.
test.skipIf(process.getuid?.() === 0)('refuses a folder that it may not write', () => {
  holdDataFolder(join(top, 'data'))[Symbol.dispose]()
  chmodSync(join(top, 'data'), 0o500)

  expect(() => holdDataFolder(join(top, 'data'))).toThrow('data_folder_not_ours')
})

test('says of a file system that takes no writes that it is mounted so', () => {
  const error = Object.assign(new Error('EROFS: read-only file system'), { code: 'EROFS' })
  expect(folderFailure(error, '/data').message).toContain('/data: its file system is mounted read-only')
})
