// How advice of the minute looks on a terminal: a line for each pool, what to do on top; and what a replay came to. Called by
// the command `capacity advice`.
import { shown } from '#core/shown.ts'
import type { Replay } from '../capacity/advice/replay.ts'
import type { AdviceLine } from '../capacity/api/advice-routes.ts'
import type { Paint } from './paint.ts'
import { tableText } from './table.ts'
import { timeText } from './when.ts'

export type AdviceView = Readonly<{ timeZone: string; paint: Paint }>

const listedMax = 40

const right = (title: string) => ({ title, right: true })

export function adviceText(lines: readonly AdviceLine[], { paint }: AdviceView): string {
  const sorted = lines.toSorted((one, other) => rank(one) - rank(other))
  const columns = [{ title: 'pool' }, right('processes'), right('wanted'), right('busy'), { title: 'why' }]
  const rows = sorted.map(each => [
    each.pool,
    each.processes === null ? '' : String(each.processes),
    each.wanted === null ? '' : String(each.wanted),
    each.share === null ? '' : `${Math.round(each.share * 100)} %`,
    each.reason,
  ])
  const [head = '', ...texts] = tableText(columns, rows).trimEnd().split('\n')
  const body = texts.map((text, at) => {
    const each = sorted[at]!
    const where = each.where.map(one => `\n  ${shown(one)}`).join('')
    return (
      (each.advice === null ? text : paint(each.advice.way === 'grow' ? 'yellow' : 'green', text)) + where
    )
  })
  return `${[paint('bold', head), ...body].join('\n')}\n`
}

// What can be done something about comes first.
const rank = ({ advice, missing }: AdviceLine): number => (missing !== null ? 0 : advice !== null ? 1 : 2)

export function replayText(replay: Replay, { timeZone, paint }: AdviceView): string {
  const { advice, left, summary, pool, fromMs, toMs } = replay
  const moment = (tMs: number): string => timeText(tMs, timeZone).slice(0, 16)
  const columns = [
    { title: `when (${timeZone})` },
    right('from'),
    right('to'),
    right('busy s'),
    right('there were'),
  ]
  const listed = advice.slice(0, listedMax)
  const rows = listed.map(({ atMs, from, to, busySeconds, ran }) => [
    moment(atMs),
    String(from),
    String(to),
    number(busySeconds),
    ran === null ? '' : String(ran),
  ])
  const more = advice.length + left - listed.length
  const [head = '', ...texts] = tableText(columns, rows).trimEnd().split('\n')
  const parts = [
    `${shown(pool)}, ${moment(fromMs)} to ${moment(toMs)}: would have grown ${times(summary.grown)} and shrunk ${times(summary.shrunk)}.`,
    ...(listed.length === 0 ? [] : [[paint('bold', head), ...texts].join('\n')]),
    ...(more === 0 ? [] : [`… and ${more} more; --json lists ${left === 0 ? 'all' : 'more'} of them.`]),
    summaryText(replay),
  ]
  return `${parts.join('\n\n')}\n`
}

const times = (count: number): string =>
  count === 1 ? 'once' : count === 2 ? 'twice' : `${number(count)} times`

// Three digits that mean something, thousands grouped.
const number = (value: number): string =>
  Number(value >= 1_000 ? value.toFixed(0) : value.toPrecision(3)).toLocaleString('en')

function summaryText({ summary: s }: Replay): string {
  const measured = s.minutes - s.unmeasuredMinutes
  if (measured === 0) return 'Nothing was measured in this time.'
  const lines = [
    `Processes: ${s.fewest} to ${s.peak}; there were ${s.ranPeak} at most.`,
    `Hours of processes: ${number(s.hours)}, and there were ${number(s.ranHours)}: ${number(s.addedHours)} more and ${number(s.savedHours)} fewer.`,
    `Hours with too few: ${number(s.shortHours)}, and there were ${number(s.ranShortHours)}.`,
  ]
  if (s.unmeasuredMinutes > 0)
    lines.push(`Not measured: ${number(s.unmeasuredMinutes)} of ${number(s.minutes)} minutes.`)
  return lines.join('\n')
}
