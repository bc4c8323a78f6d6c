// A way to tell whose secret was not there at the start works as soon as it is.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { SimulatedClock } from '#core/clock.ts'
import { openLog } from '#core/log.ts'
import { openLiveRouting } from '../../bin/live-routing.ts'
import { readRoutingFile } from '../../bin/routing.ts'

let folder: string
let lines: string[]
const clock = new SimulatedClock(0)
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-live-routing-'))
  lines = []
})
afterEach(() => rmSync(folder, { recursive: true }))

const routingOf = (ways: string) =>
  readRoutingFile(
    join(folder, 'am.yml'),
    `route: {receiver: team}\nreceivers: [{name: team, webhook_configs: [${ways}]}]`,
  ).routing!
const open = (ways: string) =>
  openLiveRouting(routingOf(ways), { clock, log: openLog({ clock, write: line => lines.push(line) }) })

test('a file that comes is used within a second, and nothing else changes', async () => {
  const [one, other] = [join(folder, 'one'), join(folder, 'other')]
  const live = open(`{url_file: ${one}}, {url_file: ${other}}, {url: "http://x"}`)
  const unready = () => [...live.integrations().values()].map(each => each.unready?.file)
  expect(unready()).toEqual([one, other, undefined])
  const before = live.integrations()
  await clock.runFor(1_000)
  expect(live.integrations()).toBe(before)

  // Begun to be written.
  writeFileSync(one, 'http')
  await clock.runFor(1_000)
  expect(unready()).toEqual([one, other, undefined])
  writeFileSync(one, 'http://127.0.0.1:9/s3cret\n')
  expect(unready()).toEqual([one, other, undefined])
  await clock.runFor(1_000)
  expect(unready()).toEqual([undefined, other, undefined])
  expect(live.integrations().get('team/webhook/2')).toBe(before.get('team/webhook/2'))
  const [mended] = live.routing().config.receivers.get('team')!.integrations
  expect(mended).toBe(live.integrations().get('team/webhook/0'))
  expect(JSON.stringify(mended?.settings)).not.toContain('s3cret')
  expect(lines.at(-1)).toContain(one)
  expect(lines.join('')).not.toContain('s3cret')
})

test('during a reload the ways of both are there, and then those of the new one', async () => {
  const live = open('{url_file: /none}')
  await clock.runFor(1_000)
  const next = routingOf('{url: "http://x"}, {url: "http://y"}')
  await live.replace(next, async () => expect([...live.integrations().keys()]).toHaveLength(2))
  expect(live.routing()).toBe(next)
  const none = routingOf('')
  await live.replace(none, async () => expect([...live.integrations().keys()]).toHaveLength(2))
  expect([...live.integrations().keys()]).toEqual([])
})
