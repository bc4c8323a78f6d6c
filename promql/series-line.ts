// Prometheus' notation of test series: metric{label="value"} and its points, `1+2x5 _ stale`. Called by the unit tests
// of rules and by the conformance runner.
import { labelsOf, metricName } from '#core/labels.ts'
import type { Series } from '#core/model.ts'
import { unquote } from './string-literal.ts'

// `undefined` where nothing is; `stale` where a series ends.
export type Point = number | 'stale' | undefined

export type SeriesLine = Readonly<{ series: Series; points: readonly Point[] }>

// What cannot be kept here: native histograms, and the start times of counters (`metric@st`).
export class Lacking extends Error {
  readonly series: Series

  constructor(series: Series, what: string) {
    super(what)
    this.series = series
  }
}

const nameToken = /^[a-zA-Z_:][\w:]*/
const labelToken = /^[a-zA-Z_]\w*/
const stringToken = /^(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)/

// Throws an Error that says what was wanted.
export function readSeriesLine(line: string): SeriesLine {
  const { series, rest } = readSeries(line)
  if (rest.startsWith('@')) throw new Lacking(series, 'start times are not kept here')
  if (rest !== '' && !/^\s/.test(rest)) throw new Error(`did not expect ${rest.slice(0, 20)}`)
  if (rest.includes('{{')) throw new Lacking(series, 'native histograms are not kept here')
  const tokens = rest.trim() === '' ? [] : rest.trim().split(/\s+/)
  if (tokens.some(each => each.includes('@'))) throw new Lacking(series, 'start times are not kept here')
  return { series, points: tokens.flatMap(readPoints) }
}

type Read = { series: Series; rest: string }

function readSeries(line: string): Read {
  let rest = line
  const take = (token: RegExp): string | undefined => {
    const found = token.exec(rest)?.[0]
    if (found !== undefined) rest = rest.slice(found.length)
    return found
  }
  let name = take(nameToken) ?? ''
  const pairs: [string, string][] = []
  if (rest.startsWith('{')) {
    rest = rest.slice(1).trimStart()
    while (!rest.startsWith('}')) {
      const quoted = take(stringToken)
      const label = quoted === undefined ? take(labelToken) : unquote(quoted)
      if (label === undefined) throw new Error(`wanted a label, found ${rest.slice(0, 20)}`)
      take(/^\s*/)
      // A name in quotes by itself is the metric's.
      if (quoted !== undefined && !rest.startsWith('=')) name = label
      else {
        if (take(/^=\s*/) === undefined)
          throw new Error(`wanted = behind ${label}, found ${rest.slice(0, 20)}`)
        const value = take(stringToken)
        if (value === undefined) throw new Error(`wanted a value in quotes, found ${rest.slice(0, 20)}`)
        if (label === metricName) name = unquote(value)
        else pairs.push([label, unquote(value)])
      }
      const comma = take(/^\s*,?\s*/)
      if (comma?.includes(',') !== true && !rest.startsWith('}')) {
        throw new Error(`wanted , or }, found ${rest.slice(0, 20)}`)
      }
    }
    rest = rest.slice(1)
  } else if (name === '') throw new Error(`wanted a series, found ${line.slice(0, 20)}`)
  return { series: { name, labels: labelsOf(pairs) }, rest }
}

const number = String.raw`[+-]?(?:inf|nan|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)`
const plainNumber = new RegExp(`^${number}$`, 'i')
// a, axN, a+bxN, a-bxN.
const sequence = new RegExp(`^(${number})(?:([+-])(${number.slice('[+-]?'.length)}))?(?:x(\\d+))?$`, 'i')
const blanks = /^_(?:x(\d+))?$/
const stales = /^stale(?:x(\d+))?$/
const pointsMax = 1_000_000

function readPoints(token: string): Point[] {
  const blank = blanks.exec(token)
  if (blank !== null) return new Array<Point>(count(blank[1] ?? '1')).fill(undefined)
  const stale = stales.exec(token)
  if (stale !== null) return new Array<Point>(count(stale[1] ?? '0') + 1).fill('stale')
  const found = sequence.exec(token)
  if (found === null) throw new Error(`${token} is no point`)
  const [, first = '', sign, by, times] = found
  if (by !== undefined && times === undefined) throw new Error(`${token} does not say how often`)
  const step = by === undefined ? 0 : numberOf(by) * (sign === '-' ? -1 : 1)
  const points: Point[] = []
  // Added up, not multiplied, as Prometheus does.
  for (let at = 0, value = numberOf(first); at <= count(times ?? '0'); at++, value += step) points.push(value)
  return points
}

function count(text: string): number {
  const times = Number(text)
  if (times > pointsMax)
    throw new Error(`${text} points are more than the ${pointsMax} that one line may have`)
  return times
}

const infinite = /^([+-]?)inf$/i
const notANumber = /^[+-]?nan$/i

function numberOf(text: string): number {
  const sign = infinite.exec(text)?.[1]
  if (sign !== undefined) return Number(`${sign}Infinity`)
  return notANumber.test(text) ? Number.NaN : Number(text)
}

export const readNumber = (text: string): number | undefined =>
  plainNumber.test(text) ? numberOf(text) : undefined
