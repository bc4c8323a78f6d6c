// What an error of SQLite means to people: a damaged file, a full disk, a folder of somebody else, a clash with
// what is there, or a mistake of ours. Called wherever an answer comes from the thread of the file.
import { Failure } from '../errors.ts'

// What went wrong on the other side: an error does not cross threads as itself.
export type Trouble = Readonly<{
  trouble: string
  errcode?: number | undefined
  code?: string | undefined
}>

// https://www.sqlite.org/rescode.html; extended codes carry the primary one in their low byte.
const forbidden = 3
const busy = 5
const locked = 6
const noMemory = 7
const readOnly = 8
const ioError = 10
const corrupt = 11
const full = 13
const cannotOpen = 14
const protocol = 15
const constraint = 19
const notDatabase = 26

const uniqueKey = 2067
const primaryKey = 1555
// The -shm beside the file, which is made with its first connection, finds no room.
const sharedMemorySize = 4874

const ofOwner = new Set([forbidden, readOnly, cannotOpen])
const ofMoment = new Set([busy, locked, noMemory, ioError, protocol])
const notOurs = new Set(['EACCES', 'EPERM', 'EROFS', 'EISDIR', 'ENOTDIR', 'ENOENT'])

export function failureOf({ trouble, errcode, code }: Trouble, file: string): Error {
  const primary = errcode === undefined ? undefined : errcode & 0xff
  const found = `${file}: ${trouble}`
  if (primary === corrupt || primary === notDatabase) return new Failure('state_corrupt', found)
  if (primary === full || errcode === sharedMemorySize || code === 'ENOSPC' || code === 'EDQUOT')
    return new Failure('state_full', found)
  if (primary !== undefined && ofOwner.has(primary)) return new Failure('data_folder_not_ours', found)
  if (code !== undefined && notOurs.has(code)) return new Failure('data_folder_not_ours', found)
  if (errcode === uniqueKey || errcode === primaryKey) return new Failure('conflict', trouble)
  if (primary !== undefined && ofMoment.has(primary)) return new Failure('state_unavailable', found)
  // Of the system, such as too many open files.
  if (code !== undefined && /^E(?!RR_)/.test(code)) return new Failure('state_unavailable', found)
  // What is left is a statement that does not fit the tables: our mistake.
  return new Error(primary === constraint ? `the state refuses this: ${trouble}` : trouble)
}
