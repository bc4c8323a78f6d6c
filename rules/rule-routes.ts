// /api/v1/rules and /api/v1/alerts, as Prometheus answers them: which groups, rules and alerts there are, and how they
// are. Called by bin/.
import { z } from 'zod'
import { text, texts } from '#core/http/parameters.ts'
import { answerOf } from '#core/http/pieces.ts'
import { readAs, refusalJson, refuse } from '#core/http/prometheus-refusal.ts'
import { type Route, route } from '#core/http/route.ts'
import { labelsOf } from '#core/labels.ts'
import { matches } from '#core/matchers.ts'
import type { Matcher } from '#core/model.ts'
import { parseSelector } from '#promql/parse-selector.ts'
import { nameOf, type Rule } from './rule.ts'
import { alertsJson, type GroupsAnswer, groupsJson, type ToldGroup, tokenOf } from './rule-json.ts'
import type { GroupView, ViewGroups } from './view.ts'

const said = z.object({
  type: text('`alert` or `record`: only rules of this kind.'),
  'rule_name[]': texts('Only rules with one of these names.'),
  'rule_group[]': texts('Only groups with one of these names.'),
  'file[]': texts('Only groups of one of these files.'),
  'match[]': texts('Selectors like {severity="page"}; the labels of a rule, as written, meet one of them.'),
  exclude_alerts: text('`true`: without the alerts of each rule.'),
  group_limit: text('The most groups of one answer.'),
  group_next_token: text('Where it goes on: `groupNextToken` of the answer before.'),
})

export function ruleRoutes({ view }: Readonly<{ view: ViewGroups }>): Route[] {
  const shape = { method: 'GET', scope: 'read', failure: refusalJson } as const
  return [
    route({
      ...shape,
      path: '/api/v1/rules',
      summary: 'The rules that are evaluated, how they are, and their alerts.',
      query: said,
      handle: async ({ query, signal }) => {
        const asked = askedOf(query)
        const answer = { ...pageOf(inOrder(await view()), asked), excludeAlerts: asked.excludeAlerts }
        return answerOf(groupsJson(answer), { signal })
      },
    }),
    route({
      ...shape,
      path: '/api/v1/alerts',
      summary: 'The alerts that are pending or firing.',
      handle: async ({ signal }) => answerOf(alertsJson(inOrder(await view())), { signal }),
    }),
  ]
}

// By file and name, as Prometheus lists them; pages rely on it.
const inOrder = (groups: readonly GroupView[]): GroupView[] =>
  groups.toSorted(({ group: a }, { group: b }) => compare(a.file, b.file) || compare(a.name, b.name))

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

type Asked = Readonly<{
  isWanted: (group: GroupView) => boolean
  isWantedRule: (rule: Rule) => boolean
  excludeAlerts: boolean
  // Left out: all.
  most: number | undefined
  token: string | undefined
}>

// What is wrong is told in the order in which Prometheus finds it.
function askedOf(query: z.output<typeof said>): Asked {
  const selectors = query['match[]'].map(each => readAs(undefined, () => parseSelector(each)))
  const kind = kindOf(query.type)
  const excludeAlerts = truthOf('exclude_alerts', query.exclude_alerts)
  const most = limitOf(query.group_limit, query.group_next_token)
  const [names, groups, files] = [query['rule_name[]'], query['rule_group[]'], query['file[]']]
  return {
    isWanted: ({ group }) => isAmong(groups, group.name) && isAmong(files, group.file),
    isWantedRule: rule =>
      (kind === undefined || rule.kind === kind) &&
      isAmong(names, nameOf(rule)) &&
      (selectors.length === 0 || selectors.some(each => isMet(each, rule))),
    excludeAlerts,
    most,
    token: query.group_next_token,
  }
}

const isAmong = (list: readonly string[], name: string): boolean => list.length === 0 || list.includes(name)

// The labels as they were written, templates unexpanded; the rule's name is none of them.
function isMet(matchers: readonly Matcher[], rule: Rule): boolean {
  const texts = [...rule.labels].map(([name, value]) => [name, textOf(value)] as const)
  return matches({ name: '', labels: labelsOf(texts) }, matchers)
}

const textOf = (label: string | Readonly<{ text: string }>): string =>
  typeof label === 'string' ? label : label.text

function kindOf(said: string | undefined): Rule['kind'] | undefined {
  const kind = said?.toLowerCase()
  if (kind === undefined || kind === 'alert' || kind === 'record') return kind
  throw refuse('type', `not supported value ${JSON.stringify(kind)}`)
}

// As Go reads it, upper case being no matter.
function truthOf(name: string, said: string | undefined): boolean {
  const word = said?.toLowerCase()
  if (word === undefined || ['0', 'f', 'false'].includes(word)) return false
  if (['1', 't', 'true'].includes(word)) return true
  const what = `strconv.ParseBool: parsing ${JSON.stringify(word)}: invalid syntax`
  throw refuse(name, `error converting ${name}: ${what}`)
}

const mostMax = 2 ** 31 - 1

function limitOf(said: string | undefined, token: string | undefined): number | undefined {
  if (said === undefined) {
    if (token === undefined) return undefined
    throw refuse('group_next_token', 'group_limit needs to be present in order to paginate over the groups')
  }
  const limit = /^[+-]?\d+$/.test(said) ? Number(said) : Number.NaN
  const wrong = Number.isNaN(limit)
    ? 'invalid syntax'
    : limit > mostMax || limit < -mostMax - 1
      ? 'value out of range'
      : undefined
  if (wrong !== undefined) {
    const what = `strconv.ParseInt: parsing ${JSON.stringify(said)}: ${wrong}`
    throw refuse('group_limit', `group_limit needs to be a valid number: ${what}`)
  }
  if (limit <= 0) throw refuse('group_limit', 'group_limit needs to be greater than 0')
  return limit
}

type Page = Pick<GroupsAnswer, 'groups' | 'nextToken'>

// Groups of which no rule is wanted, or that have none, are left out.
function pageOf(groups: readonly GroupView[], { isWanted, isWantedRule, most, token }: Asked): Page {
  const first = token === undefined ? 0 : groups.findIndex(({ group }) => tokenOf(group) === token)
  if (first === -1) {
    throw refuse('group_next_token', `invalid group_next_token '${token}'. were rule groups changed?`)
  }
  const told: ToldGroup[] = []
  for (const each of groups.slice(first)) {
    const wanted = isWanted(each) ? each.rules.filter(({ rule }) => isWantedRule(rule)) : []
    if (wanted.length === 0) continue
    if (told.length === most) return { groups: told, nextToken: tokenOf(each.group) }
    told.push({ ...each, wanted })
  }
  return { groups: told, nextToken: undefined }
}
