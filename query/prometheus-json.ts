// How Prometheus' query API writes values, times, results and refusals. Called by query-routes.ts.
import type { ErrorCode, Failure } from '#core/errors.ts'
import { metricName } from '#core/labels.ts'
import type { Series } from '#core/model.ts'

// As Go's strconv does with 'f' and -1: all digits, never an exponent.
export function valueText(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  if (Object.is(value, -0)) return '-0'
  const text = String(value)
  if (!text.includes('e')) return text
  const [, sign = '', digits = '', fraction = '', exponent = '0'] =
    /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text) ?? []
  const all = digits + fraction
  const point = 1 + Number(exponent)
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${all}`
  return `${sign}${all.padEnd(point, '0')}`
}

export const pair = (tMs: number, value: number): readonly [number, string] => [tMs / 1_000, valueText(value)]

export const metricOf = ({ name, labels }: Series): Record<string, string> =>
  name === '' ? labels : { [metricName]: name, ...labels }

export const success = (data: unknown): object => ({ status: 'success', data })

const kinds: Partial<Record<ErrorCode, string>> = {
  too_many_samples: 'execution',
  store_corrupt: 'internal',
  internal: 'internal',
  overloaded: 'unavailable',
  stopping: 'unavailable',
}

// `bad_data` is Prometheus' word for everything that the caller can correct.
export const refusalJson = ({ code, detail }: Failure): object => ({
  status: 'error',
  errorType: kinds[code] ?? 'bad_data',
  error: detail,
})
