// Prometheus' test language → commands: load, clear, eval, and what an eval expects. Never throws: a line that it
// cannot read is a problem with its reason. Called by run-file.ts.
import { durationMs } from '#core/duration.ts'
import type { Series } from '#core/model.ts'
import { Lacking, readNumber, readSeriesLine, type SeriesLine } from '#promql/series-line.ts'
import { unquote } from '#promql/string-literal.ts'
import type { Command, Eval, Expectation, Load, Problem, When } from './command.ts'

// A line and its number; comments are empty.
type Line = Readonly<{ text: string; line: number }>

export function readCommands(text: string): Command[] {
  const lines = text.split(/\r?\n/).map((raw, at) => {
    const trimmed = raw.trim()
    return { text: trimmed.startsWith('#') ? '' : trimmed, line: at + 1 }
  })
  const commands: Command[] = []
  for (let at = 0; at < lines.length; ) {
    const head = lines[at++]!
    if (head.text === '') continue
    // Everything up to an empty line belongs to the command.
    const body: Line[] = []
    const takesLines = /^(?:load|eval)/i.test(head.text)
    while (takesLines && at < lines.length && lines[at]!.text !== '' && !isCommand(lines[at]!))
      body.push(lines[at++]!)
    try {
      commands.push(readCommand(head, body))
    } catch (error) {
      commands.push(problem(head.line, error))
    }
  }
  return commands
}

// Upstream every command ends at an empty line; files of others may be written more tightly.
const isCommand = ({ text }: Line): boolean =>
  /^(?:clear$|load(?:_with_nhcb)?\s+\d|eval(?:_\w+)?\s+(?:instant|range)\s)/.test(text)

const problem = (line: number, error: unknown): Problem => ({
  kind: 'problem',
  line,
  what: error instanceof Error ? error.message : String(error),
})

function readCommand(head: Line, body: readonly Line[]): Command {
  const word = (/^\S+/.exec(head.text)?.[0] ?? '').toLowerCase()
  if (word === 'clear') return { kind: 'clear', line: head.line }
  if (word === 'load' || word === 'load_with_nhcb') return readLoad(head, body, word === 'load_with_nhcb')
  if (word.startsWith('eval')) return readEval(head, body)
  throw new Error(`${head.text.slice(0, 40)} is no command`)
}

function readLoad(head: Line, body: readonly Line[], withNative: boolean): Load {
  const stepMs = time(head.text.replace(/^\S+\s+/, ''))
  const series: SeriesLine[] = []
  const lacking: Series[] = []
  const problems: Problem[] = []
  for (const { text, line } of body) {
    try {
      const read = readSeriesLine(text)
      series.push(read)
      if (withNative) lacking.push(...nativeOf(read.series))
    } catch (error) {
      if (error instanceof Lacking) lacking.push(error.series)
      else problems.push(problem(line, error))
    }
  }
  return { kind: 'load', line: head.line, stepMs, series, lacking, problems }
}

// The native histogram that upstream makes of classic buckets, beside them.
function nativeOf({ name, labels }: Series): Series[] {
  const base = /^(.+)_(?:bucket|sum|count)$/.exec(name)?.[1]
  if (base === undefined) return []
  const { le: _, ...others } = labels
  return [{ name: base, labels: others }]
}

const instant = /^eval(?:_(fail|warn|ordered|info))?\s+instant\s+at\s+(\S+)\s+(.+)$/
const range = /^eval(?:_(fail|warn|info))?\s+range\s+from\s+(\S+)\s+to\s+(\S+)\s+step\s+(\S+)\s+(.+)$/

function readEval(head: Line, body: readonly Line[]): Eval {
  const [one, many] = [instant.exec(head.text), range.exec(head.text)]
  if (one !== null) return withBody(one[1], { atMs: time(one[2]!) }, { text: one[3]!, line: head.line }, body)
  if (many === null)
    throw new Error('wanted eval instant at TIME EXPR or eval range from TIME to TIME step TIME EXPR')
  const when = { startMs: time(many[2]!), endMs: time(many[3]!), stepMs: time(many[4]!) }
  return withBody(many[1], when, { text: many[5]!, line: head.line }, body)
}

type Draft = { -readonly [K in keyof Eval]: Eval[K] } & { expects: Set<Expectation>; series: SeriesLine[] }

function withBody(mode: string | undefined, when: When, head: Line, body: readonly Line[]): Eval {
  const draft: Draft = {
    kind: 'eval',
    ...head,
    when,
    expects: new Set(mode === undefined ? [] : [mode as Expectation]),
    window: undefined,
    string: undefined,
    scalar: undefined,
    series: [],
    skip: undefined,
  }
  for (const { text } of body) readExpected(draft, text)
  return draft
}

const window = /^expect\s+range\s+vector\s+from\s+(\S+)\s+to\s+(\S+)\s+step\s+(\S+)$/
const string = /^expect\s+string\s+(.+)$/
const expectation = /^expect\s+(ordered|fail|warn|no_warn|info|no_info)\b/

function readExpected(draft: Draft, text: string): void {
  if (/^expected_fail_(?:message|regexp)\b/.test(text)) return
  const times = window.exec(text)
  if (times !== null) {
    draft.window = { startMs: time(times[1]!), endMs: time(times[2]!), stepMs: time(times[3]!) }
    return
  }
  const literal = string.exec(text)?.[1]
  if (literal !== undefined) {
    draft.string = unquote(literal)
    return
  }
  // A metric called expect is written with braces.
  if (/^expect\s/.test(text)) {
    const found = expectation.exec(text)?.[1]
    if (found === undefined) throw new Error(`${text} is no expectation known here`)
    draft.expects.add(found as Expectation)
    return
  }
  const number = readNumber(text)
  if (number !== undefined) draft.scalar = number
  else readSeriesExpected(draft, text)
}

function readSeriesExpected(draft: Draft, text: string): void {
  try {
    draft.series.push(readSeriesLine(text))
  } catch (error) {
    if (!(error instanceof Lacking)) throw error
    draft.skip = error.message
  }
}

// `5m`, `0`, `-1m`, and seconds as a plain number.
function time(text: string): number {
  const sign = text.startsWith('-') ? -1 : 1
  const bare = text.replace(/^[+-]/, '')
  return sign * (/^\d+(?:\.\d+)?$/.test(bare) ? Number(bare) * 1_000 : durationMs(bare))
}
