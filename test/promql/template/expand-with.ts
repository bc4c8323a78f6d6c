// What the tests of templates share: one alert's data, a world that answers queries at once, and how to expand.
import { labelsOf } from '#core/labels.ts'
import type { AlertWorld, QueryAnswer } from '#promql/template/alert-functions.ts'
import { alertData, compileAlertTemplate, expandAlertTemplate } from '#promql/template.ts'

export const data = alertData({
  labels: labelsOf([
    ['instance', 'web-1.example.com:9100'],
    ['job', 'node'],
  ]),
  externalLabels: labelsOf([['region', 'eu']]),
  externalUrl: 'http://testhost:9090/path/prefix',
  value: 1234567.891,
})

const sample = (instance: string, value: number): QueryAnswer[number] => ({
  series: { name: 'metric', labels: labelsOf([['instance', instance]]) },
  value,
})
export const samples: QueryAnswer = [sample('b', 21), sample('a', 11)]

export const world: AlertWorld = {
  nowMs: 1_435_065_584_128,
  externalUrl: 'http://testhost:9090/path/prefix',
  query: expr => (expr === 'none' ? [] : samples),
}

export const expanded = (text: string): string =>
  expandAlertTemplate(compileAlertTemplate(text, 'Test'), data, world).text

// Without what every error begins with.
export function failure(text: string): string | undefined {
  const { error } = expandAlertTemplate(compileAlertTemplate(text, 'Test'), data, world)
  return error?.replace('error executing template __alert_Test: template: __alert_Test:', '')
}
