import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type AlertmanagerConfig, readAlertmanager } from '../../../alerter/alertmanager.ts'
import { configText } from '../../../alerter/api/config-text.ts'
import { sampleFile } from './server.ts'

const rich = `
global: {resolve_timeout: 90s}
route:
  receiver: "no"
  group_by: [...]
  group_wait: 0s
  routes:
  - matchers: ['a="b\\"c"', 'd=~"x|y"', '"ü n"!~"é"']
    receiver: ops
    group_by: [alertname, cluster]
    active_time_intervals: [office, "off: hours"]
    continue: true
    routes: [{receiver: ops, mute_time_intervals: [office]}]
receivers:
- {name: "no"}
- {name: ops, webhook_configs: [{url: "http://127.0.0.1:1/secret-path"}]}
inhibit_rules:
- {source_matchers: [severity="page"], target_matchers: [severity=~"info|low"], equal: [host, job]}
time_intervals:
- name: office
  time_intervals:
  - {times: [{start_time: "09:00", end_time: "17:30"}], weekdays: ["monday:friday", sunday], location: Asia/Shanghai}
  - {days_of_month: ["1:5", "-3:-1"], months: ["january:march", "12"], years: ["2026:2030"]}
- {name: "off: hours", time_intervals: [{times: [{start_time: "00:00", end_time: "24:00"}]}]}
`

const read = (text: string): AlertmanagerConfig => {
  const { config, problems } = readAlertmanager(text, { file: 'a.yml' })
  expect(problems).toEqual([])
  return config!
}

// Functions are made anew; how somebody is reached is left out.
const plain = ({ receivers, ...config }: AlertmanagerConfig): unknown =>
  JSON.parse(
    JSON.stringify({ ...config, receivers: [...receivers.keys()], intervals: [...config.intervals] }),
  )

test('means the same when it is read again, and tells no secret', () => {
  for (const text of [readFileSync(sampleFile, 'utf8'), rich]) {
    const config = read(text)
    expect(plain(read(configText(config)))).toEqual(plain(config))
    expect(configText(config)).not.toContain('secret-path')
  }
})
