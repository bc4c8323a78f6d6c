// Every method on every window of every series, each forecast from its window alone. The n-th windows of all series are one
// round: they are asked, and so calibrated, together. Called by run.ts.

import { type Prepared, prepare } from '../forecast/prepare.ts'
import { putTogether, wantedOf } from '../forecast/put-together.ts'
import { type Answer, tryLines } from '../forecast/trials.ts'
import type { ForecastAsked } from '../forecast.ts'
import type { Days } from '../history.ts'
import { methodNames } from '../pool.ts'
import { predictLinear } from './predict-linear.ts'
import type { Series } from './read-series.ts'
import { meanScores, type Said, type Scores, scoresOf, seasonalScale } from './scores.ts'

export type Judged = Readonly<{ name: string; series: Series; days: Days }>

export type Protocol = Readonly<{
  window: number
  horizon: number
  season: number
  // Days from window to window; undefined: about a hundred windows of each series.
  stride: number | undefined
  zone: string
  onProgress?: (done: number, of: number) => void
}>

export const judgedNames = ['auto', ...methodNames, 'predict_linear'] as const
export type JudgedName = (typeof judgedNames)[number]
export type Table = Readonly<Record<JudgedName, Scores>>

export type FileScores = Readonly<{
  name: string
  days: number
  windows: number
  stride: number
  // Null: it is too short.
  scores: Table | null
}>

type Window = Readonly<{ file: number; round: number; from: number; scale: number }>

const usualWindows = 100
// A series that is too short for whole horizons is judged on what came, if that is a week at least.
const leastCame = 7

export async function judgeAll(files: readonly Judged[], protocol: Protocol): Promise<FileScores[]> {
  const strides = files.map(({ days }) => strideOf(days.values.length, protocol))
  const windows = files.flatMap((file, at) => windowsOf(file, at, { ...protocol, stride: strides[at]! }))
  const all = await sayAll(files, windows, protocol)
  const scores = new Map<JudgedName, (Scores | null)[]>()
  for (const [name, said] of [...all, ['predict_linear', byPrometheus(files, windows, protocol)] as const]) {
    scores.set(
      name,
      windows.map((window, at) =>
        scoresOf(said[at]!, cameAfter(files[window.file]!, window, protocol), window.scale),
      ),
    )
  }
  return files.map(({ name, days }, file) => {
    const own = [...windows.keys()].filter(
      at => windows[at]!.file === file && scores.get('auto')![at] !== null,
    )
    const table = judgedNames.map(name => [name, meanScores(own.map(at => scores.get(name)![at]!))])
    return {
      name,
      days: days.values.length,
      windows: own.length,
      stride: strides[file]!,
      scores: own.length === 0 ? null : (Object.fromEntries(table) as Table),
    }
  })
}

// Not a multiple of the season, so that windows end on every day of the week.
function strideOf(days: number, { window, horizon, season, stride }: Protocol): number {
  if (stride !== undefined) return stride
  const most = Math.max(1, Math.ceil((days - window - horizon + 1) / usualWindows))
  return most % season === 0 ? most + 1 : most
}

function windowsOf(file: Judged, place: number, { window, horizon, season, stride = 1 }: Protocol): Window[] {
  const { values } = file.days
  const came = values.length >= window + horizon ? horizon : leastCame
  const windows: Window[] = []
  for (let from = 0; from + window + came <= values.length; from += stride) {
    const scale = seasonalScale(values.subarray(from, from + window), season)
    windows.push({ file: place, round: windows.length, from, scale })
  }
  return windows
}

const cameAfter = ({ days }: Judged, { from }: Window, { window, horizon }: Protocol): Float64Array =>
  days.values.slice(from + window, from + window + horizon)

type Asking = Protocol & Readonly<{ name: ForecastAsked['method'] }>

// Every line of every method in one go: threads are started once.
async function sayAll(files: readonly Judged[], windows: readonly Window[], protocol: Protocol) {
  const names = ['auto', ...methodNames] as const
  const asked = names.map(name =>
    windows.map(window => askedOf(files[window.file]!, window, { ...protocol, name })),
  )
  const lines = windows.map((_, at) => prepare(asked[0]![at]!))
  const slow = names.flatMap((name, method) =>
    name === 'linear' ? [] : lines.flatMap(({ known }, at) => (known > 0 ? [{ method, at }] : [])),
  )
  let done = 0
  const answers = await tryLines(
    slow.map(({ method, at }) => wantedOf(asked[method]![at]!, lines[at]!)),
    {
      workers: 2,
      signal: undefined,
      onDone: count => {
        done += count
        protocol.onProgress?.(done, slow.length)
      },
    },
  )
  const answered = names.map(() => new Map<number, Answer>())
  for (const [place, { method, at }] of slow.entries()) answered[method]!.set(at, answers[place]!)
  return names.map(
    (name, method) => [name, inRounds(windows, lines, asked[method]!, answered[method]!)] as const,
  )
}

function inRounds(
  windows: readonly Window[],
  lines: readonly Prepared[],
  asked: readonly ForecastAsked[],
  answered: ReadonlyMap<number, Answer>,
): Said[] {
  const said: Said[] = new Array(windows.length)
  for (const places of Map.groupBy(windows.keys(), at => windows[at]!.round).values()) {
    const own = new Map(
      places.flatMap((at, place) => (answered.has(at) ? [[place, answered.get(at)!] as const] : [])),
    )
    const forecasts = putTogether(
      places.map(at => asked[at]!),
      places.map(at => lines[at]!),
      own,
    )
    for (const [place, at] of places.entries()) said[at] = forecasts[place]!
  }
  return said
}

function askedOf({ days }: Judged, { from }: Window, { window, horizon, name }: Asking): ForecastAsked {
  const demand = { firstDay: days.firstDay + from, values: days.values.slice(from, from + window) }
  return {
    demand,
    supply: { firstDay: demand.firstDay, values: new Float64Array(0) },
    limit: Number.NaN,
    horizonDays: horizon,
    method: name,
    factors: new Map(),
  }
}

const byPrometheus = (
  files: readonly Judged[],
  windows: readonly Window[],
  { window, horizon, zone }: Protocol,
): Said[] =>
  windows.map(({ file, from }) => {
    const { series, days } = files[file]!
    const fromDay = days.firstDay + from
    const likely = predictLinear(series, { zone, fromDay, firstDay: fromDay + window, horizonDays: horizon })
    return { likely, low: null, high: null }
  })
