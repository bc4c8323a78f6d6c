// What a recording rule writes over a piece of time: columns under its name, with a stale marker where a series ends.
// At a step where two results would be one series, or where there are more than `limit`, the rule fails and writes
// nothing. Called by replay.ts.
import { Breath } from '#core/breath.ts'
import { keyOf } from '#core/labels.ts'
import type { Series } from '#core/model.ts'
import { writeStale } from '#core/stale.ts'
import type { SeriesSamples } from '#core/store.ts'
import { recorded } from '../results.ts'
import type { RecordRule } from '../rule.ts'
import type { Piece, Steps } from './pieces.ts'

export type Written = {
  // At the last step at which the rule did not fail, by key.
  series: Map<string, Series>
}

export type RecordedPiece = Readonly<{
  columns: readonly SeriesSamples[]
  // Steps at which it fails, and why.
  faults: ReadonlyMap<number, string>
}>

type Row = { series: Series; parts: SeriesSamples[] }

export async function recordPiece(
  rule: RecordRule,
  limit: number,
  { steps, found }: Piece,
  written: Written,
): Promise<RecordedPiece> {
  const rows = rowsOf(rule, found)
  const faults = faultsOf([...rows.values()], steps, limit)
  for (const [key, series] of written.series) if (!rows.has(key)) rows.set(key, { series, parts: [] })
  const columns: SeriesSamples[] = []
  const breath = new Breath()
  for (const [key, row] of rows) {
    const { column, goesOn } = columnOf(row, steps, { faults, was: written.series.has(key) })
    columns.push(column)
    if (goesOn) written.series.set(key, row.series)
    else written.series.delete(key)
    if (breath.isDue) await breath.taken()
  }
  return { columns, faults }
}

function rowsOf(rule: RecordRule, found: readonly SeriesSamples[]): Map<string, Row> {
  const rows = new Map<string, Row>()
  for (const each of found) {
    const series = recorded(rule, [{ series: each.series, value: 0 }])[0]!.series
    const key = keyOf(series)
    const row = rows.get(key)
    if (row === undefined) rows.set(key, { series, parts: [each] })
    else row.parts.push(each)
  }
  return rows
}

export const stepAt = ({ startMs, stepMs, offsetMs }: Steps, tMs: number): number =>
  Math.round((tMs - startMs + offsetMs) / stepMs)

function faultsOf(rows: readonly Row[], steps: Steps, limit: number): Map<number, string> {
  const faults = new Map<number, string>()
  const counts = new Uint32Array(limit > 0 ? steps.count : 0)
  for (const { series, parts } of rows) {
    if (limit === 0 && parts.length === 1) continue
    const seen = new Uint8Array(steps.count)
    for (const { tMs } of parts) {
      for (const each of tMs) {
        const step = stepAt(steps, each)
        if (seen[step] === 1) faults.set(step, `two results would be one series: ${textOf(series)}`)
        else counts[step]! += 1
        seen[step] = 1
      }
    }
  }
  for (const [step, count] of counts.entries()) {
    if (limit === 0 || count <= limit || faults.has(step)) continue
    faults.set(step, `found ${count} results, \`limit\` of the group is ${limit}`)
  }
  return faults
}

const textOf = ({ labels }: Series): string => {
  const shown = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`)
  return `{${shown.join(', ')}}`
}

type Around = Readonly<{ faults: ReadonlyMap<number, string>; was: boolean }>

function columnOf(
  { series, parts }: Row,
  steps: Steps,
  { faults, was }: Around,
): { column: SeriesSamples; goesOn: boolean } {
  const there = new Uint8Array(steps.count)
  const value = new Float64Array(steps.count)
  for (const part of parts) {
    for (const [at, tMs] of part.tMs.entries()) {
      const step = stepAt(steps, tMs)
      there[step] = 1
      value[step] = part.values[at]!
    }
  }
  const tMs = new Float64Array(steps.count)
  const values = new Float64Array(steps.count)
  let [count, goesOn] = [0, was]
  for (let step = 0; step < steps.count; step++) {
    const isThere = there[step] === 1
    if ((!isThere && !goesOn) || (faults.size > 0 && faults.has(step))) continue
    tMs[count] = steps.startMs - steps.offsetMs + step * steps.stepMs
    if (isThere) values[count] = value[step]!
    else writeStale(values, count)
    count += 1
    goesOn = isThere
  }
  return { column: { series, tMs: tMs.subarray(0, count), values: values.subarray(0, count) }, goesOn }
}
