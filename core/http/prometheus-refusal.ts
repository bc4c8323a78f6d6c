// How Prometheus' API says no: its kinds of errors, its words around ours. Called by the routes of the rooms that answer
// it (query, rules) and, for what never reaches them, by the server.
import { type ErrorCode, Failure } from '../errors.ts'

const kinds: Partial<Record<ErrorCode, string>> = {
  query_failed: 'execution',
  too_many_samples: 'execution',
  query_timeout: 'timeout',
  query_canceled: 'canceled',
  not_found: 'not_found',
  internal: 'internal',
}

// `bad_data` is Prometheus' word for everything that the caller can correct.
export function refusalJson({ code, detail }: Failure, status: number): object {
  const errorType = kinds[code] ?? (status >= 500 ? 'unavailable' : 'bad_data')
  return { status: 'error', errorType, error: (lead[code] ?? '') + detail }
}

// What clients know these by.
const lead: Partial<Record<ErrorCode, string>> = {
  too_many_samples: 'query processing would load too many samples into memory in query execution: ',
  query_timeout: 'query timed out ',
}

export const refuse = (name: string, what: string): Failure =>
  new Failure('bad_request', `invalid parameter ${JSON.stringify(name)}: ${what}`)

// What the parser and the checker refuse, as refused by this parameter; without one, as it is.
export function readAs<T>(name: string | undefined, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof Failure) || !expected.has(error.code)) throw error
    const said = error.detail.replace(/^(\d+:\d+): /, '$1: parse error: ')
    throw name === undefined ? new Failure('bad_query', said) : refuse(name, said)
  }
}

const expected = new Set<ErrorCode>(['bad_query', 'bad_pattern', 'bad_duration'])
