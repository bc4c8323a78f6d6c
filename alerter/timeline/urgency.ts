// How urgent is a message? As its most urgent alert, by the label `severity` that the packs and most people's rules
// have. Called for each telling, because budgets keep a reserve for `page`, and where no `group_wait` is stated; and
// wherever the most urgent comes first.
import type { Labels } from '#core/model.ts'
import type { Urgency } from './outcome.ts'

const bySeverity: ReadonlyMap<string | undefined, Urgency> = new Map([
  ['page', 'page'],
  ['critical', 'page'],
  ['info', 'low'],
  ['none', 'low'],
])

// The most urgent first.
export const rankOf: Readonly<Record<Urgency, number>> = { page: 0, normal: 1, low: 2 }

export const moreUrgent = (one: Urgency, other: Urgency): Urgency =>
  rankOf[one] < rankOf[other] ? one : other

export const urgencyOf = (labels: Labels): Urgency => bySeverity.get(labels['severity']) ?? 'normal'

export function mostUrgent(all: Iterable<Labels>): Urgency {
  let most: Urgency = 'low'
  for (const labels of all) {
    const urgency = urgencyOf(labels)
    if (urgency === 'page') return urgency
    if (urgency === 'normal') most = urgency
  }
  return most
}
