// One data folder, one process: makes the folder, sees that it is ours to write, and holds it until the process
// ends, however it ends. Called by bin/ before any engine is opened.
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  openSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Failure } from './errors.ts'
import { makeFolder } from './make-folder.ts'

export type DataFolder = Disposable & Readonly<{ path: string }>

export function holdDataFolder(path: string): DataFolder {
  try {
    makeFolder(path)
    const held = hold(join(path, 'lock'))
    writeFileSync(join(path, 'pid'), `${process.pid}\n`)
    return { path, [Symbol.dispose]: () => held.close() }
  } catch (error) {
    throw folderFailure(error as NodeJS.ErrnoException, path)
  }
}

// SQLite locks by the kernel, on every system, and the lock goes with the process: the same file as an open
// transaction of an empty database. Whoever may read that file may lock it, so nobody else may.
function hold(file: string): DatabaseSync {
  // Closing one that is locked by this process would let go of it.
  if (!existsSync(file)) closeSync(openSync(file, 'a', 0o600))
  const database = new DatabaseSync(file, { timeout: 0 })
  try {
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

const busy = 5 // SQLITE_BUSY

// In words that tell what to change.
export function folderFailure(error: NodeJS.ErrnoException & { errcode?: number }, path: string): Error {
  if (error.errcode === busy) return new Failure('store_held', `${path} is held by process ${holder(path)}`)
  const isRefused = ['EACCES', 'EPERM'].includes(error.code ?? '') || [8, 14].includes(error.errcode ?? 0)
  if (error.code === 'EROFS' || (isRefused && isReadOnly(path)))
    return new Failure('data_folder_not_ours', `${path}: its file system is mounted read-only`)
  if (isRefused) return new Failure('data_folder_not_ours', `${path} cannot be written${ownerOf(path)}`)
  if (error.code === 'ENOENT') return new Failure('data_folder_not_ours', `${path} cannot be made`)
  if (error.code === 'ENOTDIR' || error.code === 'EEXIST') {
    return new Failure('data_folder_not_ours', `${path} is no folder`)
  }
  if (error.code === 'ENOSPC') return new Failure('store_full', `${path}: ${error.message}`)
  return error
}

// SQLite does not say so.
function isReadOnly(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EROFS'
  }
}

function holder(path: string): string {
  try {
    return readFileSync(join(path, 'pid'), 'utf8').trim()
  } catch {
    return 'unknown'
  }
}

function ownerOf(path: string): string {
  try {
    const { uid } = statSync(path)
    const own = process.getuid?.()
    return own === undefined || uid === own
      ? ''
      : `: it belongs to user ${uid}, and this process is user ${own}`
  } catch {
    return ''
  }
}
