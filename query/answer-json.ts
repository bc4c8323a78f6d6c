// What an expression comes to, as Prometheus writes it in JSON, in pieces: a large answer is written while it is sent,
// and never stands in memory as a whole. A million samples take 0.15 s (bench/query.ts), which is why the loops
// append to one text, and points are written as bytes. Called by the routes.
import { type Pieces, pieceChars } from '#core/http/pieces.ts'
import { metricName } from '#core/labels.ts'
import type { Series } from '#core/model.ts'
import type { MatrixValue, Value, VectorValue } from '#promql/value.ts'
import { sampleText, scalarText, shortTimeText, timeText } from './number-text.ts'
import { PointsText } from './points-text.ts'

// `stats` go behind the result.
export function* valueJson(value: Value, stats?: object): Pieces {
  const end = stats === undefined ? '}' : `,"stats":${JSON.stringify(stats)}}`
  const pair = (text: string, tMs: number): string => `[${shortTimeText(tMs)},${JSON.stringify(text)}]`
  switch (value.kind) {
    case 'scalar':
      yield `{"resultType":"scalar","result":${pair(scalarText(value.value), value.tMs)}${end}`
      break
    case 'string':
      yield `{"resultType":"string","result":${pair(value.value, value.tMs)}${end}`
      break
    case 'vector':
      yield '{"resultType":"vector","result":'
      yield* vectorJson(value)
      yield end
      break
    case 'matrix':
      yield '{"resultType":"matrix","result":'
      yield* matrixJson(value)
      yield end
  }
}

function* vectorJson({ series, values, tMs }: VectorValue): Pieces {
  const time = timeText(tMs)
  let text = '['
  for (const [at, each] of series.entries()) {
    const comma = at === 0 ? '' : ','
    text += `${comma}{"metric":${metricJson(each)},"value":[${time},"${sampleText(values[at]!)}"]}`
    if (text.length < pieceChars) continue
    yield text
    text = ''
  }
  yield `${text}]`
}

function* matrixJson({ series }: MatrixValue): Pieces {
  const points = new PointsText(pieceChars)
  let text = '['
  for (const [at, { series: one, tMs, values }] of series.entries()) {
    text += `${at === 0 ? '' : ','}{"metric":${metricJson(one)},"values":[`
    for (let point = 0; point < tMs.length; point++) {
      points.add(tMs[point]!, values[point]!, point === 0)
      if (!points.isFull) continue
      yield text + points.take()
      text = ''
    }
    text += `${points.take()}]}`
    if (text.length < pieceChars) continue
    yield text
    text = ''
  }
  yield `${text}]`
}

// A list of anything, each as `written`.
export function* listJson<T>(items: readonly T[], written: (item: T) => string): Pieces {
  let text = '['
  for (const [at, item] of items.entries()) {
    text += (at === 0 ? '' : ',') + written(item)
    if (text.length < pieceChars) continue
    yield text
    text = ''
  }
  yield `${text}]`
}

// Sorted by name, where `__name__` is a name like others.
export function metricJson({ name, labels }: Series): string {
  let text = ''
  let isNamed = name === ''
  for (const label in labels) {
    if (!isNamed && label > metricName) {
      text += `,"${metricName}":${JSON.stringify(name)}`
      isNamed = true
    }
    text += `,${JSON.stringify(label)}:${JSON.stringify(labels[label])}`
  }
  if (!isNamed) text += `,"${metricName}":${JSON.stringify(name)}`
  return `{${text.slice(1)}}`
}

const notesMax = 10

export type Notes = Readonly<{ warnings?: readonly string[]; infos?: readonly string[] }>

export function* successJson(data: Pieces, { warnings = [], infos = [] }: Notes = {}): Pieces {
  yield '{"status":"success","data":'
  yield* data
  yield `${notesJson('warning', warnings)}${notesJson('info', infos)}}`
}

function notesJson(kind: 'warning' | 'info', notes: readonly string[]): string {
  if (notes.length === 0) return ''
  const more = notes.length - notesMax
  const told = more > 0 ? [...notes.slice(0, notesMax), `${more} more ${kind} annotations omitted`] : notes
  return `,"${kind}s":${JSON.stringify(told)}`
}
