// What rules say of alerts, and what the alerter knows: those that were posted too, and what is held back. Called by the
// command `alerts`.
import { fingerprint, labelsOf } from '#core/labels.ts'
import type { Labels } from '#core/model.ts'
import type { AlertLine } from './alerts-view.ts'

// As in Alertmanager's API.
export type ToldLine = Readonly<{
  fingerprint: string
  labels: Labels
  annotations: Labels
  startsAt: string
  status: Readonly<{
    silencedBy: readonly string[]
    inhibitedBy: readonly string[]
    mutedBy?: readonly string[]
  }>
}>

export function together(ruled: readonly AlertLine[], told: readonly ToldLine[]): AlertLine[] {
  const rest = new Map(told.map(each => [each.fingerprint, each]))
  const marked = ruled.map(line => {
    // What is pending is nobody's but the rules'.
    if (line.state !== 'firing') return line
    const print = fingerprint(labelsOf(Object.entries(line.labels)))
    const held = heldBy(rest.get(print))
    rest.delete(print)
    return { ...line, ...held }
  })
  const posted = [...rest.values()].map(
    (each): AlertLine => ({
      labels: each.labels,
      annotations: each.annotations,
      state: 'firing',
      activeAt: each.startsAt,
      value: '',
      ...heldBy(each),
    }),
  )
  return [...marked, ...posted]
}

function heldBy(line: ToldLine | undefined): Pick<AlertLine, 'held'> {
  const { silencedBy = [], inhibitedBy = [], mutedBy = [] } = line?.status ?? {}
  if (silencedBy.length > 0) return { held: 'silenced' }
  if (inhibitedBy.length > 0) return { held: 'inhibited' }
  return mutedBy.length > 0 ? { held: 'muted' } : {}
}
