// Is an answer what a case wants? Values agree within 1e-6 of their sum, NaN and infinities exactly. The answer is
// nothing, or a sentence of what was wanted and what was got. Called by run-file.ts.
import { keyOf } from '#core/labels.ts'
import type { Series } from '#core/model.ts'
import type { SeriesSamples } from '#core/store.ts'
import type { SeriesLine } from '#promql/series-line.ts'
import type { Value, VectorValue } from '#promql/value.ts'
import type { Eval } from './command.ts'

const tolerance = 1e-6
const smallest = 2.2250738585072014e-308

export function isAlmost(a: number, b: number): boolean {
  if (Number.isNaN(a) && Number.isNaN(b)) return true
  if (a === b) return true
  const [sum, difference] = [Math.abs(a) + Math.abs(b), Math.abs(a - b)]
  if (a === 0 || b === 0 || sum < smallest) return difference < tolerance * smallest
  return difference / Math.min(sum, Number.MAX_VALUE) < tolerance
}

const shown = ({ name, labels }: Series): string =>
  `${name}{${Object.entries(labels)
    .map(([label, value]) => `${label}=${JSON.stringify(value)}`)
    .join(', ')}}`

const differ = (wanted: unknown, got: unknown): string => `wanted ${wanted}, got ${got}`

export function compare(wanted: Eval, value: Value): string | undefined {
  switch (value.kind) {
    case 'string':
      return value.value === wanted.string
        ? undefined
        : differ(JSON.stringify(wanted.string), JSON.stringify(value.value))
    case 'scalar':
      if (wanted.scalar === undefined) return differ('no scalar', value.value)
      return isAlmost(value.value, wanted.scalar) ? undefined : differ(wanted.scalar, value.value)
    case 'vector':
      return compareVector(wanted, value)
    case 'matrix':
      return compareMatrix(wanted, value.series)
    default:
      return differ('a value', JSON.stringify(value satisfies never))
  }
}

export function compareVector(wanted: Eval, { series, values }: VectorValue): string | undefined {
  if (wanted.scalar !== undefined)
    return differ(`the scalar ${wanted.scalar}`, `a vector of ${series.length}`)
  const expected = byKey(wanted.series)
  for (const [at, each] of series.entries()) {
    const found = expected.get(keyOf(each))
    if (found === undefined) return differ('no such series', `${shown(each)} ${values[at]}`)
    const [point] = found.line.points
    if (typeof point !== 'number' || !isAlmost(values[at]!, point)) {
      return `${shown(each)}: ${differ(point, values[at])}`
    }
    if (wanted.expects.has('ordered') && found.at !== at) {
      return `${shown(each)}: ${differ(`place ${found.at + 1}`, `place ${at + 1}`)}`
    }
  }
  return missing(expected, series)
}

function compareMatrix(wanted: Eval, series: readonly SeriesSamples[]): string | undefined {
  if (wanted.expects.has('ordered')) return differ('an ordered vector', 'a matrix')
  const times = wanted.window ?? ('stepMs' in wanted.when ? wanted.when : undefined)
  if (times === undefined) return differ('a vector', 'a matrix')
  const expected = byKey(wanted.series)
  for (const { series: each, tMs, values } of series) {
    const found = expected.get(keyOf(each))
    const got = Array.from(values, (value, at) => `${value}@${tMs[at]! / 1_000}`).join(' ')
    if (found === undefined) return differ('no such series', `${shown(each)} ${got}`)
    const points = found.line.points.flatMap((point, at) =>
      typeof point === 'number' ? [{ tMs: times.startMs + at * times.stepMs, value: point }] : [],
    )
    const isSame =
      points.length === tMs.length &&
      points.every((point, at) => point.tMs === tMs[at] && isAlmost(point.value, values[at]!))
    if (!isSame) {
      const want = points.map(point => `${point.value}@${point.tMs / 1_000}`).join(' ')
      return `${shown(each)}: ${differ(want, got)}`
    }
  }
  return missing(
    expected,
    series.map(each => each.series),
  )
}

type Expected = Map<string, { line: SeriesLine; at: number }>

const byKey = (lines: readonly SeriesLine[]): Expected =>
  new Map(lines.map((line, at) => [keyOf(line.series), { line, at }]))

function missing(expected: Expected, got: readonly Series[]): string | undefined {
  const found = new Set(got.map(keyOf))
  for (const [key, { line }] of expected) {
    if (!found.has(key)) return differ(`${shown(line.series)} ${line.points.join(' ')}`, 'no such series')
  }
  return undefined
}
