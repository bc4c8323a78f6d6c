// Which routes and receivers a configuration means: from Alertmanager's own file, inline, or from channels alone.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { SimulatedClock } from '#core/clock.ts'
import { readConfig } from '#core/config.ts'
import { openLog } from '#core/log.ts'
import { roomSchemas } from '../../bin/room-schemas.ts'
import { readRouting, routingReader } from '../../bin/routing.ts'

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

const small = (ways: string): string => `route: {receiver: team}
receivers:
- name: team
${ways.replace(/^/gm, '  ')}
`

test("a secret that cannot be read keeps Alertmanager's file from nothing but its own messages", () => {
  const hooks = 'webhook_configs: [{url_file: /none/hook}, {url: "http://127.0.0.1:9/"}]'
  const mail =
    'email_configs: [{to: a, from: b, smarthost: "c:25", auth_username: d, auth_password_file: /none/mail}]'
  const {
    routing: found,
    problems,
    warnings,
  } = routing('alertmanager: am.yml', {
    'am.yml': small(`${hooks}\n${mail}`),
  })
  expect(problems).toEqual([])
  expect(found?.config.receivers.get('team')?.integrations).toMatchObject([
    { id: 'team/webhook/0', unready: { file: '/none/hook', reason: 'no such file' } },
    { id: 'team/webhook/1' },
    { id: 'team/mail/0', unready: { file: '/none/mail', reason: 'no such file' } },
  ])
  expect(found?.config.receivers.get('team')?.integrations[1]).not.toHaveProperty('unready')
  expect(warnings).toMatchObject([
    {
      line: 4,
      wanted: 'a readable file at /none/hook',
      found: 'no such file',
      hint: expect.stringContaining('receiver team '),
    },
    { line: 5, wanted: 'a readable file at /none/mail', hint: expect.stringContaining('receiver team ') },
  ])
  // What is no address now may be one later, and is not shown.
  writeFileSync(join(folder, 'hook'), 'S3CRET')
  const odd = routing('alertmanager: am.yml', {
    'am.yml': small(`webhook_configs: [{url_file: ${folder}/hook}]`),
  })
  expect(odd.problems).toEqual([])
  expect(odd.warnings).toMatchObject([{ found: expect.stringContaining('a file without an address') }])
  expect(JSON.stringify(odd.warnings)).not.toContain('S3CRET')
  // A login that all receivers share.
  const login = 'global: {http_config: {basic_auth: {username: u, password_file: /none/login}}}\n'
  const shared = routing('alertmanager: am.yml', {
    'am.yml': login + small('webhook_configs: [{url: "http://x"}, {url: "http://y", http_config: {}}]'),
  })
  expect(shared.routing?.config.receivers.get('team')?.integrations.map(each => each.unready?.file)).toEqual([
    '/none/login',
    undefined,
  ])
})

test('in plimsoll.yml itself it is refused', () => {
  const tree = small('webhook_configs: [{url_file: /none/hook}]').replace(/^/gm, '  ')
  const { routing: found, problems } = routing(`alertmanager:\n${tree}`)
  expect(found).toBeUndefined()
  expect(problems).toMatchObject([{ wanted: 'a readable file', found: '/none/hook: no such file' }])
})

test('what Alertmanager takes and Plimsoll does not send is named, and the rest goes on', () => {
  const t = (ways: string, ids: readonly string[], ...wanted: string[]) => {
    const { routing: found, problems, warnings } = routing('alertmanager: am.yml', { 'am.yml': small(ways) })
    expect(problems, ways).toEqual([])
    const integrations = found?.config.receivers.get('team')?.integrations
    expect(
      integrations?.map(({ id }) => id),
      ways,
    ).toEqual(ids)
    expect(
      warnings.map(({ found }) => found),
      ways,
    ).toEqual(wanted)
    return integrations?.map(({ settings }) => settings)
  }
  const nowhere = 'which Plimsoll does not send: its alerts go nowhere, since it has no other way'

  t(
    'webhook_configs: [{url: "http://x", http_config: {proxy_url: "socks5://p:1080"}}]',
    [],
    `webhook_configs of receiver team, ${nowhere}`,
  )
  t(
    'webhook_configs: [{url: "{{ .CommonLabels.hook }}"}, {url: "http://x/{{ .Status }}"}]',
    ['team/webhook/1'],
    'webhook_configs of receiver team, which Plimsoll does not send: its alerts go out by its other ways only: webhook',
  )
  t('webhook_configs: [{url: "https://{{ .GroupLabels.host }}/hook"}]', [], expect.stringContaining(nowhere))
  // Of mail by the name of a port, Go knows the number.
  const mail = t(
    'email_configs: [{to: a, from: b, smarthost: "c:smtp"}]',
    ['team/mail/0'],
    expect.stringMatching(
      /^mail of receiver team, which Plimsoll does not send \(smarthost: .*\): its alerts go/,
    ),
  )
  // Whoever asks why nobody was told by it hears that.
  expect(mail).toEqual([
    { reason: expect.stringMatching(/^Plimsoll does not send by these settings: smarthost/) },
  ])
  const long = t(
    'slack_configs: [{api_url: "http://x", timeout: 10m}]\nwebhook_configs: [{url: "http://x", timeout: 5m}]',
    ['team/slack/0', 'team/webhook/0'],
    '10m, for which 5m is taken',
  )
  expect(long).toMatchObject([
    { http_config: { transport: { timeoutMs: 300_000 } } },
    { http: { transport: { timeoutMs: 300_000 } } },
  ])
})

test('a receiver without ways is the channel of its name', () => {
  const at = (ways: string) => {
    const written = `channels: {team: ${hook}}\nalertmanager: am.yml`
    const { routing: found, problems, warnings } = routing(written, { 'am.yml': small(ways) })
    expect(problems).toEqual([])
    const integrations = found?.config.receivers.get('team')?.integrations
    return [integrations?.map(({ settings }) => settings), warnings.map(({ found }) => found)]
  }
  const ofChannel = routing(`channels: {team: ${hook}}`).routing?.config.receivers.get('team')?.integrations
  expect(ofChannel).toHaveLength(1)
  expect(at('')).toEqual([ofChannel?.map(({ settings }) => settings), []])
  expect(at('jira_configs: [{api_url: "http://j", project: P, issue_type: Bug}]')).toEqual([
    ofChannel?.map(({ settings }) => settings),
    [expect.stringContaining('its alerts go out by the channel of its name only')],
  ])
  expect(at('webhook_configs: [{url: "http://file"}]')).toEqual([
    [expect.not.objectContaining(ofChannel?.[0]?.settings as object)],
    ["team, which is a channel too: only the receiver's own ways are told"],
  ])
})

test("an address that cannot be is refused for its receiver alone in a file of Alertmanager's", () => {
  const tree = `route: {receiver: r}
receivers:
- name: r
  webhook_configs: [{url: 'http://h:99999/'}, {url: 'http://h/', http_config: {http_headers: {X-A: }}}]
`
  const said = 'url: wanted an address with a host and a port as there can be'
  const theirs = routing('alertmanager: am.yml', { 'am.yml': tree })
  expect(theirs.problems).toEqual([])
  expect(theirs.warnings).toMatchObject([{ found: expect.stringContaining(`(${said})`) }])
  const ways = theirs.routing?.config.receivers.get('r')?.integrations
  expect(ways).toMatchObject([{ unready: { reason: expect.stringContaining(said) } }, { id: 'r/webhook/1' }])
  expect(ways?.[1]?.unready).toBeUndefined()
  expect(routing(`alertmanager:\n${tree.replaceAll(/^/gm, '  ')}`, {}).problems).toMatchObject([
    { found: said },
  ])
})

test('templates are read and checked', () => {
  const am = 'route: {receiver: r}\nreceivers: [{name: r}]\ntemplates: ["*.tmpl"]\n'
  const good = { 'am.yml': am, 'a.tmpl': '{{ define "x" }}y{{ end }}' }
  expect(routing('alertmanager: am.yml', good).routing?.templates).toHaveLength(1)
  const bad = routing('alertmanager: am.yml', { ...good, 'a.tmpl': '{{ define "x" }}' })
  expect(bad.problems).toMatchObject([{ file: expect.stringContaining('a.tmpl') }])
})

test("a template that nothing defines is a doubt in a file of Alertmanager's, and refused in ours", () => {
  const gap = { found: 'the template "gone", which nothing defines' }
  const files = { 'a.tmpl': '{{ define "x" }}{{ template "gone" . }}{{ end }}' }
  const tree = 'route: {receiver: r}\nreceivers: [{name: r}]\ntemplates: ["*.tmpl"]\n'
  const theirs = routing('alertmanager: am.yml', { ...files, 'am.yml': tree })
  expect(theirs).toMatchObject({ problems: [], warnings: [gap] })
  expect(theirs.routing?.templates).toHaveLength(1)
  const inline = `alertmanager:\n${tree.replaceAll(/^/gm, '  ')}`
  expect(routing(inline, files)).toEqual({ problems: [expect.objectContaining(gap)], warnings: [] })
})

test('whoever is told is told a link; without an address that is asked for', () => {
  expect(routing(`channels: {ops: ${hook}}`).warnings).toEqual([])
  writeFileSync(join(folder, 'bare.yml'), `channels: {ops: ${hook}}`)
  const read = readConfig({ path: 'bare.yml', cwd: folder, env: {}, overrides: {}, rooms: roomSchemas })
  if (!read.ok) throw new Error('it is good')
  expect(readRouting(read.config).warnings).toMatchObject([{ file: 'external_url', found: 'none' }])
})

test('a reload says only what was not said before it', async () => {
  const of = (written: string) => {
    writeFileSync(join(folder, 'bare.yml'), written)
    const read = readConfig({ path: 'bare.yml', cwd: folder, env: {}, overrides: {}, rooms: roomSchemas })
    if (!read.ok) throw new Error('it is good')
    return read.config
  }
  const lines: string[] = []
  const clock = new SimulatedClock(0)
  const routingOf = routingReader(openLog({ clock, write: line => lines.push(line) }))
  const read = async (written: string) => {
    routingOf(of(written))
    // A log says the same thing again after a while.
    await clock.runFor(3_600_000)
  }
  const bare = `channels: {ops: ${hook}}`
  await read(bare)
  await read(bare)
  expect(lines).toEqual([expect.stringContaining('external_url')])
  await read(`external_url: https://p.example.org\n${bare}`)
  await read(bare)
  expect(lines).toHaveLength(2)
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
