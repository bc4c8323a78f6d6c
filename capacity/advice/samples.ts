// Advice as numbers, so that rules and dashboards read it like anything else: a sample a minute for each pool that was
// measured. A pool that was not writes none. Called by ../advice.ts.
import { labelsOf } from '#core/labels.ts'
import type { MetricName } from '#core/metrics.ts'
import type { Sample } from '#core/model.ts'
import type { AdvisedPool, Judged } from './judged.ts'

export function samplesOf({ name: pool, labels }: AdvisedPool, judged: Judged): Sample[] {
  const { atMs, wanted, share, advice, placed } = judged
  if (wanted === null) return []
  const all = labelsOf([...Object.entries(labels), ['pool', pool]])
  const sample = (name: MetricName, value: number): Sample => ({
    series: { name, labels: all },
    tMs: atMs,
    value,
  })
  const waitedMs = advice === null ? 0 : Math.max(0, atMs - advice.atMs)
  return [
    sample('capacity_advice_processes', wanted),
    ...(share === null ? [] : [sample('capacity_advice_busy_share', share)]),
    sample('capacity_advice_waiting_seconds', waitedMs / 1_000),
    sample('capacity_advice_unplaced', advice?.way === 'grow' ? (placed?.left ?? 0) : 0),
  ]
}
