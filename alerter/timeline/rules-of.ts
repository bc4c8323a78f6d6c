// What is configured, as the timeline asks for it. Called by the alerter at start and at each reload.
import type { Labels } from '#core/model.ts'
import type { AlertmanagerConfig } from '../alertmanager.ts'
import { openInhibitor } from '../inhibition.ts'
import { isWithin } from '../interval.ts'
import type { TimelineRules } from './rules.ts'

export type AlerterConfig = Pick<AlertmanagerConfig, 'route' | 'receivers' | 'inhibitions' | 'intervals'>

// Ids of the silences that hold now.
type Silencing = Readonly<{ silencedBy(labels: Labels, nowMs: number): readonly string[] }>

export function rulesOf(config: AlerterConfig, silences: Silencing): TimelineRules {
  const { route, receivers, inhibitions, intervals } = config
  return {
    route,
    receivers,
    inhibitor: openInhibitor(inhibitions),
    silencedBy: (labels, nowMs) => silences.silencedBy(labels, nowMs),
    isWithin: (name, atMs) => intervals.get(name)?.some(each => isWithin(each, atMs)) ?? false,
  }
}
