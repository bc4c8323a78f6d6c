// @ts-check
// The file beside a SQLite file (its -ahead) where rows are durable before they are in their tables: one write and one
// sync, while a commit of SQLite writes every page of every index that its rows touch. Called by sqlite-settling.js.
//
// A head, then entries, each from a multiple of `grid` on. The number of an entry is that of the tables when it was
// written: the commit that puts entries into the tables counts that one up, so what has another number is old, and is
// written over. The salt of the head is in every sum, so that nobody can post bytes that look like an entry.
import { randomBytes } from 'node:crypto'
import {
  closeSync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  openSync,
  readSync,
  rmSync,
  writevSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { crc32 } from 'node:zlib'

const magic = 0x414c4944
const saltBytes = 16
const entryHeadBytes = 20
const grid = 512

/** @param {string} path */
export function openAhead(path) {
  // Made with the first entry, and gone with the last: a disk that is full has room for neither.
  let handle = existing(path)
  let salt = saltOf(handle)
  let isOurs = false
  // Nothing in it is needed but what we know of.
  let isKnown = false
  let end = grid

  /** @param {number} at */
  function entryAt(at) {
    if (handle === undefined || salt === undefined) return undefined
    const head = read(handle, at, entryHeadBytes)
    if (head.length < entryHeadBytes || head.readUInt32LE(0) !== magic) return undefined
    // Before any of its bytes are read, since whoever posts alerts may fill files with what begins like one.
    if (headSumOf(salt, head) !== head.readUInt32LE(12)) return undefined
    const bytes = read(handle, at + entryHeadBytes, head.readUInt32LE(8))
    const isWhole = bytes.length === head.readUInt32LE(8) && crc32(bytes) === head.readUInt32LE(16)
    return isWhole ? { number: head.readUInt32LE(4), bytes } : undefined
  }

  /** @param {number} number */
  function wholeUntil(number) {
    let at = grid
    for (let found = entryAt(at); found?.number === number; found = entryAt(at)) at += lengthOf(found.bytes)
    return at
  }

  return {
    // Where the first entry stands, and where the next one will.
    begin: grid,
    get end() {
      return end
    },
    // How much they are.
    get bytes() {
      return end - grid
    },
    /**
     * The entry that stands there, and where the one behind it does.
     * @param {number} number
     * @param {number} at
     */
    entry(number, at) {
      const found = entryAt(at)
      if (found?.number !== number) throw corrupt(`${path} is damaged at byte ${at}`)
      return { bytes: found.bytes, next: at + lengthOf(found.bytes) }
    },
    /**
     * Goes on behind the last entry of this number. What follows is half an entry at most, which nobody was told of; whole
     * ones mean that something is missing before them.
     * @param {number} number
     */
    goOn(number) {
      end = wholeUntil(number)
      const size = handle === undefined ? 0 : fstatSync(handle).size
      if (size > grid && salt === undefined) throw corrupt(`the head of ${path} is damaged`)
      for (let at = end; at < size; at += grid) {
        const found = entryAt(at)
        if (found === undefined || isBefore(found.number, number)) continue
        throw corrupt(
          at === grid
            ? `${path} goes on from what is not in its tables`
            : `${path} is damaged at byte ${end}, and what was written behind it would be lost`,
        )
      }
      isKnown = true
    },
    /**
     * Durable when it returns; when it throws, as if it had not been called.
     * @param {number} number
     * @param {Uint8Array} bytes
     */
    append(number, bytes) {
      handle ??= made(path)
      // With another salt, nobody knows from older entries what will make a new one look whole.
      if (salt === undefined || (!isOurs && end === grid)) salt = salted(handle)
      isOurs = true
      const head = Buffer.alloc(entryHeadBytes)
      head.writeUInt32LE(magic, 0)
      head.writeUInt32LE(number, 4)
      head.writeUInt32LE(bytes.length, 8)
      head.writeUInt32LE(headSumOf(salt, head), 12)
      head.writeUInt32LE(crc32(bytes), 16)
      write(handle, [head, bytes], end)
      end += lengthOf(bytes)
    },
    // The tables have all.
    startOver() {
      end = grid
    },
    close() {
      if (handle !== undefined) closeSync(handle)
      if (isKnown && end === grid) rmSync(path, { force: true })
    },
  }
}

/**
 * They have 31 bits, and begin anew after a long time.
 * @param {number} number
 * @param {number} other
 */
const isBefore = (number, other) => ((number - other) & 0x7fffffff) >= 2 ** 30

/** @param {Uint8Array} bytes */
const lengthOf = bytes => Math.ceil((entryHeadBytes + bytes.length) / grid) * grid

/**
 * @param {Buffer} salt
 * @param {Buffer} head
 */
const headSumOf = (salt, head) => crc32(head.subarray(4, 12), crc32(salt))

/** @param {string} what */
export const corrupt = what => Object.assign(new Error(what), { errcode: 11 })

/** @param {string} path */
function existing(path) {
  try {
    return openSync(path, 'r+')
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return undefined
    throw error
  }
}

/** @param {string} path */
function made(path) {
  const handle = openSync(path, 'w+', 0o600)
  try {
    const folder = openSync(dirname(path), 'r')
    try {
      fsyncSync(folder)
    } finally {
      closeSync(folder)
    }
    return handle
  } catch (error) {
    closeSync(handle)
    throw error
  }
}

/** @param {number | undefined} handle */
function saltOf(handle) {
  if (handle === undefined) return undefined
  const head = read(handle, 0, saltBytes + 4)
  if (head.length < saltBytes + 4) return undefined
  const salt = head.subarray(0, saltBytes)
  return crc32(salt) === head.readUInt32LE(saltBytes) ? salt : undefined
}

/** @param {number} handle */
function salted(handle) {
  const salt = randomBytes(saltBytes)
  const sum = Buffer.alloc(4)
  sum.writeUInt32LE(crc32(salt), 0)
  write(handle, [salt, sum], 0)
  return salt
}

/**
 * @param {number} handle
 * @param {number} at
 * @param {number} length
 */
function read(handle, at, length) {
  const bytes = Buffer.alloc(Math.max(0, Math.min(length, fstatSync(handle).size - at)))
  return bytes.subarray(0, readSync(handle, bytes, 0, bytes.length, at))
}

/**
 * @param {number} handle
 * @param {readonly Uint8Array[]} parts
 * @param {number} at
 */
function write(handle, parts, at) {
  const wanted = parts.reduce((sum, each) => sum + each.length, 0)
  const written = writevSync(handle, parts, at)
  // A disk that is almost full takes what it can.
  if (written < wanted) throw Object.assign(new Error('there is no room for all of it'), { code: 'ENOSPC' })
  fdatasyncSync(handle)
}
