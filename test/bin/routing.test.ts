// Which routes and receivers a configuration means: from Alertmanager's own file, inline, or from channels alone.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readConfig } from '#core/config.ts'
import { roomSchemas } from '../../bin/room-schemas.ts'
import { readRouting } from '../../bin/routing.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-routing-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function routing(text: string, files: Readonly<Record<string, string>> = {}) {
  const whole = `external_url: https://p.example.org\n${text}`
  for (const [name, written] of Object.entries({ ...files, 'plimsoll.yml': whole }))
    writeFileSync(join(folder, name), written)
  const read = readConfig({ cwd: folder, env: {}, overrides: {}, rooms: roomSchemas })
  if (!read.ok) throw new Error(JSON.stringify(read.problems))
  return readRouting(read.config)
}
const hook = '{webhook: {url: "http://127.0.0.1:9/"}}'

test('without anything all is kept, and nobody is told', () => {
  const { routing: found, problems, warnings } = routing('')
  expect([problems, warnings]).toEqual([[], []])
  expect(found?.config.route.receiver).toBe('nobody')
  expect(found?.config.receivers.get('nobody')?.integrations).toEqual([])
})

test('without routes the only channel is told, or the one called default; else it is not clear', () => {
  expect(routing(`channels: {ops: ${hook}}`).routing?.config.route.receiver).toBe('ops')
  expect(routing(`channels: {ops: ${hook}, default: ${hook}}`).routing?.config.route.receiver).toBe('default')
  const unclear = routing(`channels: {ops: ${hook}, dev: ${hook}}`)
  expect(unclear.routing?.config.route.receiver).toBe('nobody')
  expect(unclear.warnings).toMatchObject([{ found: '2 channels' }])
})

test('routes inline name channels, and their mistakes have a place', () => {
  const found = routing(`channels: {ops: ${hook}}\nalertmanager: {route: {receiver: ops, group_by: [host]}}`)
  expect(found.routing?.config.route).toMatchObject({ receiver: 'ops', groupBy: ['host'] })
  const wrong = routing('alertmanager:\n  route: {receiver: nix}\n')
  expect(wrong.routing).toBeUndefined()
  expect(wrong.problems).toMatchObject([{ line: 3, path: expect.stringContaining('receiver') }])
})

test("Alertmanager's own file is read as it is, with the settings that our channels want", () => {
  const file = `route: {receiver: team}
receivers:
- name: team
  webhook_configs: [{url: "http://127.0.0.1:9/", send_resolved: false}]
`
  const { routing: found, problems } = routing('alertmanager: am.yml', { 'am.yml': file })
  expect(problems).toEqual([])
  expect(found?.config.receivers.get('team')?.integrations).toMatchObject([
    { id: 'team/webhook/0', channel: 'webhook', tellsEnds: false },
  ])
  expect(routing('alertmanager: nix.yml').problems).toMatchObject([
    { line: 2, wanted: 'a readable file', found: expect.stringContaining('nix.yml: no such file') },
  ])
})

test('templates are read and checked', () => {
  const am = 'route: {receiver: r}\nreceivers: [{name: r}]\ntemplates: ["*.tmpl"]\n'
  const good = { 'am.yml': am, 'a.tmpl': '{{ define "x" }}y{{ end }}' }
  expect(routing('alertmanager: am.yml', good).routing?.templates).toHaveLength(1)
  const bad = routing('alertmanager: am.yml', { ...good, 'a.tmpl': '{{ define "x" }}' })
  expect(bad.problems).toMatchObject([{ file: expect.stringContaining('a.tmpl') }])
})

test('whoever is told is told a link; without an address that is asked for', () => {
  expect(routing(`channels: {ops: ${hook}}`).warnings).toEqual([])
  writeFileSync(join(folder, 'bare.yml'), `channels: {ops: ${hook}}`)
  const read = readConfig({ path: 'bare.yml', cwd: folder, env: {}, overrides: {}, rooms: roomSchemas })
  if (!read.ok) throw new Error('it is good')
  expect(readRouting(read.config).warnings).toMatchObject([{ file: 'external_url', found: 'none' }])
})

test('whoever is told of capacity must be a receiver', () => {
  const advice = '{busy: "a", processes: "b", webhook: robot}'
  const pools = `{web: {resources: {cpu: {usage: a, capacity: b, unit: cores}}, advice: ${advice}}}`
  const problems = (capacity: string) =>
    routing(`channels: {ops: ${hook}}\ncapacity: ${capacity}`).problems.map(({ path, found }) => [
      path,
      found,
    ])

  expect(problems('{planners: ops, tickets: ops}')).toEqual([])
  expect(problems(`{planners: [ops, plan], tickets: desk, pools: ${pools}}`)).toEqual([
    ['capacity.planners', 'plan'],
    ['capacity.tickets', 'desk'],
    ['capacity.pools.web.advice.webhook', 'robot'],
  ])
})
