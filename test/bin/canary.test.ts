// Where canaries are sent and missed, as the configuration says.
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { problemsText, readConfig } from '#core/config.ts'
import { canaryEveryMs, canBeMissed, inputsWith } from '../../bin/canary.ts'
import { everyRole } from '../../bin/roles.ts'
import { roomSchemas } from '../../bin/room-schemas.ts'
import { readRouting } from '../../bin/routing.ts'

function configOf(text: string) {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-canary-'))
  writeFileSync(join(folder, 'plimsoll.yml'), text)
  const read = readConfig({ cwd: folder, env: {}, overrides: {}, rooms: roomSchemas })
  if (!read.ok) throw new Error(problemsText(read.problems))
  return read.config
}

const fleet = `engines:
  bus: {kafka: {brokers: ["127.0.0.1:9092"]}}
  store: {influxdb: {url: "http://127.0.0.1:8086", token: t}}
  state: {postgres: "postgres://p@127.0.0.1/p"}
`

test('one process with an agent sends them by itself, a fleet where it is said', () => {
  const t = (text: string, everyMs: number | undefined, written: number | false) => {
    const config = configOf(text)
    expect(canaryEveryMs(config), text).toBe(everyMs)
    const { canary } = inputsWith(config)
    expect(typeof canary === 'object' && 'interval' in canary ? canary.interval : canary, text).toBe(written)
  }
  t('{}', 10_000, 10_000)
  t('agent: {interval: 1h}', 15_000, 15_000)
  t('inputs: {canary: {interval: 1m}}', 60_000, 60_000)
  t('inputs: {canary: true}', 10_000, 10_000)
  t('inputs: {canary: false}', undefined, false)
  t('agent: {enabled: false}', undefined, false)
  t('watchdog: {canary: false}', undefined, false)
  t(fleet, undefined, false)
  t(`${fleet}watchdog: {canary: true}`, 10_000, 10_000)
  // Written by somebody else.
  t('watchdog: {canary: true}\ninputs: {canary: false}', 10_000, false)
})

test('who has no agent and no rules in this process misses none, unless a fleet carries them', () => {
  expect(canBeMissed(configOf('{}'), everyRole)).toBe(true)
  expect(canBeMissed(configOf('{}'), new Set(['alerter']))).toBe(false)
  expect(canBeMissed(configOf(fleet), new Set(['alerter']))).toBe(true)
})

test('a receiver that nobody is called by is refused before it is needed', () => {
  const channels = 'channels: {ops: {webhook: {url: "http://127.0.0.1:9"}}}\n'
  const problems = (text: string) => readRouting(configOf(channels + text)).problems.map(each => each.path)
  expect(problems('watchdog: {tell: [ops], receivers: {ops: {}}}')).toEqual([])
  expect(problems('watchdog: {tell: [oops], receivers: {opps: {}}}')).toEqual([
    'watchdog.tell',
    'watchdog.receivers.opps',
  ])
  expect(() => configOf('watchdog: {receivers: {ops: {every: 1h, at: "09:00"}}}')).toThrow('whole days')
  expect(() => configOf('watchdog: {receivers: {ops: {at: "9"}}}')).toThrow('a time of day')
  expect(() => configOf('watchdog: {ping: "ftp://x"}')).toThrow('http://')
})
