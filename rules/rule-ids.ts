// Which rule is which after a reload: group, name, labels, and the how manieth of these it is. One counter serves all
// files that are read together. Called by rule-fields.ts.
import { createHash } from 'node:crypto'

export type Identity = Readonly<{
  kind: 'alert' | 'record'
  group: string
  name: string
  // As written, those of the group included.
  labels: ReadonlyMap<string, string>
}>

export type RuleIds = Readonly<{ next(identity: Identity): string }>

export function openRuleIds(): RuleIds {
  const counts = new Map<string, number>()
  return {
    next(identity) {
      const text = identityText(identity)
      const count = counts.get(text) ?? 0
      counts.set(text, count + 1)
      return createHash('sha256').update(`${text}${count}`).digest('hex').slice(0, 16)
    },
  }
}

export const identityText = ({ kind, group, name, labels }: Identity): string =>
  JSON.stringify([kind, group, name, [...labels].sort(([a], [b]) => (a < b ? -1 : 1))])
