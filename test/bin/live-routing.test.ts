// A way to tell whose secret was not there at the start works as soon as it is.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { SimulatedClock } from '#core/clock.ts'
import { type Log, openLog } from '#core/log.ts'
import { type LiveRouting, openLiveRouting } from '../../bin/live-routing.ts'
import { readRoutingFile } from '../../bin/routing.ts'

let folder: string
let lines: string[]
let log: Log
const clock = new SimulatedClock(0)
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-live-routing-'))
  lines = []
  log = openLog({ clock, write: line => lines.push(line) })
})
afterEach(() => rmSync(folder, { recursive: true }))

const routingOf = (ways: string) =>
  readRoutingFile(
    join(folder, 'am.yml'),
    `route: {receiver: team}\nreceivers: [{name: team, webhook_configs: [${ways}]}]`,
  ).routing!
const open = (ways: string) => openLiveRouting(routingOf(ways), { clock, log })
const reasons = (live: LiveRouting) =>
  live
    .routing()
    .config.receivers.get('team')
    ?.integrations.map(each => each.unready?.reason)

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

test('a file that came before anybody looked is used too: while the configuration was read, or during a reload', async () => {
  const [one, other] = [join(folder, 'one'), join(folder, 'other')]
  const first = routingOf(`{url_file: ${one}}`)
  writeFileSync(one, 'http://127.0.0.1:9/')
  const live = openLiveRouting(first, { clock, log })
  await clock.runFor(1_000)
  expect(reasons(live)).toEqual([undefined])

  await live.replace(routingOf(`{url_file: ${other}}`), async () =>
    writeFileSync(other, 'http://127.0.0.1:9/'),
  )
  await clock.runFor(1_000)
  expect(reasons(live)).toEqual([undefined])
})

test('a reload that fails leaves all as it was, and files are looked for as before', async () => {
  const file = join(folder, 'late')
  const live = open(`{url_file: ${file}}`)
  const before = live.routing()
  const failing = live.replace(routingOf('{url: "http://x"}, {url: "http://y"}'), () =>
    Promise.reject(new Error('the state is away')),
  )
  await expect(failing).rejects.toThrow('away')
  expect(live.routing()).toBe(before)
  expect(live.integrations().get('team/webhook/0')?.unready?.file).toBe(file)
  // Something may wait for it already.
  expect(live.integrations().has('team/webhook/1')).toBe(true)
  writeFileSync(file, 'http://127.0.0.1:9/')
  await clock.runFor(1_000)
  expect(reasons(live)).toEqual([undefined])
})

test('what comes and cannot be used leaves everybody in his place, and the reason is the new one', async () => {
  const file = join(folder, 'late')
  const live = open(`{url_file: ${file}}, {url: "http://second"}`)
  const second = live.integrations().get('team/webhook/1')
  writeFileSync(file, 'http://{{ .GroupLabels.host }}/hook')
  await clock.runFor(1_000)
  expect(reasons(live)).toEqual([expect.stringContaining('does not send by what it holds'), undefined])
  expect(live.integrations().get('team/webhook/1')).toBe(second)
  expect(lines.join('')).not.toContain('is used')
  const now = live.routing()
  await clock.runFor(1_000)
  expect(live.routing()).toBe(now)

  writeFileSync(file, 'http://127.0.0.1:9/')
  await clock.runFor(1_000)
  expect(reasons(live)).toEqual([undefined, undefined])
  expect(lines.at(-1)).toContain('is used')
})

test('while the rest of the configuration cannot be read nothing changes, and that is said once', async () => {
  const [file, templates] = [join(folder, 'late'), join(folder, 'a.tmpl')]
  const text = `templates: [${templates}]\nroute: {receiver: team}
receivers: [{name: team, webhook_configs: [{url_file: ${file}}]}]`
  writeFileSync(templates, '')
  const live = openLiveRouting(readRoutingFile(join(folder, 'am.yml'), text).routing!, { clock, log })
  writeFileSync(templates, '{{ define "x" }}')
  writeFileSync(file, 'http://127.0.0.1:9/')
  for (let second = 0; second < 3; second++) {
    await clock.runFor(1_000)
    expect(reasons(live)).toEqual(['no such file'])
  }
  expect(lines).toEqual([expect.stringContaining('cannot be read')])
  expect(lines[0]).toContain('a.tmpl')
})
