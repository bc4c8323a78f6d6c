// Which alerts a page begins with: those that people are told of before those that are held back, the most severe first,
// then the newest. Called by front-page.ts.
import type { ShownAlert } from './facts.ts'

const ranks = ['page', 'critical', 'error', 'warn', 'warning', 'info']
const heldRank = ranks.length

// What states no severity stands between a page and a warning.
export function rankOf({ labels, held }: ShownAlert): number {
  if (held !== undefined) return heldRank
  const rank = ranks.indexOf(labels['severity'] ?? '')
  if (rank < 0) return 1
  return rank < 2 ? 0 : rank
}

export function worstOf(alerts: readonly ShownAlert[], max: number): readonly ShownAlert[] {
  const ranked = alerts.map(alert => ({ alert, rank: rankOf(alert) }))
  ranked.sort((a, b) => a.rank - b.rank || b.alert.sinceMs - a.alert.sinceMs)
  return ranked.slice(0, max).map(({ alert }) => alert)
}
