// The scores as people read them: a table for each series, and one of all. Called by run.ts, for the screen and for
// docs/forecasting.md.
import { type FileScores, type JudgedName, judgedNames, type Protocol, type Table } from './rounds.ts'
import { meanScores, type Scores } from './scores.ts'

// Each series counts alike, however long it is.
export function pooled(files: readonly FileScores[]): Table | null {
  const tables = files.flatMap(({ scores }) => scores ?? [])
  if (tables.length === 0) return null
  const of = (name: JudgedName): Scores => meanScores(tables.map(table => table[name]))
  return Object.fromEntries(judgedNames.map(name => [name, of(name)])) as Table
}

const digits = (value: number, after: number): string => (Number.isFinite(value) ? value.toFixed(after) : '–')
const percent = (value: number, after: number): string => digits(100 * value, after)

const heads = ['method', 'sMAPE %', 'MASE', 'coverage %', 'pinball 0.05', '0.5', '0.95']

function tableText(table: Table): string {
  const rows = judgedNames.map(name => {
    const { smape, mase, coverage, pinball } = table[name]
    const cells = [
      percent(smape, 1),
      digits(mase, 3),
      percent(coverage, 1),
      ...pinball.map(each => digits(each, 3)),
    ]
    return [`\`${name}\``, ...cells]
  })
  const all = [heads, ...rows]
  const widths = heads.map((_, at) => Math.max(...all.map(row => row[at]!.length)))
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!))).join(' | ')} |`
  const rule = `|${widths.map((width, at) => (at === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`
  return [line(heads), rule, ...rows.map(line)].join('\n')
}

const bestNaive = (table: Table): number => Math.min(table.naive.mase, table.seasonal_naive.mase)

function verdict(table: Table): string {
  const better = 1 - table.auto.mase / bestNaive(table)
  const word = better >= 0 ? 'better' : 'worse'
  return `\`auto\` is ${percent(Math.abs(better), 1)} % ${word} in MASE than the best naive method.`
}

// In percent, as the table shows them.
const boundsOfBands = [87, 93] as const

// Of the whole only: of one series, chance has a greater part in it.
function bandsText(table: Table): string {
  const [least, most] = boundsOfBands
  const outside = judgedNames.flatMap(name => {
    const share = percent(table[name].coverage, 1)
    return Number(share) < least || Number(share) > most ? [`\`${name}\` (${share} %)`] : []
  })
  return outside.length === 0
    ? `All 90 % bands hold ${least} to ${most} % of the days.`
    : `The 90 % bands of these hold fewer than ${least} or more than ${most} % of the days, all others are within: ${outside.join(', ')}.`
}

export function reportText(files: readonly FileScores[], { window, horizon, season }: Protocol): string {
  const all = pooled(files)
  const parts = files.map(({ name, days, windows, stride, scores }) => {
    const title = `### ${name}`
    if (scores === null) {
      return `${title}\n\n${days} days: too short for a window of ${window} days and a week after it, or constant.`
    }
    const about = `${days} days, ${windows} windows of ${window} days, one every ${stride === 1 ? 'day' : `${stride} days`}, each forecast up to ${horizon} days ahead. ${verdict(scores)}`
    return `${title}\n\n${about}\n\n${tableText(scores)}`
  })
  const about = `MASE and pinball are on the scale of the mean absolute difference to ${season} days before, within the window.`
  const whole =
    all === null
      ? []
      : [
          `### All series\n\nEach series counts alike. ${verdict(all)} ${about}\n\n${tableText(all)}\n\n${bandsText(all)}`,
        ]
  return [...whole, ...parts].join('\n\n')
}
