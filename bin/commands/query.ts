// `plimsoll query`: what an expression comes to, now, then, or over a time. Called by run.ts.
import { readDuration } from '#core/duration.ts'
import { shown } from '#core/shown.ts'
import { openAsk } from '../ask.ts'
import { type Call, type Command, type Exit, type Io, Stop } from '../command.ts'
import { paintFor } from '../paint.ts'
import { rangeText, type Span } from '../range-view.ts'
import { type Found, readable, samplesCsv, samplesText } from '../samples-view.ts'
import { readTime, timeText, timeWanted } from '../when.ts'

export const command: Command = async call => {
  const { on, io } = call
  refuseSeveral(on)
  const question = questionOf(call)
  const { data, warnings = [], infos = [] } = await answerTo(question, call)
  for (const each of [...warnings, ...infos]) io.err(`${shown(each)}\n`)
  if (on.has('json')) {
    io.out(`${JSON.stringify(data, null, 2)}\n`)
    return 0
  }
  return show(data, question, call)
}

function refuseSeveral(on: ReadonlySet<string>): void {
  const forms = ['json', 'csv', 'table', 'plot'].filter(each => on.has(each)).map(each => `--${each}`)
  if (forms.length > 1) throw new Stop(`${forms.join(' and ')} exclude each other`, 2)
}

type Question = Readonly<{ query: string; time?: string; span?: Required<Span> }>

function questionOf({ args, text, io }: Call): Question {
  const [query = ''] = args
  const nowMs = io.clock.nowMs()
  const moment = (flag: 'at' | 'from' | 'to'): number | undefined => {
    const given = text[flag]
    if (given === undefined) return undefined
    const tMs = readTime(given, { nowMs, timeZone: io.timeZone })
    if (tMs === undefined) throw new Stop(`--${flag}: wanted ${timeWanted}, found ${given}`, 2)
    return tMs
  }
  const [atMs, fromMs, toMs = nowMs] = [moment('at'), moment('from'), moment('to')]
  if (fromMs === undefined) {
    for (const flag of ['to', 'step']) {
      if (text[flag] !== undefined) throw new Stop(`--${flag} wants --from beside it`, 2)
    }
    return atMs === undefined ? { query } : { query, time: seconds(atMs) }
  }
  if (atMs !== undefined) throw new Stop('--at and --from exclude each other', 2)
  if (/\]\s*$/.test(query)) throw new Stop('a range in brackets and --from exclude each other', 2)
  if (toMs <= fromMs) throw new Stop('--from must be before --to', 2)
  return { query, span: { fromMs, toMs, stepMs: stepOf(text['step'], toMs - fromMs) } }
}

const seconds = (tMs: number): string => (tMs / 1_000).toFixed(3)

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour
// As people count.
const steps = [
  ...[1, 2, 5, 10, 15, 20, 30].map(each => each * second),
  ...[1, 2, 5, 10, 15, 20, 30].map(each => each * minute),
  ...[1, 2, 3, 6, 12].map(each => each * hour),
]
// Enough for a picture, and for an eye.
const pointsMax = 240

function stepOf(given: string | undefined, lengthMs: number): number {
  if (given === undefined) {
    const known = steps.find(step => lengthMs / step <= pointsMax)
    return known ?? Math.ceil(lengthMs / pointsMax / day) * day
  }
  const ms = readDuration(given)
  if (ms === undefined || ms === 0)
    throw new Stop(`--step: wanted a duration like 30s or 5m, found ${given}`, 2)
  return ms
}

type Data = Readonly<{ resultType: string; result: unknown }>
type Reply = Readonly<{ data?: Data; warnings?: readonly string[]; infos?: readonly string[] }>

// What fits into an address goes there, for whoever reads logs.
const addressMax = 4_000

async function answerTo({ query, time, span }: Question, call: Call): Promise<Reply> {
  const path = span === undefined ? '/api/v1/query' : '/api/v1/query_range'
  const asked = new URLSearchParams({
    query,
    ...(time === undefined ? {} : { time }),
    ...(span === undefined
      ? {}
      : { start: seconds(span.fromMs), end: seconds(span.toMs), step: seconds(span.stepMs) }),
  })
  const ask = openAsk(call)
  try {
    const isShort = asked.toString().length <= addressMax
    return (await (isShort ? ask.send('GET', `${path}?${asked}`) : ask.send('POST', path, asked))) as Reply
  } catch (error) {
    // For people, the mistake itself.
    if (!(error instanceof Stop)) throw error
    const said = error.message
      .replace(/^invalid parameter "query": /, '')
      .replace(/^(\d+:\d+: )parse error: /, '$1')
    throw new Stop(said, error.exit)
  }
}

const nothing: Readonly<Record<string, string>> = {
  matrix: 'No series matches in that time.',
  vector:
    'No series matches, or none had a sample in the five minutes before; --from -1d looks further back.',
}

function show(data: Data | undefined, { span }: Question, { on, io }: Call): Exit {
  if (data?.resultType === 'string' || data?.resultType === 'scalar') return showOne(data, on, io)
  if (data?.resultType !== 'vector' && data?.resultType !== 'matrix') {
    throw new Stop(`wanted samples as answer, found ${JSON.stringify(data)?.slice(0, 80)}`)
  }
  const found = data.result as Found[]
  const isPicture = on.has('plot') || (span !== undefined && io.isTerminal && !on.has('table'))
  if (on.has('csv')) io.out(samplesCsv(found))
  else if (found.length > 0) {
    const whole = span ?? spanOf(found)
    const isDrawn = isPicture && whole !== undefined
    io.out(isDrawn ? rangeText(found, whole, { ...io, paint: paintFor(io) }) : samplesText(found, io))
  }
  // Beside the output, so that a pipe stays clean.
  if (found.length === 0) io.err(`${nothing[data.resultType]}\n`)
  return 0
}

// Of what came by a range in brackets.
function spanOf(found: readonly Found[]): Span | undefined {
  const times = found.flatMap(({ values = [] }) => values.map(([tS]) => Math.round(tS * 1_000)))
  if (times.length < 2) return undefined
  const [fromMs, toMs] = times.reduce(([min, max], tMs) => [Math.min(min, tMs), Math.max(max, tMs)], [
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ] as [number, number])
  return { fromMs, toMs }
}

function showOne({ resultType, result }: Data, on: ReadonlySet<string>, io: Io): Exit {
  const [tS, value] = result as readonly [number, string]
  const tMs = Math.round(tS * 1_000)
  if (on.has('csv')) io.out(samplesCsv([{ metric: {}, value: [tS, value] }]))
  else if (resultType === 'string') io.out(`${shown(value)}\n`)
  else io.out(`${readable(value)}, as of ${timeText(tMs, io.timeZone)} (${io.timeZone})\n`)
  return 0
}
