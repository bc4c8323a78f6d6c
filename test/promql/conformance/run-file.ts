// Carries out one file in Prometheus' test language and says of each case whether it passed. Never throws. Called by
// run.ts and by conformance.test.ts.
import { Failure } from '#core/errors.ts'
import { matches } from '#core/matchers.ts'
import type { Series } from '#core/model.ts'
import type { Expr } from '#promql/ast.ts'
import { childrenOf } from '#promql/children.ts'
import { evaluateNow } from '#promql/evaluate.ts'
import { MemorySource } from '#promql/memory-source.ts'
import { parse } from '#promql/parse.ts'
import type { Answer } from '#promql/value.ts'
import type { Eval, Load } from './command.ts'
import { compare, compareVector } from './compare.ts'
import { readCommands } from './read.ts'

export type Verdict = Readonly<{ line: number; outcome: 'passed' | 'failed' | 'skipped'; why: string }>

export function runFile(text: string): Verdict[] {
  const source = new MemorySource()
  let lacking: Series[] = []
  const verdicts: Verdict[] = []
  for (const command of readCommands(text)) {
    if (command.kind === 'clear') {
      source.clear()
      lacking = []
    } else if (command.kind === 'problem') {
      verdicts.push({ line: command.line, outcome: 'failed', why: `cannot be read: ${command.what}` })
    } else if (command.kind === 'load') {
      for (const { series, points } of command.series) source.add(series, points, command.stepMs)
      lacking.push(...command.lacking)
      verdicts.push(...verdictsOfLoad(command))
    } else verdicts.push({ line: command.line, ...judged(command, source, lacking) })
  }
  return verdicts
}

function verdictsOfLoad({ line, lacking, problems }: Load): Verdict[] {
  const failed = problems.map(
    each => ({ line: each.line, outcome: 'failed', why: `cannot be read: ${each.what}` }) as const,
  )
  if (lacking.length === 0) return failed
  return [...failed, { line, outcome: 'skipped', why: 'loads what is not kept here' }]
}

type Judged = Omit<Verdict, 'line'>
const passed: Judged = { outcome: 'passed', why: '' }
const skipped = (why: string): Judged => ({ outcome: 'skipped', why })
const failed = (why: string): Judged => ({ outcome: 'failed', why })

// What our parser says of features that Prometheus calls experimental, and of those for native histograms.
const lackingFeature = /experimental in Prometheus|native histograms/
// Operators that cut native histograms, and durations that are computed and begin with a sign.
const newSyntax = /<\/|>\/|[[:]\s*[-+]/

function judged(wanted: Eval, source: MemorySource, lacking: readonly Series[]): Judged {
  if (wanted.skip !== undefined) return skipped(wanted.skip)
  try {
    const expr = parse(wanted.text)
    if (!seesAny(expr, lacking)) return judgeAnswer(wanted, expr, source)
    // What native histograms are ignored in may come out of the floats alone.
    const isOfFloats = wanted.series.length > 0 && judgeAnswer(wanted, expr, source).outcome === 'passed'
    return isOfFloats ? passed : skipped('looks at what is not kept here')
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n')[0]! : String(error)
    if (lackingFeature.test(why)) return skipped(why)
    if (newSyntax.test(wanted.text)) return skipped('is experimental in Prometheus')
    if (!(error instanceof Failure)) return failed(`${wanted.text}: our mistake: ${why}`)
    if (wanted.expects.has('fail')) return passed
    return failed(`${wanted.text}: wanted an answer, got the error ${why}`)
  }
}

function seesAny(expr: Expr, series: readonly Series[]): boolean {
  if (expr.kind === 'selector') return series.some(each => matches(each, expr.matchers))
  return childrenOf(expr).some(each => seesAny(each, series))
}

function judgeAnswer(wanted: Eval, expr: Expr, source: MemorySource): Judged {
  const answer = evaluateNow(expr, source, wanted.when)
  if (wanted.expects.has('fail')) return failed(`${wanted.text}: wanted an error, got an answer`)
  const wrong = wrongNotes(wanted, answer) ?? compare(wanted, answer.value)
  if (wrong !== undefined) return failed(`${wanted.text}: ${wrong}`)
  const inRange = wrongInRange(wanted, expr, source)
  if (inRange !== undefined) return failed(`${wanted.text} in a range: ${inRange}`)
  return passed
}

function wrongNotes({ expects }: Eval, { warnings, infos }: Answer): string | undefined {
  if (expects.has('warn') && warnings.length === 0) return 'wanted a warning, got none'
  if (expects.has('info') && infos.length === 0) return 'wanted an info, got none'
  if (expects.has('no_warn') && warnings.length > 0) return `wanted no warning, got ${warnings.join('; ')}`
  if (expects.has('no_info') && infos.length > 0) return `wanted no info, got ${infos.join('; ')}`
  return undefined
}

// As upstream: what holds at an instant holds in the middle of a range too.
function wrongInRange(wanted: Eval, expr: Expr, source: MemorySource): string | undefined {
  if (!('atMs' in wanted.when) || wanted.window !== undefined || wanted.string !== undefined) return undefined
  if (wanted.expects.has('ordered')) return undefined
  const { atMs } = wanted.when
  const question = { startMs: atMs - 60_000, endMs: atMs + 60_000, stepMs: 60_000 }
  const { value } = evaluateNow(expr, source, question)
  if (value.kind !== 'matrix') return `wanted a matrix, got a ${value.kind}`
  const there = value.series.flatMap(({ series, tMs, values }) => {
    const at = tMs.indexOf(atMs)
    return at < 0 ? [] : [{ series, value: values[at]! }]
  })
  if (wanted.scalar !== undefined) {
    return compare(wanted, { kind: 'scalar', tMs: atMs, value: there[0]?.value ?? Number.NaN })
  }
  const values = Float64Array.from(there, each => each.value)
  return compareVector(wanted, { kind: 'vector', tMs: atMs, series: there.map(each => each.series), values })
}

export type Tally = Readonly<{ passed: number; failed: number; skipped: number }>

export function tally(verdicts: readonly Verdict[]): Tally {
  const of = (outcome: Verdict['outcome']): number => verdicts.filter(each => each.outcome === outcome).length
  return { passed: of('passed'), failed: of('failed'), skipped: of('skipped') }
}
