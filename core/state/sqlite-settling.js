// @ts-check
// How rows that are durable ahead of their tables (sqlite-ahead.js) come into them: carried out when no more come for a
// moment (sqlite-pace.js), and committed a second's worth at a time, because a commit costs as much as the pages it
// touches, and those of a second are mostly the same. Called by sqlite-worker.js.
/** @import { DatabaseSync } from 'node:sqlite' */
/** @import { Statement } from './sqlite-thread.ts' */
import { deserialize, serialize } from 'node:v8'
import { free } from '../free.js'
import { corrupt, openAhead } from './sqlite-ahead.js'
import { Pace, retryMs } from './sqlite-pace.js'
import { check, isMistake, readRows, run } from './sqlite-statements.js'

// As much is read and carried out again after a crash, in a few seconds.
const settleBytes = 96 * 1_024 * 1_024
// Who asks while rows are carried out waits for this.
const pieceMs = 5
export const busyMs = 5_000

/** @typedef {readonly (readonly Statement[])[]} Units */

export class Settling {
  #ahead
  #path
  #writer
  #reader
  // How often entries were put into the tables, which keep it themselves.
  #number
  // Where the first entry stands that is durable and not carried out.
  #next
  #pace = new Pace(
    () => this.#carryOutNext(),
    () => this.#settleNext(),
  )
  // Some are carried out, and not committed.
  #isOpen = false
  // They were undone, or refused: none of those that are ahead is carried out.
  #isBehind = false
  // What was refused, an entry or a commit, may be there all the same: the next number makes sure.
  #isDoubtful = false
  // Why what is ahead is not in the tables.
  /** @type {unknown} */
  #refusal
  #refusedMs = Number.NEGATIVE_INFINITY
  // When even carrying out was refused, last.
  #unseenMs = Number.NEGATIVE_INFINITY

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
    this.#next = this.#ahead.begin
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
   * Durable when it returns, and seen by read() and by whatever follows settle(); the bytes of its rows are given back
   * then. A text that does not compile and a value that cannot be bound are refused here, and not when nobody hears of it.
   * @param {Units} units
   */
  append(units) {
    for (const unit of units) for (const each of unit) check(this.#writer, each)
    // All of it would be carried out again for each who comes.
    if ((this.#isBehind || this.#isDoubtful) && isJustNow(this.#refusedMs)) throw this.#refusal
    if (this.#isDoubtful || this.#ahead.bytes >= settleBytes) this.settle()
    else if (this.#isBehind) this.#catchUp(busyMs)
    const bytes = serialize(units)
    try {
      this.#ahead.append(this.#number, bytes)
    } catch (error) {
      this.#isDoubtful = true
      this.#pace.tryAgain()
      throw error
    } finally {
      free(bytes)
    }
    freeAll(units)
    this.#pace.came(this.#waitingBytes)
  }

  // Where the disk refuses to commit what is ahead, it is seen all the same; where it cannot even be carried out, reading goes
  // on without it.
  /** @param {Statement} statement */
  read(statement) {
    try {
      if (!this.#isBehind || !isJustNow(this.#unseenMs)) this.#catchUp(0)
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
    this.#refusedMs = Number.NEGATIVE_INFINITY
    this.#ahead.startOver()
    this.#next = this.#ahead.begin
    this.#pace.committed()
  }

  // Throws why what was appended last is not in the tables, where that is so.
  look() {
    if (this.#refusal !== undefined) throw this.#refusal
  }

  // What the disk refuses now is there for the next start.
  close() {
    try {
      this.settle()
    } catch (error) {
      if (isMistake(error)) throw error
    } finally {
      this.#pace.stop()
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

  get #waitingBytes() {
    return this.#ahead.end - this.#next
  }

  /** @param {number} patienceMs */
  #carryOut(patienceMs) {
    const { bytes, next } = this.#ahead.entry(this.#number, this.#next)
    try {
      this.#begin(patienceMs)
      for (const unit of /** @type {Units} */ (deserialize(bytes)))
        for (const each of unit) run(this.#writer, each)
    } catch (error) {
      this.#unseenMs = performance.now()
      throw error
    }
    free(bytes)
    this.#next = next
    if (this.#waitingBytes === 0) this.#pace.carriedOut()
  }

  /** @param {number} patienceMs */
  #catchUp(patienceMs) {
    this.#lookWhetherOpen()
    this.#orFallBehind(() => {
      while (this.#waitingBytes > 0) this.#carryOut(patienceMs)
    })
    this.#isBehind = false
  }

  // SQLite ends a transaction by itself when even reading fails in it, for want of memory.
  #lookWhetherOpen() {
    if (this.#isOpen && !this.#writer.isTransaction) this.#fallBehind()
  }

  #fallBehind() {
    if (this.#writer.isTransaction) this.#writer.exec('rollback')
    this.#isOpen = false
    this.#isBehind = this.#ahead.bytes > 0
    this.#next = this.#ahead.begin
    if (this.#isBehind || this.#isDoubtful) this.#pace.tryAgain()
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

  // A piece at a time, for whoever asks meanwhile.
  #carryOutNext() {
    this.#lookWhetherOpen()
    if (this.#isBehind) return
    if (this.#waitingBytes > 0 && this.#pace.isCarryingOutDue(this.#waitingBytes)) {
      this.#alone(() => this.#orFallBehind(() => this.#carryOutPiece(performance.now() + pieceMs)))
      if (this.#isBehind) return
    }
    if (this.#waitingBytes > 0) this.#pace.carryOutInTime(this.#waitingBytes)
    else if (this.#pace.isSettlingDue()) this.#alone(() => this.settle(0))
    else this.#pace.settleInTime()
  }

  /** @param {number} untilMs */
  #carryOutPiece(untilMs) {
    do this.#carryOut(0)
    while (this.#waitingBytes > 0 && performance.now() < untilMs)
  }

  // Whoever carries out the last of those that wait does it then.
  #settleNext() {
    if (this.#waitingBytes > 0 && !this.#isBehind && !this.#isDoubtful) return
    this.#alone(() => this.settle(0))
  }

  // With nobody who hears of it: what the disk refuses is tried again, and a mistake ends the thread.
  /** @param {() => void} work */
  #alone(work) {
    try {
      work()
    } catch (error) {
      if (isMistake(error)) throw error
      this.#pace.tryAgain()
    }
  }
}

/** @param {number} refusedMs */
const isJustNow = refusedMs => performance.now() - refusedMs < retryMs

// What is packed of many rows: a storm brings a hundred megabytes of it.
/** @param {Units} units */
function freeAll(units) {
  for (const unit of units)
    for (const { parameters } of unit) if (parameters instanceof Uint8Array) free(parameters)
}
