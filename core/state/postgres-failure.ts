// What an error on the road to PostgreSQL means to people: it is away, it does not let us in, it is full, something
// is there already, or a mistake of ours. Called wherever an answer comes from pg.
import { DatabaseError } from 'pg'
import { Failure } from '../errors.ts'

// https://www.postgresql.org/docs/15/errcodes-appendix.html; the first two characters are the class.
const uniqueViolation = '23505'
const classes = {
  state_corrupt: ['XX001', 'XX002'],
  state_full: ['53100'],
  // Password, role, database, schema and rights.
  state_refused: ['28', '3D', '3F', '42501'],
  // Connection, resources, rollback, operator (shut down, cancelled by a timeout), system, limits (also that it must be
  // vacuumed first), the wrong moment, its configuration, what it does not support, faults of its own; a session ended
  // while idle, and a standby that takes no writes. Poolers speak in these too.
  state_unavailable: ['08', '53', '40', '57', '58', '54', '55', 'F0', '0A', 'XX', '25P03', '25006'],
} as const

// Of the connection itself. Its messages name addresses and no secrets.
const refusesTls = /\b(?:SSL|TLS|certificate|self.signed)\b/i

export function failureOf(error: unknown, place: string): Error {
  if (error instanceof Failure) return error
  if (!(error instanceof Error)) return new Error(String(error))
  const found = `${place}: ${messageOf(error)}`
  if (!(error instanceof DatabaseError)) {
    const isTls = refusesTls.test(error.message) || codeOf(error).startsWith('ERR_TLS')
    return new Failure(isTls ? 'state_refused' : 'state_unavailable', found)
  }
  const code = codeOf(error)
  // `detail` would name the values.
  if (code === uniqueViolation) return new Failure('conflict', error.message)
  for (const [failure, starts] of Object.entries(classes)) {
    if (starts.some(each => code.startsWith(each))) return new Failure(failure as keyof typeof classes, found)
  }
  // What is left is a statement that does not fit the tables: our mistake.
  return new Error(code.startsWith('23') ? `the state refuses this: ${error.message}` : error.message)
}

// Whether the connection is good for nothing any more. After an ordinary error of a statement it is.
export const isLost = (error: unknown): boolean =>
  !(error instanceof DatabaseError) || /^(?:08|57P|25P03|25006)/.test(codeOf(error))

// It says nothing about the statement, and what comes after it would find the same.
export const isFailureOfServer = (error: unknown): boolean =>
  error instanceof Failure && error.code !== 'conflict' && error.code !== 'state_full'

const codeOf = (error: Error): string => (error as { code?: string }).code ?? ''

// Of several addresses that were all tried, the errors of each.
function messageOf(error: Error): string {
  const each = error instanceof AggregateError ? error.errors.map(one => (one as Error).message) : []
  return [error.message, ...each].filter(text => text !== '').join(', ')
}
