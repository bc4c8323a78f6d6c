// `plimsoll silence add`: tells nobody of certain alerts for a while. Called by run.ts.
import { readDuration } from '#core/duration.ts'
import { openAsk } from '../ask.ts'
import { type Call, type Command, Stop } from '../command.ts'
import { matchersOf } from '../matcher-words.ts'
import { secondText, sentMatcher, silencesPath } from '../silence-view.ts'
import { readTime, timeWanted } from '../when.ts'

const usualMs = 3_600_000

export const command: Command = async call => {
  const { args, text, on, io } = call
  const comment = text['comment'] ?? ''
  // Whoever is not told at night wants to know why.
  if (comment === '') throw new Stop('wanted --comment, which says why, like --comment "disk swap"', 2)
  const { startsAtMs, endsAtMs } = timesOf(call)
  const [startsAt, endsAt] = [new Date(startsAtMs).toISOString(), new Date(endsAtMs).toISOString()]
  const createdBy = text['by'] ?? io.env['USER'] ?? io.env['LOGNAME'] ?? 'plimsoll'
  const matchers = matchersOf(args).map(sentMatcher)
  const body = { matchers, startsAt, endsAt, createdBy, comment }
  const { silenceID: id } = (await openAsk(call).send('POST', silencesPath, body)) as { silenceID: string }
  if (on.has('json')) {
    io.out(`${JSON.stringify({ id })}\n`)
    return 0
  }
  // The id alone goes out, so that `ID=$(plimsoll silence add …)` has it.
  io.out(`${id}\n`)
  const until = `${secondText(endsAt, io.timeZone)} (${io.timeZone})`
  io.err(`Silenced until ${until}; \`plimsoll silence expire ${id}\` ends it.\n`)
  return 0
}

function timesOf({ text, io }: Call): { startsAtMs: number; endsAtMs: number } {
  const nowMs = io.clock.nowMs()
  const [from, until, lasts] = [text['from'], text['until'], text['for']]
  if (until !== undefined && lasts !== undefined) throw new Stop('wanted --for or --until, not both', 2)
  const timeOf = (flag: string, given: string): number => {
    const found = readTime(given, { nowMs, timeZone: io.timeZone })
    if (found === undefined) throw new Stop(`--${flag}: wanted ${timeWanted}, found ${given}`, 2)
    return found
  }
  const startsAtMs = from === undefined ? nowMs : timeOf('from', from)
  const endsAtMs = until === undefined ? startsAtMs + durationOf(lasts) : timeOf('until', until)
  if (endsAtMs > Math.max(startsAtMs, nowMs)) return { startsAtMs, endsAtMs }
  throw new Stop('wanted an end that lies ahead, and behind the beginning', 2)
}

function durationOf(given: string | undefined): number {
  const ms = given === undefined ? usualMs : readDuration(given)
  if (ms === undefined || ms === 0) throw new Stop(`--for: wanted a duration like 2h, found ${given}`, 2)
  return ms
}
