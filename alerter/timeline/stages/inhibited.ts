// Another alert says the same and more. When that one ends, this one is told at its group's next flush if it still
// fires.
import type { Stage } from '../stage.ts'

export const inhibited: Stage = ({ known }, { rules, nowMs }) => {
  const source = rules.inhibitor.inhibitedBy(known.alert.labels, nowMs)
  return source === undefined ? undefined : [source]
}
