// Alerts as Alertmanager's API takes them, in requests of a bounded size. Pure. Called by target.ts.
import { labelsOf } from '#core/labels.ts'
import type { Labels } from '#core/model.ts'
import { graphLink } from '#promql/graph-link.ts'
import { print } from '#promql/print.ts'
import type { AlertRule } from '../rule.ts'
import type { Due } from './due.ts'

export type Outside = Readonly<{ externalLabels: Labels; externalUrl: string }>

export type Body = Readonly<{ text: string; alerts: readonly Due[] }>

const alertsMax = 1_000
const bytesMax = 1_000_000

// One after the other, so that only the one that is being sent takes place.
export function* bodiesOf(due: Iterable<Due>, outside: Outside): Generator<Body> {
  const links = new Map<AlertRule, string>()
  let texts: string[] = []
  let alerts: Due[] = []
  let bytes = 0
  for (const each of due) {
    const link = links.get(each.rule) ?? graphLink(outside.externalUrl, print(each.rule.expr))
    links.set(each.rule, link)
    const text = JSON.stringify(alertJson(each, outside.externalLabels, link))
    const size = Buffer.byteLength(text) + 1
    if (alerts.length === alertsMax || (alerts.length > 0 && bytes + size > bytesMax)) {
      yield { text: `[${texts.join()}]`, alerts }
      texts = []
      alerts = []
      bytes = 0
    }
    texts.push(text)
    alerts.push(each)
    bytes += size
  }
  if (alerts.length > 0) yield { text: `[${texts.join()}]`, alerts }
}

// Labels of the alert win over those of the whole installation.
function alertJson(
  { alert, startsAtMs, endsAtMs }: Due,
  externalLabels: Labels,
  generatorURL: string,
): object {
  return {
    labels: labelsOf([...Object.entries(externalLabels), ...Object.entries(alert.labels)]),
    annotations: alert.annotations,
    startsAt: timeText(startsAtMs),
    endsAt: timeText(endsAtMs),
    generatorURL,
  }
}

const timeText = (ms: number): string => new Date(ms).toISOString()
