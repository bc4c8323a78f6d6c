// `npm run accuracy -- FILE…`: how good every method would have been on series with a time and a value. Run by hand; with
// --docs it writes the table of docs/forecasting.md.
import { readFileSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { parseArgs } from 'node:util'
import { dailyPeaks } from './daily-peaks.ts'
import { readSeries } from './read-series.ts'
import { type Judged, judgeAll, type Protocol } from './rounds.ts'
import { pooled, reportText } from './table.ts'

const usage = `npm run accuracy -- FILE… [options]

  --window 60      days that a forecast sees
  --horizon 30     days that it goes ahead
  --season 7       days of the season on which MASE is scaled
  --stride 1       days from window to window; without it about a hundred windows of each file
  --timezone UTC   in which days are counted
  --json           for programs
  --docs           write the table of docs/forecasting.md`

const page = 'docs/forecasting.md'
const marks = ['<!-- accuracy -->', '<!-- end of accuracy -->'] as const

function wholeNumber(text: string, name: string): number {
  const number = Number(text)
  if (Number.isInteger(number) && number >= 1 && number <= 1_000) return number
  throw new Error(`--${name} ${text}: wanted a whole number from 1 to 1000`)
}

function read(file: string, zone: string): Judged {
  try {
    const series = readSeries(readFileSync(file, 'utf8'))
    return { name: basename(file), series, days: dailyPeaks(series, zone) }
  } catch (error) {
    throw new Error(`${file}: ${(error as Error).message}`)
  }
}

export function withTable(text: string, table: string): string {
  const [from, to] = marks.map(mark => text.indexOf(mark))
  if (from === -1 || to === -1) throw new Error(`${page}: wanted the marks ${marks.join(' and ')}`)
  return `${text.slice(0, from! + marks[0].length)}\n\n${table}\n\n${text.slice(to)}`
}

async function main(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      window: { type: 'string', default: '60' },
      horizon: { type: 'string', default: '30' },
      season: { type: 'string', default: '7' },
      stride: { type: 'string' },
      timezone: { type: 'string', default: 'UTC' },
      json: { type: 'boolean', default: false },
      docs: { type: 'boolean', default: false },
    },
  })
  if (positionals.length === 0) throw new Error(`wanted at least one file\n\n${usage}`)
  const protocol: Protocol = {
    window: wholeNumber(values.window, 'window'),
    horizon: wholeNumber(values.horizon, 'horizon'),
    season: wholeNumber(values.season, 'season'),
    stride: values.stride === undefined ? undefined : wholeNumber(values.stride, 'stride'),
    zone: values.timezone,
    // In one line, for people.
    onProgress: (done, of) => {
      if (process.stderr.isTTY) process.stderr.write(`\r${Math.floor((100 * done) / of)} %`)
    },
  }
  const files = await judgeAll(
    positionals.map(file => read(file, protocol.zone)),
    protocol,
  )
  process.stderr.write('\n')
  const { onProgress: _, ...said } = protocol
  if (values.docs) writeFileSync(page, withTable(readFileSync(page, 'utf8'), reportText(files, protocol)))
  else if (values.json) console.log(JSON.stringify({ ...said, files, pooled: pooled(files) }, null, 2))
  else console.log(reportText(files, protocol))
}

if (import.meta.main) {
  try {
    await main(process.argv.slice(2))
  } catch (error) {
    console.error((error as Error).message)
    process.exitCode = 2
  }
}
