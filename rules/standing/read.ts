// What all processes say of their groups, as one: which groups there are, how their rules do, and their alerts. In pages,
// so that tens of thousands of alerts hold nobody up. Called by standing.ts.
import { Breath } from '#core/breath.ts'
import type { State } from '#core/state.ts'
import { readAlert } from '../book/alert-text.ts'
import type { Rule, RuleGroup } from '../rule.ts'
import type { Alerts, Tracked } from '../state.ts'
import type { GroupView, RuleView } from '../view.ts'
import { readDefinition } from './definition.ts'
import { type Numbers, readNumbers, together } from './numbers.ts'
import {
  type AlertKey,
  alertsAfter,
  definitionAt,
  lastWordMs,
  type StandingKey,
  standingsAfter,
} from './rows.ts'

// Who has said nothing for so long is dead.
export const silentMs = 60_000

const rowsAtOnce = 50
// 5 ms, in which others wait.
const alertsAtOnce = 1_000

type Db = State['db']

// Of a process: which group, and since when.
type Claim = Readonly<{ digest: string; place: number; sinceMs: number }>

export function openReading(db: Db): (nowMs: number) => Promise<readonly GroupView[]> {
  let known: ReadonlyMap<string, RuleGroup> = new Map()
  return async nowMs => {
    const { claims, numbers } = await standings(db, nowMs)
    known = await definitions(db, new Set(claims.map(each => each.digest)), known)
    const groups = present(claims, known)
    const ids = groups.flatMap(({ rules }) => rules.filter(each => each.kind === 'alert').map(({ id }) => id))
    const alerts = await activeAlerts(db, new Set(ids))
    const views: GroupView[] = []
    const breath = new Breath()
    for (const group of groups) {
      views.push({ group, rules: group.rules.map(rule => viewOf(rule, alerts, numbers)) })
      if (breath.isDue) await breath.taken()
    }
    return views
  }
}

const viewOf = (
  rule: Rule,
  alerts: ReadonlyMap<string, Alerts>,
  numbers: ReadonlyMap<string, readonly Numbers[]>,
): RuleView => ({
  rule,
  alerts: alerts.get(rule.id) ?? new Map(),
  ...together(numbers.get(rule.id) ?? []),
})

type Standing = Readonly<{ claims: readonly Claim[]; numbers: ReadonlyMap<string, readonly Numbers[]> }>

// Of the living; of whoever died last when all are dead, but without numbers.
async function standings(db: Db, nowMs: number): Promise<Standing> {
  const newestMs = Math.min((await lastWordMs(db)) ?? nowMs, nowMs)
  const [claims, late]: [Claim[], Claim[]] = [[], []]
  const numbers = new Map<string, Numbers[]>()
  let after: StandingKey = { process: '', place: -1 }
  const breath = new Breath()
  for (;;) {
    const rows = await standingsAfter(db, newestMs - silentMs, after, rowsAtOnce)
    for (const { process, place, digest, since_ms: sinceMs, at_ms: atMs, numbers: text } of rows) {
      const isDead = nowMs - atMs >= silentMs
      const own = isDead ? late : claims
      own.push({ digest, place, sinceMs })
      if (isDead) continue
      for (const [rule, each] of readNumbers(text, `rule_standings (${process}, ${place})`)) {
        const all = numbers.get(rule)
        if (all === undefined) numbers.set(rule, [each])
        else all.push(each)
      }
      if (breath.isDue) await breath.taken()
    }
    const last = rows.at(-1)
    if (last === undefined || rows.length < rowsAtOnce)
      return { claims: claims.length > 0 ? claims : late, numbers }
    after = last
  }
}

// Read once while anybody has them.
async function definitions(
  db: Db,
  digests: ReadonlySet<string>,
  known: ReadonlyMap<string, RuleGroup>,
): Promise<Map<string, RuleGroup>> {
  const groups = new Map<string, RuleGroup>()
  for (const digest of digests) {
    const group = known.get(digest) ?? (await definition(db, digest))
    if (group !== undefined) groups.set(digest, group)
  }
  return groups
}

// Gone when it was replaced since its digest was read.
async function definition(db: Db, digest: string): Promise<RuleGroup | undefined> {
  const row = await definitionAt(db, digest)
  return row === undefined ? undefined : readDefinition(row.definition, `rule_groups (${digest})`)
}

// Of each group the definition that came last, in the order of the files.
function present(claims: readonly Claim[], known: ReadonlyMap<string, RuleGroup>): RuleGroup[] {
  const last = new Map<string, Claim & Readonly<{ group: RuleGroup }>>()
  for (const claim of claims) {
    const group = known.get(claim.digest)
    if (group === undefined) continue
    const key = keyOf(group)
    const other = last.get(key)
    if (other === undefined || isNewer(claim, other)) last.set(key, { ...claim, group })
  }
  const inOrder = [...last].sort(([a, { place: one }], [b, { place: other }]) =>
    one === other ? (a < b ? -1 : 1) : one - other,
  )
  return inOrder.map(([, { group }]) => group)
}

// Which group it is, whatever it has become.
export const keyOf = ({ file, name }: RuleGroup): string => JSON.stringify([file, name])

// Always the same of two that came at once.
const isNewer = (one: Claim, other: Claim): boolean =>
  one.sinceMs === other.sinceMs ? one.digest < other.digest : one.sinceMs > other.sinceMs

async function activeAlerts(db: Db, rules: ReadonlySet<string>): Promise<Map<string, Alerts>> {
  const active = new Map<string, Map<string, Tracked>>()
  let after: AlertKey = { part: '', rule: '', fingerprint: '' }
  for (;;) {
    const rows = await alertsAfter(db, after, alertsAtOnce)
    for (const { part, rule, fingerprint, alert: text } of rows) {
      if (!rules.has(rule)) continue
      const alert = readAlert(text, `rule_alerts (${part}, ${rule}, ${fingerprint})`)
      if (alert.phase === 'resolved') continue
      const own = active.get(rule) ?? new Map<string, Tracked>()
      active.set(rule, own)
      // Two parts have it when labels that tell their hosts apart are taken away.
      if (own.get(fingerprint)?.phase !== 'firing') own.set(fingerprint, alert)
    }
    const last = rows.at(-1)
    if (last === undefined || rows.length < alertsAtOnce) return active
    after = last
  }
}
