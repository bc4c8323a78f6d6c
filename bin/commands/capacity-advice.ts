// `plimsoll capacity advice`: what the rule of the minute says of each pool, or would have said. Called by run.ts.
import type { Replay, ReplayProgress } from '../../capacity/advice/replay.ts'
import type { AdviceLine, ReplayLine } from '../../capacity/api/advice-routes.ts'
import { adviceText, replayText } from '../advice-view.ts'
import { openAsk } from '../ask.ts'
import { type Call, type Command, type Exit, type Io, Stop } from '../command.ts'
import { paintFor } from '../paint.ts'
import { readTime, timeText, timeWanted } from '../when.ts'

const path = '/api/plimsoll/v1/capacity/advice'

export const command: Command = async call => {
  const { text } = call
  return text['from'] === undefined && text['to'] === undefined ? present(call) : past(call)
}

async function present(call: Call): Promise<Exit> {
  const { args, on, io } = call
  const asked = args.map(name => `pool=${encodeURIComponent(name)}`).join('&')
  const { advice } = (await openAsk(call).send('GET', asked === '' ? path : `${path}?${asked}`)) as {
    advice: readonly AdviceLine[]
  }
  if (on.has('json')) io.out(`${JSON.stringify({ advice }, null, 2)}\n`)
  else if (advice.length > 0) io.out(adviceText(advice, { timeZone: io.timeZone, paint: paintFor(io) }))
  else io.err('No pool wants advice: `advice` below a pool of `capacity` in the configuration asks for it.\n')
  return advice.some(each => each.missing !== null) ? 1 : 0
}

async function past(call: Call): Promise<Exit> {
  const { args, on, io } = call
  const [pool] = args
  if (pool === undefined || args.length > 1) throw new Stop('--from and --to want one POOL', 2)
  const [fromMs, toMs] = [momentOf(call, 'from', '-1d'), momentOf(call, 'to', 'now')]
  if (toMs <= fromMs) throw new Stop('--from must be before --to', 2)
  const replay = await replayed({ pool, fromMs, toMs }, call)
  if (on.has('json')) io.out(`${JSON.stringify(replay, null, 2)}\n`)
  else io.out(replayText(replay, { timeZone: io.timeZone, paint: paintFor(io) }))
  return 0
}

function momentOf({ text, io }: Call, flag: 'from' | 'to', otherwise: string): number {
  const given = text[flag] ?? otherwise
  const tMs = readTime(given, { nowMs: io.clock.nowMs(), timeZone: io.timeZone })
  if (tMs === undefined) throw new Stop(`--${flag}: wanted ${timeWanted}, found ${given}`, 2)
  return tMs
}

async function replayed(asked: object, call: Call): Promise<Replay> {
  const { io } = call
  try {
    for await (const each of openAsk(call).lines(`${path}/replay`, asked)) {
      const line = each as ReplayLine
      if ('progress' in line && io.isTerminal) io.err(progressText(line.progress, io))
      if ('error' in line) throw new Stop(`the replay ended: ${line.error.detail} (${line.error.code})`)
      if ('done' in line) return line.done
    }
  } finally {
    if (io.isTerminal) io.err('\r\u001b[K')
  }
  throw new Stop('the service stopped before the replay was done')
}

const barWidth = 24

function progressText({ share, atMs, given }: ReplayProgress, { timeZone, columns }: Io): string {
  const full = Math.round(share * barWidth)
  const bar = `${'█'.repeat(full)}${'░'.repeat(barWidth - full)}`
  const text = `${bar} ${Math.round(share * 100)} %  ${timeText(atMs, timeZone).slice(0, 16)}  ${given} times advised`
  return `\r${text.slice(0, columns - 1)}\u001b[K`
}
