// The sample that proves that the road from a collector to the alerter works, and the alert that comes of it: nobody's, and
// never shown as one. Written by the agent's input `canary`, found by the rule in rules/canary.yml, known again by all who
// handle alerts.
import { noLabels } from './labels.ts'
import type { MetricName } from './metrics.ts'
import type { Alert, Series } from './model.ts'

const metric: MetricName = 'plimsoll_canary'

// The agent adds its own labels.
export const canarySeries: Series = { name: metric, labels: noLabels }

export const canaryGroup = 'plimsoll_canary'
const name = 'PlimsollCanary'
const expr = `${metric} == 1`

// By its rule: labels can be anybody's, and what somebody has posted has no rule.
export const isCanary = ({ rule }: Pick<Alert, 'rule'>): boolean =>
  rule.name === name && rule.group === canaryGroup && rule.expr === expr
