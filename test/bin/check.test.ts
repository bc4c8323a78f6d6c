import { expect, test } from 'vitest'
import { deafAddress, nowMs, serviceThat, world } from './world.ts'

test('a good configuration is a line that says what would run, and one for the shipped rules', async () => {
  const { run, cwd } = world({
    'plimsoll.yml':
      'listen: :9\ndata: d\nstore: {keep: 30d}\nagent: {interval: 5s}\ninputs: {cpu: false, self: false}',
  })
  const { exit, out, err } = await run('check')
  expect([exit, err]).toEqual([0, ''])
  expect(out).toMatch(
    `plimsoll.yml is fine: listens on 0.0.0.0:9, keeps 30d of data in ${cwd}/d, watches this machine every 5s (`,
  )
  expect(out).toMatch(
    /\(disk, diskio, .*\)\.\nThe shipped rule packs agents, capacity, disk, host, network, plimsoll are fine: [1-9]\d+ rules\.\n$/,
  )
  expect(out).not.toMatch(/cpu|self/)
})

test('without a file the defaults are fine', async () => {
  const { exit, out } = await world().run('check')
  expect([exit, out]).toEqual([
    0,
    expect.stringContaining('There is no plimsoll.yml, which is fine: listens on 127.0.0.1:1876'),
  ])
  const silent = await world({ 'a.yml': 'agent: {enabled: false}\nauth: {anonymous: [read, write]}' }).run(
    'check',
    'a.yml',
  )
  expect(silent.out).toContain('listens on 127.0.0.1:1876, is open to everyone for read and write, keeps')
  expect(silent.out).toContain('does not watch this machine.')
})

test('every problem is shown, counted, and makes exit 1', async () => {
  const { run } = world({ 'plimsoll.yml': 'lisen: x\ninputs:\n  cpu: {intervall: 1s}\n' })
  const { exit, out } = await run('check')
  expect(exit).toBe(1)
  expect(out).toContain('plimsoll.yml:1:1  lisen: wanted')
  expect(out).toContain(`plimsoll.yml:3:9  inputs.cpu.intervall: wanted`)
  expect(out).toMatch(/did you mean listen\?[\s\S]*did you mean interval\?[\s\S]*\n2 problems\.\n$/)
})

test('the address of a hook is the key to a room, and is not shown where it is wrong', async () => {
  const t = async (url: string, wanted: string) => {
    const { out } = await world({ 'plimsoll.yml': `channels:\n  a: {dingtalk: {url: "${url}"}}\n` }).run(
      'check',
    )
    expect(out).toContain(`plimsoll.yml:2:23  channels.a.dingtalk.url: wanted ${wanted}`)
    expect(out).toContain(', found ***')
    expect(out).not.toContain('s3cret')
  }
  await t('htps://oapi.dingtalk.com/robot/send?access=s3cret', 'an address that begins with http')
  await t('https://oapi.dingtalk.com:99999/robot/send?access=s3cret', 'an address with a host and a port')
  await t('s3cret', 'an address that begins with http')
})

test('the file is the word, the flag, or the environment', async () => {
  const files = { 'a.yml': 'listen: a', 'b.yml': 'listen: b', 'c.yml': 'listen: c' }
  const { run } = world(files, { env: { PLIMSOLL_CONFIG: 'c.yml' } })
  expect((await run('check', 'a.yml', '--config', 'b.yml')).out).toContain('a.yml:1:9')
  expect((await run('check', '--config', 'b.yml')).out).toContain('b.yml:1:9')
  expect((await run('check')).out).toContain('c.yml:1:9')
  expect((await run('check', 'nix.yml')).out).toContain('nix.yml  wanted a readable file, found no such file')
})

test('JSON for programs', async () => {
  const { run } = world({ 'good.yml': 'packs: false', 'bad.yml': 'listen: 5' })
  const good = await run('check', 'good.yml', '--json')
  expect([good.exit, JSON.parse(good.out)]).toEqual([
    0,
    { ok: true, file: 'good.yml', problems: [], warnings: [], rules: [] },
  ])
  const bad = await run('check', 'bad.yml', '--json')
  expect(bad.exit).toBe(1)
  expect(JSON.parse(bad.out)).toMatchObject({
    ok: false,
    problems: [{ file: 'bad.yml', line: 1, column: 9, path: 'listen', found: '5' }],
  })
})

const rules = (expr: string): string =>
  `groups:\n- name: g\n  rules:\n  - {alert: A, expr: '${expr}'}\n  - {record: r, expr: up}\n`

test('packs are checked as all rule files are; of those not wanted nothing is said', async () => {
  const { run } = world({
    'one.yml': 'packs: [disk]',
    'none.yml': 'packs: false',
    'wrong.yml': 'packs: [dsik]',
  })
  expect((await run('check', 'one.yml')).out).toMatch(/\nThe shipped rule pack disk is fine: \d+ rules\.\n$/)
  const none = await run('check', 'none.yml')
  expect([none.exit, none.out]).toEqual([0, expect.not.stringContaining('pack')])
  const wrong = await run('check', 'wrong.yml')
  const said =
    'packs  wanted one of agents, capacity, disk, host, network, plimsoll, found dsik\n    did you mean disk?\n'
  expect([wrong.exit, wrong.out]).toEqual([1, expect.stringContaining(said)])
  const { rules: shown } = JSON.parse((await run('check', 'one.yml', '--json')).out)
  expect(shown).toEqual([
    { file: expect.stringMatching(/\/rules\/packs\/disk\.yml$/), groups: 1, rules: expect.any(Number) },
  ])
})

test('the rule files of the configuration are checked too', async () => {
  const { run } = world({
    'plimsoll.yml': 'rules: [rules.d/*.yml, nothing*.yml]',
    'rules.d/good.yml': rules('up == 0'),
    'rules.d/bad.yml': rules('sum(up'),
  })
  const { exit, out } = await run('check')
  expect(exit).toBe(1)
  expect(out).toContain('plimsoll.yml is fine: ')
  expect(out).toContain('rules.d/good.yml is fine: 2 rules (1 alert, 1 recorded) in 1 group.\n')
  expect(out).toContain('rules.d/bad.yml:4:26  group g, rule A, expr: wanted ')
  expect(out).toMatch(/warning: .*nothing\*\.yml {2}rules: wanted a pattern that matches a file, found none/)
  expect(out).toMatch(/\n1 problem, 1 warning\.\n$/)
})

test('who is told and is nobody stands at his line, and such a file is not fine', async () => {
  const { run } = world({
    'a.yml': 'channels: {ops-mail: {webhook: {url: "http://127.0.0.1:9"}}}\ncapacity: {planners: ops-mial}',
    'b.yml': 'watchdog:\n  receivers:\n    ops: {every: 1d}',
    'c.yml': 'alertmanager:\n  route: {receiver: opps}\n  receivers: [{name: ops}]',
  })
  const a = await run('check', 'a.yml')
  expect(a.out).toContain(
    'a.yml:2:22  capacity.planners: wanted the name of a receiver: ops-mail, found ops-mial\n    did you mean ops-mail?\n',
  )
  const b = await run('check', 'b.yml')
  expect(b.out).toContain(
    'b.yml:3:10  watchdog.receivers.ops: wanted the name of a receiver, of which `channels` has none, found ops\n',
  )
  const c = await run('check', 'c.yml')
  expect(c.out).toContain(
    'route.receiver: wanted the name of a receiver, found opps\n    did you mean ops?\n',
  )
  for (const { exit, out } of [a, b, c]) expect([exit, out.includes('yml is fine')]).toEqual([1, false])
})

test('a template in the settings of a receiver that no message can be made of is a doubt, and is not shown', async () => {
  const { run } = world({
    'am.yml': `route: {receiver: a}
templates: [mine.tmpl]
receivers:
  - name: a
    slack_configs:
      - {api_url: "http://127.0.0.1:9", channel: "#a", title: '{{ template "mine" . }}', text: '{{ template "mien" . }}'}
      - {api_url: "http://127.0.0.1:9", channel: "#a", title: '{{ .Status | toUper }} s3cret'}
`,
    'mine.tmpl': '{{ define "mine" }}{{ .Status }}{{ end }}',
    'plimsoll.yml': "channels: {ops: {webhook: {url: 'http://127.0.0.1:9/{{ s3cret'}}}",
  })
  const { exit, out } = await run('check', 'am.yml')
  expect(exit).toBe(0)
  expect(out.split('\n').filter(line => line.includes('template that works'))).toEqual([
    'warning: alertmanager  receiver a, slack (way 2), title: wanted a template that works, found one that cannot be read at 1:14 of it',
    'warning: alertmanager  receiver a, slack, text: wanted a template that works, found the template "mien", which nothing defines',
  ])
  const own = await run('check')
  expect(own.out).toContain('receiver ops, webhook, url: wanted a template that works, found one that')
  expect(out + own.out).not.toContain('s3cret')
})

test('patterns begin at the file that names them, and a plain path must be there', async () => {
  const { run } = world({
    'conf/a.yml': 'include: more/b.yml\nrules: [a.rules]',
    'conf/a.rules': rules('up'),
    'conf/more/b.yml': 'rules: [b.rules, c.rules]',
    'conf/more/b.rules': rules('up'),
  })
  const { exit, out } = await run('check', 'conf/a.yml')
  expect(exit).toBe(1)
  expect(out).toContain('conf/a.rules is fine')
  expect(out).toContain('conf/more/b.rules is fine')
  expect(out).toContain('conf/more/c.rules  wanted a readable file, found no such file')
})

test('rule files may be checked by themselves', async () => {
  const files = { 'a.yml': rules('rate(up[2h])'), 'b.yml': rules('nix{') }
  const { run } = world(files)
  const good = await run('check', 'a.yml')
  expect([good.exit, good.out]).toEqual([0, expect.stringContaining('a.yml is fine: 2 rules')])
  expect(good.out).toContain(
    'warning: a.yml:4:5  group g, rule A, expr: wanted at most 1h back (limits.head_window), found 2h',
  )
  expect(good.out).not.toContain('found up')
  const strict = await run('check', 'a.yml', '--strict')
  expect([strict.exit, strict.out]).toEqual([1, expect.stringContaining('found up')])
  const both = await run('check', 'a.yml', 'b.yml', '--json')
  expect(both.exit).toBe(1)
  expect(JSON.parse(both.out)).toMatchObject({
    ok: false,
    problems: [{ file: 'b.yml', line: 4 }],
    warnings: [{ file: 'a.yml' }],
    rules: [
      { file: 'a.yml', groups: 1, rules: 2 },
      { file: 'b.yml', groups: 0, rules: 0 },
    ],
  })
})

test('a running service is asked what selectors find, only when that is wanted', async () => {
  const { url, asked } = await serviceThat(({ body }) => {
    const isThere = new URLSearchParams(body as string).get('match[]') === 'up'
    return { body: { status: 'success', data: isThere ? [{ __name__: 'up' }] : [] } }
  })
  const { run } = world({ 'a.yml': rules('down == 0'), 'plimsoll.yml': 'rules: [a.yml]' })
  expect((await run('check', 'a.yml')).exit).toBe(0)
  expect(asked).toEqual([])

  const { exit, out } = await run('check', 'a.yml', '--live', '--url', url, '--token', 't')
  expect(exit).toBe(0)
  expect(out).toContain('warning: a.yml:4:5  group g, rule A, expr: wanted a selector that finds series')
  expect(out).toMatch(/found none for down\n {4}nothing is called down\n1 warning\.\n$/)
  expect(asked.every(each => each.url === '/api/v1/series' && each.authorization === 'Bearer t')).toBe(true)
  const start = (nowMs - 86_400_000) / 1_000
  expect(asked.map(each => each.body)).toContain(`match%5B%5D=up&start=${start}.000&limit=1`)
  // Of the configuration's rules too; strict takes it for a problem.
  expect((await run('check', '--live', '--strict', '--url', url)).exit).toBe(1)

  const stray = await run('check', 'a.yml', '--url', url)
  expect([stray.exit, stray.err]).toEqual([2, expect.stringContaining('--url wants --live beside it')])
  const nobody = await run('check', 'a.yml', '--live', '--url', `http://${await deafAddress()}`)
  expect([nobody.exit, nobody.err]).toEqual([1, expect.stringContaining('nothing listens at')])
})

test('rules that stand in two files are named', async () => {
  const { run } = world({ 'a.yml': rules('up == 0'), 'b.yml': rules('up==0') })
  const { exit, out } = await run('check', 'a.yml', 'b.yml')
  expect(exit).toBe(0)
  expect(out).toContain(
    'b.yml:4:5  group g, rule A, expr: wanted each rule once, found the same rule as in a.yml:4',
  )
  expect(out).toMatch(/\n2 warnings\.\n$/)
})

test("a file of Alertmanager's: its mistakes, and what will be otherwise", async () => {
  const good = 'route: {receiver: team}\nreceivers:\n- {name: team, opsgenie_configs: [{api_key: k}]}\n'
  const { run } = world({ 'am.yml': good, 'bad.yml': 'route: {receiver: nix}\nreceivers: []\n' })
  const { exit, out } = await run('check', 'am.yml')
  expect(exit).toBe(0)
  expect(out).toMatch(/^am\.yml is fine: 1 receiver\.\n\nAs it was:\n {2}1 route: /)
  expect(out).toContain('Otherwise than with Alertmanager:\n  Ends of alerts that are silenced')
  expect(out).toContain('opsgenie_configs of receiver team, which Plimsoll does not send')
  expect(out).not.toContain('Secrets that stand in files')
  const bad = await run('check', 'bad.yml', '--json')
  expect([bad.exit, JSON.parse(bad.out).problems[0]]).toMatchObject([1, { line: 1 }])
  expect(JSON.parse((await run('check', 'am.yml', '--json')).out).routings).toMatchObject([
    { file: 'am.yml', receivers: 1 },
  ])
})

test("a file of Alertmanager's is known as JSON too, and by its name where it is empty", async () => {
  const { run } = world({
    'am.json': '{"global": {}, "route": {"receiver": "r"}, "receivers": [{"name": "r"}]}',
    'bad.json': '{"route": {"receiver": "nix"}, "receivers": [{"name": "r"}]}',
    'alertmanager.yml': '# nothing yet\n',
    'empty.yml': '',
    'ours.json':
      '{"alertmanager": {"route": {"receiver": "r"}, "receivers": [{"name": "r"}]}, "packs": false}',
  })
  const first = async (file: string) => {
    const { exit, out } = await run('check', file)
    return [exit, out.split('\n')[0]]
  }
  expect(await first('am.json')).toEqual([0, 'am.json is fine: 1 receiver.'])
  expect(await first('bad.json')).toEqual([1, expect.stringContaining('receiver')])
  expect(await first('alertmanager.yml')).toEqual([1, expect.stringContaining('route')])
  // Of ours, all may be left out.
  for (const file of ['empty.yml', 'ours.json'])
    expect(await first(file)).toEqual([0, expect.stringContaining(`${file} is fine: listens on`)])
})

test('what Alertmanager would start with is no mistake in its file, and each thing that is not sent is named', async () => {
  const ways = [
    '{url_file: secret}',
    '{url: "http://x", http_config: {proxy_url: "socks5://p"}}',
    '{url: "{{ .x }}"}',
    '{url: "http://x", timeout: 1h}',
  ]
  const text = `route: {receiver: team}\nreceivers:\n- {name: team, webhook_configs: [${ways}]}\n`
  const { run } = world({ 'am.yml': text })
  const { exit, out } = await run('check', 'am.yml')
  expect(exit).toBe(0)
  expect(out).toMatch(/^am\.yml is fine: 1 receiver\./)
  expect(out).toContain('1 receiver with 2 ways to tell them')
  expect(out).toContain('Secrets that stand in files (*_file)')
  expect(out).toContain('wanted a readable file at secret, found no such file')
  expect(out).toContain('receiver team is not told by it until the file can be read')
  expect(out).toContain('Plimsoll goes by proxies of http:// and https:// only')
  expect(out).toContain('its host is a template')
  expect(out).toContain('1h, for which 5m is taken')
  expect(out).toMatch(/\n4 warnings\.\n$/)
})

const pools = `packs: false
capacity:
  pools:
    web:
      by: [zone]
      resources:
        cpu: {usage: 'sum by (zone) (rate(busy_total[5m]))', units: 'count by (zone) (up)', unit_capacity: 4, unit: cores}
        disk: {usage: 'bytes_total', capacity: '5', unit_capacity: 1, unit: bytes}
`

test('pools are explained, and what is doubtful about them is told', async () => {
  const { run } = world({ 'plimsoll.yml': pools })
  const { exit, out } = await run('check')
  expect(exit).toBe(0)
  expect(out).toContain(
    'pool web: cpu in cores (busy_total, of up), disk in bytes (bytes_total, of no metric that it names), by zone; linear over 60 days, ordered 30 days ahead.',
  )
  expect(out).toContain(
    'warning: plimsoll.yml:8:23  capacity.pools.web.resources.disk.usage: wanted what happens in a second: rate(bytes_total[5m]), found bytes_total, which counts for ever',
  )
  expect(out).toMatch(
    /wanted one series for each part in the answer, like sum by \(zone\) \(…\), found perhaps many/,
  )
  const json = JSON.parse((await run('check', '--json')).out)
  expect(json.pools).toMatchObject([{ pool: 'web', resources: [{ name: 'cpu', supply: ['up'] }, {}] }])
  expect((await run('check', '--strict')).exit).toBe(1)
})

test('a running service is asked how much it knows of the pools', async () => {
  const line = { pool: 'web', resource: 'cpu', part: {}, unit: 'cores', windowDays: 60 }
  const known = { days: 5, supplyDays: 0, gaps: 2, firstDay: '2026-11-14', lastDay: '2026-11-20' }
  const trouble = {
    pool: 'web',
    resource: 'disk',
    track: 'usage',
    when: 'now',
    atMs: 1,
    text: '1:1: too much\n  x',
  }
  const body = {
    ...{ v: 1, asOf: '2026-11-20' },
    lines: [{ ...line, ...known, usage: { tMs: 1, value: 2 }, supply: null }],
    troubles: [
      trouble,
      { ...trouble, pool: 'elsewhere' },
      { ...trouble, about: 'parts', text: 'too many of them' },
      { ...trouble, about: 'parts', track: 'supply', text: 'too many of them' },
    ],
  }
  const { url } = await serviceThat(() => ({ body }))
  const { run } = world({ 'plimsoll.yml': pools })
  const { exit, out } = await run('check', '--live', '--url', url)
  expect(exit).toBe(0)
  const cpu = 'warning: plimsoll.yml:7:14  capacity.pools.web.resources.cpu: wanted'
  expect(out).toContain(`${cpu} 60 days of history, found 5, the first 2026-11-14, 2 missing`)
  expect(out).toContain(`${cpu} days on which it is known how much there is, found none`)
  expect(out).toContain(`${cpu} a supply within the last minutes, found none`)
  expect(out).toContain('resources.disk: wanted a pool that the service has, found none')
  expect(out).toContain('resources.disk.usage: wanted a question that is answered, found 1:1: too much')
  expect(out).not.toContain('elsewhere')
  const crowded = 'capacity.pools.web.by: wanted a line for each part, found too many of them'
  expect(out.split(crowded)).toHaveLength(2)

  const bare = await serviceThat(() => ({ status: 404, body: { error: { code: 'not_found' } } }))
  const without = await run('check', '--live', '--url', bare.url)
  expect(without.out).toContain('wanted a service that plans capacity, found none at')
})
