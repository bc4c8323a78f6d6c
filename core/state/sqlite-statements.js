// @ts-check
// Statements on a SQLite connection: prepared once, bound, and carried out. Called by sqlite-worker.js and
// sqlite-settling.js.
/** @import { DatabaseSync, StatementSync } from 'node:sqlite' */
/** @import { Bindable, Statement, Written } from './sqlite-thread.ts' */
import { deserialize } from 'node:v8'

const preparedMax = 200

/** @type {WeakMap<DatabaseSync, Map<string, StatementSync>>} */
const known = new WeakMap()

/**
 * @param {DatabaseSync} db
 * @param {Statement} statement
 */
export const readRows = (db, statement) => prepared(db, statement).all(...bound(statement))

/**
 * @param {DatabaseSync} db
 * @param {Statement} statement
 * @returns {Written}
 */
export function run(db, statement) {
  const ready = prepared(db, statement)
  if (ready.columns().length > 0) {
    const rows = ready.all(...bound(statement))
    return { rows, changed: rows.length }
  }
  return { rows: [], changed: Number(ready.run(...bound(statement)).changes) }
}

/**
 * Preparing costs more than running, and statements repeat. The one least lately used goes first.
 * @param {DatabaseSync} db
 * @param {Statement} statement
 */
function prepared(db, { sql }) {
  const statements = known.get(db) ?? new Map()
  known.set(db, statements)
  const ready = statements.get(sql) ?? db.prepare(sql)
  statements.delete(sql)
  statements.set(sql, ready)
  if (statements.size > preparedMax) statements.delete(statements.keys().next().value)
  return ready
}

/**
 * Throws where it could never be run. What is packed was looked through by who packed it.
 * @param {DatabaseSync} db
 * @param {Statement} statement
 */
export function check(db, { sql, parameters }) {
  prepared(db, { sql, parameters })
  if (parameters instanceof Uint8Array) return
  for (const each of parameters) {
    if (!isBindable(each)) throw new TypeError(`${String(each)} cannot be kept by ${sql.slice(0, 60)}`)
  }
}

/** @param {unknown} value */
function isBindable(value) {
  if (typeof value === 'bigint') return BigInt.asIntN(64, value) === value
  if (typeof value === 'number') return !Number.isNaN(value)
  return typeof value === 'string' || value === null || value instanceof Uint8Array
}

/**
 * @param {Statement} statement
 * @returns {Bindable[]}
 */
const bound = ({ parameters }) =>
  parameters instanceof Uint8Array ? deserialize(parameters) : [...parameters]

// See https://www.sqlite.org/rescode.html: statements that do not fit their tables, which trying again does not change.
const mistakes = new Set([1, 18, 19, 20, 21, 25])

/** @param {unknown} error */
export function isMistake(error) {
  const { errcode, code } = /** @type {{ errcode?: number, code?: string }} */ (error)
  if (errcode !== undefined) return mistakes.has(errcode & 0xff)
  return code === undefined || code.startsWith('ERR_')
}
