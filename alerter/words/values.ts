// The values of several alerts in one line. Called by fields.ts.
import type { ToldAlert } from '../message.ts'
import { thresholdText } from './number.ts'
import { tidy } from './tidy.ts'
import { unitOf, valueText } from './title.ts'
import type { Tongue } from './tongue.ts'

// From the lowest to the highest; nothing where they are of different kinds or no numbers.
export function rangeText(alerts: readonly ToldAlert[], tongue: Tongue): string {
  const [first] = alerts
  if (first === undefined) return ''
  const isSame = alerts.every(
    each =>
      each.threshold === first.threshold &&
      unitOf(each) === unitOf(first) &&
      each.labels['alertname'] === first.labels['alertname'],
  )
  if (!isSame) return ''
  const sorted = alerts
    .filter(({ value }) => value.trim() !== '' && Number.isFinite(Number(value)))
    .toSorted((a, b) => Number(a.value) - Number(b.value))
  const [low, high] = [sorted[0], sorted.at(-1)]
  if (low === undefined || high === undefined) return ''
  const bare = (alert: ToldAlert): string => valueText({ ...alert, threshold: '' }, tongue)
  if (bare(low) === bare(high)) return valueText(low, tongue)
  const range = tongue.range(bare(low), bare(high))
  const threshold = tidy(thresholdText(first.threshold, unitOf(first)))
  return threshold === '' ? range : tongue.valueAgainst(range, threshold)
}
