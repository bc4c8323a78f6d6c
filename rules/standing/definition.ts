// What a group is, as it travels: the texts of its rules, of which whoever has no rule files makes the same group again.
// Called by standing.ts and read.ts.
import { createHash } from 'node:crypto'
import { Breath } from '#core/breath.ts'
import { Failure } from '#core/errors.ts'
import { readSaved } from '#core/state/saved-json.ts'
import { parse } from '#promql/parse.ts'
import { compileAlertTemplate } from '#promql/template.ts'
import type { AlertRule, RecordRule, Rule, RuleGroup, Worded } from '../rule.ts'

// Equal digests are equal groups.
export type Definition = Readonly<{ digest: string; text: string }>

type Texts = readonly (readonly [name: string, text: string])[]
type WrittenAlert = Omit<AlertRule, 'expr' | 'labels' | 'annotations'> &
  Readonly<{ labels: Texts; annotations: Texts }>
type WrittenRecord = Omit<RecordRule, 'expr' | 'labels'> & Readonly<{ labels: Texts }>
type WrittenGroup = Omit<RuleGroup, 'rules'> & Readonly<{ rules: readonly (WrittenAlert | WrittenRecord)[] }>

const known = new WeakMap<RuleGroup, Definition>()

// Made once of each group: it is asked for every few seconds.
export function definitionOf(group: RuleGroup): Definition {
  const found = known.get(group)
  if (found !== undefined) return found
  const text = JSON.stringify(written(group))
  const definition = { digest: createHash('sha256').update(text).digest('hex').slice(0, 32), text }
  known.set(group, definition)
  return definition
}

const written = (group: RuleGroup): WrittenGroup => ({ ...group, rules: group.rules.map(writtenRule) })

function writtenRule({ expr: _, ...rule }: Rule): WrittenAlert | WrittenRecord {
  if (rule.kind === 'record') return { ...rule, labels: [...rule.labels] }
  return { ...rule, labels: textsOf(rule.labels), annotations: textsOf(rule.annotations) }
}

const textsOf = (all: ReadonlyMap<string, Worded>): Texts => [...all].map(([name, { text }]) => [name, text])

// `at` says whose it is. To read the expressions of ten thousand rules takes a second, in which others get their turn.
export async function readDefinition(text: string, at: string): Promise<RuleGroup> {
  const isWhole = ({ rules }: Partial<WrittenGroup>): boolean => Array.isArray(rules)
  const group = readSaved<WrittenGroup>(text, { at, wanted: 'a group of rules', isWhole })
  const breath = new Breath()
  const rules: Rule[] = []
  for (const each of group.rules) {
    rules.push(ruleOf(each, at))
    if (breath.isDue) await breath.taken()
  }
  return { ...group, intervalMs: group.intervalMs, rules }
}

function ruleOf(rule: WrittenAlert | WrittenRecord, at: string): Rule {
  try {
    const expr = parse(rule.text)
    if (rule.kind === 'record') return { ...rule, expr, labels: new Map(rule.labels) }
    const worded = (texts: Texts): Map<string, Worded> =>
      new Map(texts.map(([name, text]) => [name, { text, template: compileAlertTemplate(text, rule.alert) }]))
    return { ...rule, expr, labels: worded(rule.labels), annotations: worded(rule.annotations) }
  } catch (error) {
    // Whoever wrote it could read it.
    if (!(error instanceof Failure)) throw error
    throw new Failure('state_newer', `${at}: it has a rule that this version cannot read: ${error.detail}`)
  }
}
