// @ts-check
// How rows that are durable ahead of their tables (sqlite-ahead.js) come into them: carried out as soon as nobody asks for
// anything else, and committed a second's worth at a time, because a commit costs as much as the pages it touches, and
// those of a second are mostly the same. Called by sqlite-worker.js.
/** @import { DatabaseSync } from 'node:sqlite' */
/** @import { Statement } from './sqlite-thread.ts' */
import { deserialize, serialize } from 'node:v8'
import { corrupt, openAhead } from './sqlite-ahead.js'
import { readRows, run, unpacked } from './sqlite-statements.js'

// As much is read and carried out again after a crash, in a fifth of a second.
const settleBytes = 8 * 1_024 * 1_024
const settleMs = 1_000
// After the disk refused it.
const retryMs = 1_000
export const busyMs = 5_000

// See https://www.sqlite.org/rescode.html: statements that do not fit their tables, which trying again does not change.
const mistakes = new Set([1, 18, 19, 20, 21, 25])

/** @typedef {readonly (readonly Statement[])[]} Units */

export class Settling {
  #ahead
  #path
  #writer
  #reader
  // How often entries were put into the tables, which keep it themselves.
  #number
  // Durable, and not carried out.
  /** @type {Units[]} */
  #waiting = []
  // Some are carried out, and not committed.
  #isOpen = false
  // None of those that are ahead is carried out, and all have to be read again.
  #isBehind = false
  // What was refused, an entry or a commit, may be there all the same: the next number makes sure.
  #isDoubtful = false
  // Why what is ahead is not in the tables.
  /** @type {unknown} */
  #refusal
  #refusedMs = 0
  /** @type {NodeJS.Immediate | undefined} */
  #soon
  /** @type {NodeJS.Timeout | undefined} */
  #later

  /**
   * @param {DatabaseSync} writer
   * @param {DatabaseSync} reader
   * @param {string} path
   */
  constructor(writer, reader, path) {
    this.#writer = writer
    this.#reader = reader
    this.#path = path
    this.#ahead = openAhead(path)
    this.#number = Number(writer.prepare('pragma user_version').get()?.user_version)
  }

  // After a start: what the last process left.
  goOn() {
    this.#ahead.goOn(this.#number)
    this.#isBehind = this.#ahead.bytes > 0
    try {
      this.settle()
    } catch (error) {
      if (!isMistake(error)) throw error
      throw corrupt(`${this.#path} holds what its tables refuse: ${/** @type {Error} */ (error).message}`)
    }
  }

  /**
   * Durable when it returns, and seen by read() and by whatever follows settle(). What can never be carried out is
   * refused here, and not when nobody hears of it.
   * @param {Units} units
   */
  append(units) {
    const carried = units.map(unit => unit.map(each => unpacked(this.#writer, each)))
    if (this.#isDoubtful || this.#ahead.bytes >= settleBytes) this.settle()
    else if (this.#isBehind) this.#catchUp(busyMs)
    try {
      this.#ahead.append(this.#number, serialize(units))
    } catch (error) {
      this.#isDoubtful = true
      this.#settleIn(retryMs)
      throw error
    }
    this.#waiting.push(carried)
    this.#soon ??= setImmediate(() => this.#carryOutNext())
    this.#settleIn(settleMs)
  }

  // Where the disk refuses what is ahead, reading goes on without it.
  /** @param {Statement} statement */
  read(statement) {
    const isDue = !this.#isBehind || performance.now() - this.#refusedMs >= retryMs
    try {
      if (isDue) this.#catchUp(0)
    } catch (error) {
      if (isMistake(error)) throw error
    }
    if (!this.#isOpen) return readRows(this.#reader, statement)
    this.#writer.exec('pragma query_only = on')
    try {
      return readRows(this.#writer, statement)
    } finally {
      this.#writer.exec('pragma query_only = off')
      this.#lookWhetherOpen()
    }
  }

  // All that is ahead is in the tables when it returns. Before they are changed in any other way.
  settle(patienceMs = busyMs) {
    this.#catchUp(patienceMs)
    if (!this.#isOpen && !this.#isDoubtful) return
    const next = (this.#number + 1) % 2 ** 31
    this.#orFallBehind(() => {
      // A commit that fails may be found by the next process all the same.
      this.#isDoubtful = true
      this.#begin(patienceMs)
      this.#writer.exec(`pragma user_version = ${next}`)
      this.#writer.exec('commit')
    })
    this.#number = next
    this.#isOpen = false
    this.#isDoubtful = false
    this.#refusal = undefined
    this.#ahead.startOver()
  }

  // Throws why what was appended last is not in the tables, where that is so.
  look() {
    if (this.#refusal !== undefined) throw this.#refusal
  }

  // What the disk refuses now is there for the next start.
  close() {
    clearTimeout(this.#later)
    clearImmediate(this.#soon)
    try {
      this.settle()
    } catch (error) {
      if (isMistake(error)) throw error
    } finally {
      this.#ahead.close()
    }
  }

  /** @param {number} patienceMs */
  #begin(patienceMs) {
    if (this.#isOpen) return
    // Somebody outside may be writing.
    this.#writer.exec(`pragma busy_timeout = ${patienceMs}`)
    try {
      this.#writer.exec('begin immediate')
    } finally {
      this.#writer.exec(`pragma busy_timeout = ${busyMs}`)
    }
    this.#isOpen = true
  }

  /**
   * @param {Units} units
   * @param {number} patienceMs
   */
  #carryOut(units, patienceMs) {
    this.#begin(patienceMs)
    for (const unit of units) for (const each of unit) run(this.#writer, each)
  }

  /** @param {number} patienceMs */
  #catchUp(patienceMs) {
    this.#lookWhetherOpen()
    this.#orFallBehind(() => {
      if (this.#isBehind)
        for (const bytes of this.#ahead.entries(this.#number)) this.#carryOut(deserialize(bytes), patienceMs)
      else for (const units of this.#waiting) this.#carryOut(units, patienceMs)
    })
    this.#isBehind = false
    this.#waiting = []
  }

  // SQLite ends a transaction by itself when even reading fails in it, for want of memory.
  #lookWhetherOpen() {
    if (this.#isOpen && !this.#writer.isTransaction) this.#fallBehind()
  }

  #fallBehind() {
    if (this.#writer.isTransaction) this.#writer.exec('rollback')
    this.#isOpen = false
    this.#isBehind = this.#ahead.bytes > 0
    this.#waiting = []
  }

  /** @param {() => void} work */
  #orFallBehind(work) {
    try {
      work()
    } catch (error) {
      this.#fallBehind()
      this.#refusal = error
      this.#refusedMs = performance.now()
      throw error
    }
  }

  // One at a time, so that who asks meanwhile waits for no more than one.
  #carryOutNext() {
    this.#soon = undefined
    const units = this.#waiting.shift()
    if (units === undefined) return
    this.#lookWhetherOpen()
    if (this.#isBehind) return
    this.#alone(() => this.#orFallBehind(() => this.#carryOut(units, 0)))
    if (this.#waiting.length > 0) this.#soon = setImmediate(() => this.#carryOutNext())
  }

  /** @param {number} ms */
  #settleIn(ms) {
    this.#later ??= setTimeout(() => {
      this.#later = undefined
      this.#alone(() => this.settle(0))
    }, ms)
  }

  // With nobody who hears of it: what the disk refuses is tried again, and a mistake ends the thread.
  /** @param {() => void} work */
  #alone(work) {
    try {
      work()
    } catch (error) {
      if (isMistake(error)) throw error
      this.#settleIn(retryMs)
    }
  }
}

/** @param {unknown} error */
function isMistake(error) {
  const { errcode, code } = /** @type {{ errcode?: number, code?: string }} */ (error)
  if (errcode !== undefined) return mistakes.has(errcode & 0xff)
  return code === undefined || code.startsWith('ERR_')
}
