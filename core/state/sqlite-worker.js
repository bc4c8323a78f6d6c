// @ts-check
// The thread that holds the SQLite file: it carries out what sqlite-thread.ts asks, one request after the other.
// It decides nothing. Plain JavaScript, because for TypeScript this thread would load Node's type stripper a
// second time: 10 MiB (29 instead of 19).
/** @import { Trouble } from './sqlite-failure.ts' */
/** @import { Requests, Statement, Written } from './sqlite-thread.ts' */
import {
  closeSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'
import { parentPort } from 'node:worker_threads'
import { busyMs, Settling } from './sqlite-settling.js'
import { run } from './sqlite-statements.js'

// Above this, looking through the file at every start would be felt (1.3 ms per MiB).
const quickCheckMaxBytes = 16 * 1_024 * 1_024

// Where a statement of many rows remembers how to undo itself: else in a file for each.
const undoInMemory = 'pragma temp_store = memory'

let file = ''
// Keeps it open, to see whether it still has a name.
let held = -1
/** @type {DatabaseSync} */
let writer
/** @type {DatabaseSync} */
let reader
/** @type {Settling} */
let settling

/** @type {{ [Kind in keyof Requests]: (asked: Requests[Kind]['asks']) => Requests[Kind]['answers'] | Promise<Requests[Kind]['answers']> }} */
const carryOut = {
  open(asked) {
    file = asked.file
    if (lstatSync(file, { throwIfNoEntry: false }) === undefined) beginFile()
    // What a link leads to may not be there. SQLite gives its -wal and -shm the mode of the file itself.
    held = openSync(file, 'a', 0o600)
    writer = new DatabaseSync(file, { timeout: busyMs })
    writer.exec('pragma journal_mode = wal')
    writer.exec('pragma synchronous = full')
    writer.exec('pragma cache_size = -8192')
    writer.exec('pragma wal_autocheckpoint = 4096')
    writer.exec(undoInMemory)
    writer.exec('pragma foreign_keys = on')
    writer.exec('pragma trusted_schema = off')
    writer.exec('pragma journal_size_limit = 16777216')
    if (statSync(file).size <= quickCheckMaxBytes) {
      const found = writer.prepare('pragma quick_check(1)').get()?.quick_check
      if (found !== 'ok') throw Object.assign(new Error(String(found)), { errcode: 11 })
    }
    if (asked.maxBytes !== undefined) {
      const size = Number(writer.prepare('pragma page_size').get()?.page_size)
      writer.exec(`pragma max_page_count = ${Math.ceil(asked.maxBytes / size)}`)
    }
    reader = new DatabaseSync(file, { timeout: busyMs, readOnly: true })
    settling = new Settling(writer, reader, `${file}-ahead`)
    settling.goOn()
  },
  read: statement => settling.read(statement),
  group: units => together(units),
  append: units => settling.append(units),
  look: () => settling.look(),
  begin() {
    settling.settle()
    // Of years, when an index is made of them.
    writer.exec('pragma temp_store = file')
    try {
      writer.exec('begin immediate')
    } catch (error) {
      writer.exec(undoInMemory)
      throw error
    }
  },
  within: statement => run(writer, statement),
  commit() {
    writer.exec('commit')
    writer.exec(undoInMemory)
  },
  rollback() {
    abandon()
    writer.exec(undoInMemory)
  },
  // Does the disk take anything again? Writes page 1 anew, and a file as large as a few writes, since there is
  // often room for one page on a disk that is full.
  probe() {
    settling.settle()
    const version = Number(writer.prepare('pragma user_version').get()?.user_version)
    writer.exec(`pragma user_version = ${version}`)
    const spare = `${file}.probe`
    try {
      writeFileSync(spare, Buffer.alloc(262_144), { flush: true })
    } finally {
      rmSync(spare, { force: true })
    }
  },
  async backup(toFile) {
    settling.settle()
    const part = `${toFile}.part`
    rmSync(part, { force: true })
    // It holds the digests of passwords, and the folder may be open to others.
    closeSync(openSync(part, 'wx', 0o600))
    const source = new DatabaseSync(file, { timeout: busyMs, readOnly: true })
    try {
      // In one step, that is under one snapshot: in several, each commit of the writer would begin it anew.
      await backup(source, part, { rate: 2 ** 30 })
    } finally {
      source.close()
    }
    place(part, toFile)
  },
  close() {
    try {
      settling?.close()
    } finally {
      for (const each of [reader, writer]) if (each?.isOpen) each.close()
      // Not before: the locks of a file end with any handle of it.
      if (held >= 0) closeSync(held)
      held = -1
    }
  },
}

/** @type {ReadonlySet<keyof Requests>} */
const writes = new Set(['group', 'append', 'look', 'begin', 'probe', 'backup'])

// What is written into a file that somebody has deleted ends with this process, whatever the disk says.
function refuseDeleted() {
  if (fstatSync(held).nlink > 0) return
  throw Object.assign(new Error('it was deleted while the service ran'), { code: 'ENOENT' })
}

/**
 * One commit for all units. A unit that fails is undone alone; when the commit fails, all fail.
 * @param {readonly (readonly Statement[])[]} units
 * @returns {(Trouble | readonly Written[])[]}
 */
function together(units) {
  /** @type {(Trouble | readonly Written[])[]} */
  const answers = []
  settling.settle()
  writer.exec('begin immediate')
  try {
    for (const unit of units) answers.push(alone(unit))
    writer.exec('commit')
  } catch (error) {
    abandon()
    return units.map((_, at) => (isTrouble(answers[at]) ? answers[at] : troubleOf(error)))
  }
  return answers
}

/**
 * @param {readonly Statement[]} unit
 * @returns {Trouble | readonly Written[]}
 */
function alone(unit) {
  writer.exec('savepoint unit')
  try {
    const written = unit.map(each => run(writer, each))
    writer.exec('release unit')
    return written
  } catch (error) {
    // A full disk ends the whole transaction, and with it the savepoint.
    if (!writer.isTransaction) throw error
    writer.exec('rollback to unit')
    writer.exec('release unit')
    return troubleOf(error)
  }
}

function abandon() {
  if (writer.isTransaction) writer.exec('rollback')
}

// Under another name until its first page is there: an empty file would look as if something had emptied it
// (sqlite.ts) where this ends in the middle, or the disk is full.
function beginFile() {
  const part = `${file}.part`
  const leave = () => {
    for (const end of ['', '-journal', '-wal', '-shm']) rmSync(part + end, { force: true })
  }
  leave()
  try {
    closeSync(openSync(part, 'wx', 0o600))
    const fresh = new DatabaseSync(part)
    try {
      fresh.exec('pragma journal_mode = wal')
    } finally {
      fresh.close()
    }
    place(part, file)
  } finally {
    leave()
  }
}

/**
 * @param {string} part
 * @param {string} toFile
 */
function place(part, toFile) {
  durably(part)
  renameSync(part, toFile)
  durably(dirname(toFile))
}

/** @param {string} path */
function durably(path) {
  const handle = openSync(path, 'r')
  fsyncSync(handle)
  closeSync(handle)
}

/**
 * @param {unknown} error
 * @returns {Trouble}
 */
function troubleOf(error) {
  const { message, errcode, code } = /** @type {Error & { errcode?: number, code?: string }} */ (error)
  return { trouble: message, errcode, code }
}

/**
 * @param {Trouble | readonly Written[] | undefined} answer
 * @returns {answer is Trouble}
 */
const isTrouble = answer => answer !== undefined && 'trouble' in answer

parentPort?.on('message', async ({ id, kind, asks }) => {
  try {
    if (writes.has(kind)) refuseDeleted()
    const carry = /** @type {(asked: unknown) => unknown} */ (carryOut[/** @type {keyof Requests} */ (kind)])
    parentPort?.postMessage({ id, answer: await carry(asks) })
  } catch (error) {
    parentPort?.postMessage({ id, trouble: troubleOf(error) })
  }
})
