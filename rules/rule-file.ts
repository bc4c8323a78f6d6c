// The text of a rule file → groups of rules, or every problem with its place, as strict as promtool 3. What Prometheus
// takes and is probably not meant is a warning. Called by rule-files.ts, by `plimsoll check` and by unit tests.
import { openFindings, type Place, type Problem } from '#core/config/problem.ts'
import { readForeignYaml } from '#core/config/read.ts'
import { foundText, type Tree } from '#core/config/tree.ts'
import { type Form, type Keys, openForm, type Part, wordOf } from './form.ts'
import type { Rule, RuleGroup } from './rule.ts'
import { readLabels, readRule } from './rule-fields.ts'
import type { RuleIds } from './rule-ids.ts'
import type { RuleGroupHead, Work } from './rule-work.ts'

export type RuleFile = Readonly<{
  file: string
  // None where there is a problem.
  groups: readonly RuleGroup[]
  problems: readonly Problem[]
  warnings: readonly Problem[]
}>

const kubernetes = 'this is an object of Kubernetes: a rule file holds what stands below its `spec`'
const vmalert = 'a key of vmalert, which Prometheus does not know'
const mimir = 'a key of Mimir, which Prometheus does not know'

const topKeys: Keys = {
  known: ['groups'],
  foreign: {
    apiVersion: kubernetes,
    kind: kubernetes,
    metadata: kubernetes,
    spec: kubernetes,
    namespace: 'a key of mimirtool and cortextool, which Prometheus does not know',
    rule_files: 'this is a configuration of Prometheus: name its rule files one by one',
    tests: 'this is a unit test: run it by `plimsoll test FILE`',
  },
}

const groupKeys: Keys = {
  known: ['name', 'interval', 'query_offset', 'limit', 'rules', 'labels'],
  foreign: {
    partial_response_strategy: 'a key of Thanos; there are no partial answers here, so leave it out',
    concurrency: vmalert,
    type: vmalert,
    params: vmalert,
    headers: vmalert,
    tenant: vmalert,
    eval_offset: vmalert,
    eval_delay: `${vmalert}; Prometheus calls it query_offset`,
    evaluation_delay: `${mimir}; Prometheus calls it query_offset`,
    source_tenants: mimir,
    align_evaluation_time_on_interval: mimir,
  },
}

export function readRuleFile(file: string, text: string, ids: RuleIds): RuleFile {
  const [findings, doubts] = [openFindings(), openFindings()]
  doubts.learn(file, text.split(/\r?\n/))
  const wanted = 'the key `groups` with a list'
  const { tree, second, placeIn } = readForeignYaml(text, { file, findings, wanted })
  const work: Work = { form: openForm(findings), warn: openForm(doubts).complain, placeIn, ids }
  if (second !== undefined) {
    const hint = 'as in Prometheus, only the first document counts'
    work.warn(second, '', { wanted: 'one document', found: 'a second one after `---`', hint })
  }
  const top = work.form.map(tree, '', topKeys)
  const groups = top === undefined ? [] : readGroups(top, file, work)
  const { problems } = findings
  return {
    file,
    groups: problems.length > 0 ? [] : groups,
    problems: inOrder(problems),
    warnings: inOrder(doubts.problems),
  }
}

// From top to bottom, each once: a label of a group is read for each of its rules.
function inOrder(problems: readonly Problem[]): Problem[] {
  const seen = new Map(problems.map(each => [`${each.line}:${each.column} ${each.path} ${each.found}`, each]))
  return [...seen.values()].sort((a, b) => a.line - b.line || a.column - b.column)
}

// By its look, for whoever is handed files of several kinds; one that is broken still has a look.
export const isRuleFile = (text: string): boolean =>
  /^(?:\{\s*)?["']?groups["']?\s*:/m.test(text) || /^kind\s*:\s*PrometheusRule\b/m.test(text)

function readGroups(top: Part, file: string, work: Work): RuleGroup[] {
  const seen = new Map<string, Place>()
  const rules = new Map<string, number>()
  return work.form.list(top, 'groups').flatMap((tree, at) => {
    const group = readGroup(tree, at, work)
    if (group === undefined) return []
    const { name, place } = group
    const known = seen.get(name)
    if (known === undefined) seen.set(name, place)
    else {
      const found = `a second group ${name} (the first stands in line ${known.line})`
      work.form.complain(place, `group ${name}`, { wanted: 'each name once in a file', found })
    }
    for (const rule of group.rules) warnOfTwin(rule, rules, work)
    const { name: _, place: _place, ...rest } = group
    return [{ file, name, ...rest, rules: group.rules.map(each => each.rule) }]
  })
}

type Placed = Readonly<{ rule: Rule; place: Place; path: string; twin: string }>
type ReadGroup = Omit<RuleGroup, 'file' | 'rules'> & Readonly<{ place: Place; rules: readonly Placed[] }>

// As promtool's lint: the same name and labels, in whatever group of the file.
function warnOfTwin({ place, path, twin }: Placed, seen: Map<string, number>, { warn }: Work): void {
  const first = seen.get(twin)
  if (first === undefined) seen.set(twin, place.line)
  else {
    const found = `the same name and labels as in line ${first}`
    const hint = 'both write the same series: give them different labels, or join them by `or`'
    warn(place, path, { wanted: 'rules that differ in name or labels', found, hint })
  }
}

function readGroup(tree: Tree, at: number, work: Work): ReadGroup | undefined {
  const { form } = work
  const named = tree.kind === 'map' ? tree.keys.get('name')?.value : undefined
  const name = named?.kind === 'scalar' ? wordOf(named) : ''
  const part = form.map(tree, `group ${name === '' ? at + 1 : name}`, groupKeys)
  if (part === undefined) {
    if (tree.kind === 'scalar' && tree.value === null)
      form.complain(tree.place, `group ${at + 1}`, { wanted: 'a group with a name', found: 'nothing' })
    return undefined
  }
  const place = named?.place ?? tree.place
  if (name === '') form.complain(place, part.path, { wanted: 'a name', found: foundText(named) })
  const labels = readLabels(part, work)
  return {
    name,
    place,
    // As in Prometheus, 0 is as if left out.
    intervalMs: form.durationMs(part, 'interval') || undefined,
    queryOffsetMs: form.durationMs(part, 'query_offset') ?? 0,
    limit: readLimit(part, form),
    rules: readRules(part, { group: name, labels }, work),
  }
}

function readRules(part: Part, head: RuleGroupHead, work: Work): Placed[] {
  return work.form.list(part, 'rules').flatMap((tree, at) => {
    const read = readRule(tree, { path: part.path, at, ...head }, work)
    return read === undefined ? [] : [{ ...read, place: tree.place }]
  })
}

function readLimit(part: Part, { scalar, complain }: Form): number {
  const found = scalar(part, 'limit')
  if (found === undefined) return 0
  if (typeof found.value === 'number' && Number.isSafeInteger(found.value) && found.value >= 0)
    return found.value
  const wanted = 'a whole number, 0 for no limit'
  complain(found.place, `${part.path}, limit`, { wanted, found: foundText(found) })
  return 0
}
