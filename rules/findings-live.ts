// Which selectors of rules find nothing in a running service? A rule that looks at nothing never says a word, and nobody
// notices. Called by `plimsoll check --live`, which knows whom to ask.
import type { Problem } from '#core/config/problem.ts'
import { durationText } from '#core/duration.ts'
import { metricName } from '#core/labels.ts'
import type { Matcher } from '#core/model.ts'
import { classify } from '#promql/classify.ts'
import { print } from '#promql/print.ts'
import { about } from './findings.ts'
import { lookbackMs } from './lookback.ts'
import type { Rule, RuleGroup } from './rule.ts'

// Whether any series meets it within so long until now.
export type HasSeries = (selector: string, backMs: number) => Promise<boolean>

const day = 86_400_000
// Asked at one time.
const togetherMax = 8

type Use = Readonly<{ group: RuleGroup; rule: Rule }>
type Question = Readonly<{ matchers: readonly Matcher[]; backMs: number; uses: Use[] }>

// Each selector is asked about once.
export async function unmet(groups: readonly RuleGroup[], hasSeries: HasSeries): Promise<Problem[]> {
  const waiting = questionsOf(groups)
  const found: Problem[][] = []
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      found.push(await answerTo(next, hasSeries))
    }
  }
  await Promise.all(Array.from({ length: togetherMax }, work))
  return found.flat().sort((a, b) => compare(a.file, b.file) || a.line - b.line || compare(a.found, b.found))
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

// Rules may look at what other rules of these files record, which may not run yet; and that nothing fires is no fault.
function questionsOf(groups: readonly RuleGroup[]): Question[] {
  const recorded = groups
    .flatMap(each => each.rules)
    .flatMap(rule => (rule.kind === 'record' ? rule.record : []))
  const ours = new Set([...recorded, 'ALERTS', 'ALERTS_FOR_STATE'])
  const questions = new Map<string, Question>()
  for (const group of groups) {
    for (const rule of group.rules) {
      for (const { matchers, farMs } of classify(rule.expr, { lookbackMs }).selections) {
        if (ours.has(soleName(matchers) ?? '')) continue
        const key = selectorText(matchers)
        const backMs = Math.max(day, farMs + group.queryOffsetMs)
        const known = questions.get(key)
        if (known === undefined || known.backMs < backMs) {
          questions.set(key, { matchers, backMs, uses: known?.uses ?? [] })
        }
        const { uses } = questions.get(key)!
        if (!uses.some(each => each.rule === rule)) uses.push({ group, rule })
      }
    }
  }
  return [...questions.values()]
}

async function answerTo({ matchers, backMs, uses }: Question, hasSeries: HasSeries): Promise<Problem[]> {
  const selector = selectorText(matchers)
  if (await hasSeries(selector, backMs)) return []
  const hint = await hintOn(matchers, backMs, hasSeries)
  const wanted = `a selector that finds series of the last ${durationText(backMs)}`
  return uses.map(({ group, rule }) => ({
    ...about(group, rule),
    wanted,
    found: `none for ${selector}`,
    hint,
  }))
}

// Which part of it is to blame.
async function hintOn(matchers: readonly Matcher[], backMs: number, hasSeries: HasSeries): Promise<string> {
  const name = soleName(matchers)
  if (name === undefined) return 'no series has these labels'
  const named = matchers.filter(each => each.name === metricName)
  if (named.length === matchers.length || !(await hasSeries(selectorText(named), backMs))) {
    return `nothing is called ${name}`
  }
  for (const each of matchers) {
    if (each.name === metricName) continue
    const alone = selectorText([...named, each])
    if (!(await hasSeries(alone, backMs))) return `${name} is there, but not with ${alone.slice(name.length)}`
  }
  return `${name} is there, but not with all these labels together`
}

function soleName(matchers: readonly Matcher[]): string | undefined {
  const [first, second] = matchers.filter(({ name }) => name === metricName)
  return first?.op === '=' && second === undefined ? first.value : undefined
}

const plainName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/

function selectorText(matchers: readonly Matcher[]): string {
  const name = soleName(matchers)
  const span = { from: 0, to: 0 }
  const named = name !== undefined && plainName.test(name) ? { name } : {}
  return print({ kind: 'selector', ...named, matchers, offsetMs: 0, span })
}
