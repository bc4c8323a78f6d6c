// A person asked not to hear about it. It stops beginnings only: an end that somebody waits for never comes this way.
// Asked last, so that the reason is a silence only where nothing in the configuration holds it.
import type { Stage } from '../stage.ts'

export const silenced: Stage = ({ known }, { rules, nowMs }) => {
  const by = rules.silencedBy(known.alert.labels, nowMs)
  return by.length === 0 ? undefined : by
}
