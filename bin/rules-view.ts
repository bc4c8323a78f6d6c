// What the service says of its rules, and how it looks to a person: failing ones with the reason. Called by the command
// `rules`.

import type { Paint } from './paint.ts'
import { type Column, tableText } from './table.ts'

// As in Prometheus' API, with what Plimsoll adds.
export type RuleLine = Readonly<{
  type: 'alerting' | 'recording'
  name: string
  health: 'unknown' | 'ok' | 'err'
  lastError?: string
  evaluationTime: number
  active?: Readonly<{ firing: number; pending: number }>
}>
export type GroupLine = Readonly<{ name: string; file: string; rules: readonly RuleLine[] }>

const columns: readonly Column[] = [
  { title: 'group' },
  { title: 'rule' },
  { title: 'health' },
  { title: 'active' },
  { title: 'took', right: true },
  { title: 'last error' },
]

export function rulesText(groups: readonly GroupLine[], paint: Paint): string {
  const rules = groups.flatMap(each => each.rules)
  const rows = groups.flatMap(({ name, rules }) =>
    rules.map(rule => [
      name,
      rule.name,
      rule.health,
      activeText(rule),
      tookText(rule),
      (rule.lastError ?? '').replaceAll(/\s+/g, ' '),
    ]),
  )
  const failing = rules.filter(isFailing).length
  const count = `${rules.length} ${rules.length === 1 ? 'rule' : 'rules'}`
  const heading = failing === 0 ? count : `${count}, ${failing} failing`
  return `${paint(failing === 0 ? 'green' : 'red', heading)}\n${tableText(columns, rows)}`
}

export const isFailing = ({ health }: RuleLine): boolean => health === 'err'

// A recording rule has none to count.
function activeText({ type, active = { firing: 0, pending: 0 } }: RuleLine): string {
  if (type === 'recording') return 'records'
  const texts = (['firing', 'pending'] as const).flatMap(state =>
    active[state] === 0 ? [] : [`${active[state]} ${state}`],
  )
  return texts.length === 0 ? '-' : texts.join(', ')
}

function tookText({ health, evaluationTime }: RuleLine): string {
  if (health === 'unknown') return ''
  const ms = evaluationTime * 1_000
  if (ms >= 1_000) return `${evaluationTime.toFixed(2)} s`
  return ms >= 1 ? `${ms.toFixed(1)} ms` : `${(ms * 1_000).toFixed(ms * 1_000 < 10 ? 1 : 0)} µs`
}
