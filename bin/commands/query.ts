// `plimsoll query`: what the service has about some series, now, then, or over a time. Called by run.ts.
import { durationText } from '#core/duration.ts'
import { openAsk } from '../ask.ts'
import { type Call, type Command, type Exit, Stop } from '../command.ts'
import { type Found, samplesCsv, samplesText } from '../samples-view.ts'
import { readTime, timeWanted } from '../when.ts'

export const command: Command = async call => {
  const { on, io } = call
  if (on.has('json') && on.has('csv')) throw new Stop('--json and --csv exclude each other', 2)
  const asked = new URLSearchParams(questionOf(call))
  const answer = await openAsk(call).send('GET', `/api/v1/query?${asked}`)
  const { data } = answer as { data?: Data }
  if (on.has('json')) {
    io.out(`${JSON.stringify(data, null, 2)}\n`)
    return 0
  }
  return show(data, call)
}

// A time range is asked for as a range selector that ends at a moment.
function questionOf({ args, text, io }: Call): { query: string; time?: string } {
  const [selector = ''] = args
  const nowMs = io.clock.nowMs()
  const moment = (flag: 'at' | 'from' | 'to'): number | undefined => {
    const given = text[flag]
    if (given === undefined) return undefined
    const tMs = readTime(given, { nowMs, timeZone: io.timeZone })
    if (tMs === undefined) throw new Stop(`--${flag}: wanted ${timeWanted}, found ${given}`, 2)
    return tMs
  }
  const [atMs, fromMs, toMs = nowMs] = [moment('at'), moment('from'), moment('to')]
  const seconds = (tMs: number): string => (tMs / 1_000).toFixed(3)
  if (fromMs === undefined) {
    if (text['to'] !== undefined) throw new Stop('--to wants --from beside it', 2)
    return atMs === undefined ? { query: selector } : { query: selector, time: seconds(atMs) }
  }
  if (atMs !== undefined) throw new Stop('--at and --from exclude each other', 2)
  if (/\]\s*$/.test(selector)) throw new Stop('a range in brackets and --from exclude each other', 2)
  if (toMs <= fromMs) throw new Stop('--from must be before --to', 2)
  return { query: `${selector}[${durationText(toMs - fromMs)}]`, time: seconds(toMs) }
}

type Data = Readonly<{ resultType: string; result: unknown }>

function foundIn(data: Data | undefined): Found[] {
  if (data?.resultType === 'vector' || data?.resultType === 'matrix') return data.result as Found[]
  if (data?.resultType === 'scalar') return [{ metric: {}, value: data.result as [number, string] }]
  throw new Stop(`wanted samples as answer, found ${JSON.stringify(data)?.slice(0, 80)}`)
}

const nothing: Readonly<Record<string, string>> = {
  matrix: 'No series matches in that time.',
  vector:
    'No series matches, or none had a sample in the five minutes before; --from -1d looks further back.',
}

function show(data: Data | undefined, { on, io }: Call): Exit {
  const found = foundIn(data)
  if (on.has('csv')) io.out(samplesCsv(found))
  else if (found.length > 0) io.out(samplesText(found, io))
  // Beside the output, so that a pipe stays clean.
  if (found.length === 0) io.err(`${nothing[data?.resultType ?? '']}\n`)
  return 0
}
