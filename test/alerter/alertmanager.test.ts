import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openFindings, problemText } from '#core/config/problem.ts'
import { readForeignYaml } from '#core/config/read.ts'
import { labelsOf } from '#core/labels.ts'
import { Secret } from '#core/secret.ts'
import type { SettingsByChannel } from '../../alerter/alertmanager/receiver-kinds.ts'
import {
  type AlertmanagerConfig,
  type FileOptions,
  readAlertmanager,
  readAlertmanagerTree,
} from '../../alerter/alertmanager.ts'
import { type Route, routesFor } from '../../alerter/route.ts'
import { runs } from '../runs.ts'

const read = (text: string, options: Partial<FileOptions> = {}) =>
  readAlertmanager(text, { file: 'a.yml', ...options })
const shortly = (problem: Parameters<typeof problemText>[0]): string =>
  problemText(problem).split('\n')[0]!.replace('a.yml:', '')
const problemsOf = (text: string): string[] => read(text).problems.map(shortly)
const warningsOf = (text: string): string[] => read(text).warnings.map(shortly)

function configOf(text: string, options: Partial<FileOptions> = {}): AlertmanagerConfig {
  const { config, problems } = read(text, options)
  expect(problems.map(problemText)).toEqual([])
  return config!
}

const labels = (text: string) =>
  labelsOf(text.split(' ').flatMap(each => (each === '' ? [] : [each.split('=') as [string, string]])))

// As whoever opens channels does.
function settingsOf<C extends keyof SettingsByChannel>(
  { receivers }: AlertmanagerConfig,
  channel: C,
  nth = 0,
) {
  const found = receivers.get('r')?.integrations.find(each => each.id === `r/${channel}/${nth}`)
  return found?.settings as SettingsByChannel[C]
}

// The smallest file, and something more in it.
const small = (more = '', route = 'receiver: r'): string =>
  `route: {${route}}\nreceivers: [{name: r}]\n${more}`

test('the smallest file has Alertmanager’s defaults', () => {
  expect(configOf('route: {receiver: r}\nreceivers: [{name: r}]\n')).toEqual({
    route: {
      key: '{}',
      matchers: [],
      receiver: 'r',
      groupBy: [],
      groupWaitMs: 30_000,
      groupIntervalMs: 300_000,
      urgentWaitMs: 30_000,
      urgentIntervalMs: 300_000,
      repeatMs: 14_400_000,
      continues: false,
      mutes: [],
      actives: [],
      routes: [],
    },
    receivers: new Map([['r', { name: 'r', integrations: [] }]]),
    inhibitions: [],
    intervals: new Map(),
    templates: [],
    resolveTimeoutMs: 300_000,
  })
})

test('a route that stands within itself, by an alias, is refused', () => {
  const t = (tree: string) =>
    expect(problemsOf(`${tree}\nreceivers: [{name: r}]\n`), tree).toEqual([
      '1:1  wanted at most 100000 values and 64 levels, found more, once the aliases (*name) are filled in',
    ])

  t('route: &top {receiver: r, routes: [*top]}')
  t('route: &top {receiver: r, routes: [*top, *top]}')
  t('route: {receiver: r, routes: &all [{receiver: r, routes: *all}]}')
})

// As `amtool config routes test` 0.31 answers on the same tree.
test('an alert takes the routes that amtool names', () => {
  const { route } = configOf(`
route:
  receiver: default
  group_by: [alertname]
  routes:
    - receiver: a
      matchers: [team="a"]
      routes:
        - {receiver: a-page, matchers: ['severity=~"page|critical"'], continue: true}
        - {receiver: a-log, matchers: [env!=prod]}
    - receiver: b
      match_re: {team: b.*}
      continue: true
    - receiver: everyone
      matchers: ['team=~".+"']
      continue: false
    - receiver: never
      matchers: ['team="b"']
receivers: [{name: default}, {name: a}, {name: a-page}, {name: a-log}, {name: b}, {name: everyone}, {name: never}]
`)
  const t = (text: string, wanted: string) =>
    expect(
      routesFor(route, labels(text))
        .map(each => each.receiver)
        .join(','),
      text,
    ).toBe(wanted)

  t('', 'default')
  t('team=a env=prod', 'a')
  t('team=a severity=page env=prod', 'a-page')
  t('team=a severity=page', 'a-page,a-log')
  t('team=a', 'a-log')
  t('team=a severity=info env=dev', 'a-log')
  t('team=b', 'b,everyone')
  t('team=bb', 'b,everyone')
  t('team=c', 'everyone')
  t('severity=page', 'default')
  expect(route.routes.map(({ key }) => key)).toEqual([
    '{}/{team="a"}',
    '{}/{team=~"^(?:b.*)$"}',
    '{}/{team=~".+"}',
    '{}/{team="b"}',
  ])
})

test('children take from their parents what they do not state', () => {
  const { route } = configOf(`
route:
  receiver: r
  group_by: [a, b]
  group_wait: 10s
  repeat_interval: 1d
  routes:
    - matchers: [x=1]
      group_interval: 1m
      mute_time_intervals: [night]
      routes:
        - {matchers: [y=1], receiver: s, group_by: [...], group_wait: 0s}
        - {matchers: [y=2], group_by: []}
receivers: [{name: r}, {name: s}]
time_intervals: [{name: night}]
`)
  const [child] = route.routes
  expect(child).toMatchObject({
    receiver: 'r',
    groupBy: ['a', 'b'],
    groupWaitMs: 10_000,
    groupIntervalMs: 60_000,
    repeatMs: 86_400_000,
    mutes: ['night'],
  })
  expect(child?.routes).toMatchObject([
    { receiver: 's', groupBy: 'all', groupWaitMs: 0, groupIntervalMs: 60_000, mutes: [] },
    { receiver: 'r', groupBy: [], groupWaitMs: 10_000 },
  ])
})

test('in a tree of our own urgent alerts wait less, where no route states how long', () => {
  const { route } = configOf(
    small(
      '',
      'receiver: r, routes: [{matchers: [a=1], group_wait: 30s, routes: [{matchers: [b=1]}]}, {matchers: [a=2], group_interval: 2m}]',
    ),
    { defaults: 'inline' },
  )
  const shown = ({ groupWaitMs, urgentWaitMs, groupIntervalMs, urgentIntervalMs }: Route) =>
    [groupWaitMs, urgentWaitMs, groupIntervalMs, urgentIntervalMs].map(each => each / 1_000)
  expect(shown(route)).toEqual([30, 0, 300, 30])
  expect(shown(route.routes[0]!)).toEqual([30, 30, 300, 30])
  expect(shown(route.routes[0]!.routes[0]!)).toEqual([30, 30, 300, 30])
  expect(shown(route.routes[1]!)).toEqual([30, 0, 120, 120])
})

test('what Alertmanager refuses is refused, with its place', () => {
  const t = (text: string, ...wanted: string[]) => expect(problemsOf(text), text).toEqual(wanted)

  t('', '1:1  wanted the key route, found none')
  t('- a', '1:1  wanted the keys `route` and `receivers`, found a list')
  t(
    'routes: {}\nroute: {receiver: r}\nreceivers: [{name: r}]',
    '1:1  routes: wanted one of global, route, inhibit_rules, receivers, templates, mute_time_intervals, time_intervals, tracing, found the key routes',
  )
  t('route: {}\nreceivers: [{name: r}]', '1:8  route: wanted a receiver, found none')
  t(small('', 'receiver: x'), '1:19  route.receiver: wanted the name of a receiver, found x')
  t(
    small('', 'receiver: r, continue: true'),
    '1:32  route.continue: wanted no continue at the root, which has no siblings, found true',
  )
  t(
    small('', 'receiver: r, matchers: [a=b]'),
    '1:32  route.matchers: wanted no matchers at the root, which takes what no other route takes, found a list',
  )
  t(
    small('time_intervals: [{name: t}]', 'receiver: r, mute_time_intervals: [t]'),
    '1:43  route.mute_time_intervals: wanted no time intervals at the root, found a list',
  )
  t(
    small('', 'receiver: r, group_by: [a, b, a]'),
    '1:32  route.group_by: wanted each label once, found a twice',
  )
  t(
    small('', 'receiver: r, group_by: [a, ...]'),
    '1:32  route.group_by: wanted ... alone, which is all labels, found a, ...',
  )
  t(small('', 'receiver: r, group_by: a'), '1:32  route.group_by: wanted a list, found "a"')
  t(
    small('', 'receiver: r, group_interval: 0s'),
    '1:38  route.group_interval: wanted more than 0s, found "0s"',
  )
  t(small('', 'receiver: r, repeat_interval: 0'), '1:39  route.repeat_interval: wanted more than 0s, found 0')
  t(
    small('', 'receiver: r, group_wait: 5 minutes'),
    '1:34  route.group_wait: wanted a duration like 10s, 5m or 1h30m, found "5 minutes"',
  )
  t(
    small('', 'receiver: r, routes: [{group_waits: 5s}]'),
    '1:32  route.routes[0].group_waits: wanted one of receiver, group_by, match, match_re, matchers, mute_time_intervals, active_time_intervals, continue, routes, group_wait, group_interval, repeat_interval, found the key group_waits',
  )
  t(
    small('', 'receiver: r, routes: [{active_time_intervals: [t, u]}]').concat('time_intervals: [{name: t}]'),
    '1:59  route.routes[0].active_time_intervals: wanted the name of a time interval, found u',
  )
  t(
    small('', 'receiver: r, routes: [{matchers: ["a~b"]}]'),
    '1:43  route.routes[0].matchers[0]: wanted a name, one of = != =~ !~ and a value, like severity="page", found a~b',
  )
  t(
    small('', 'receiver: r, routes: [{match: {a-b: c}}]'),
    '1:40  route.routes[0].match.a-b: wanted a name of letters, digits and _, found a-b',
  )
  t(
    small('', 'receiver: r, routes: [{match_re: {a: "["}}]'),
    '1:46  route.routes[0].match_re.a: wanted a regular expression of RE2, found [: error parsing regexp: missing closing ]: `[`',
  )
  t(
    'route: {receiver: r}\nreceivers: [{name: r}, {name: r}]',
    '2:24  receivers[1]: wanted each name once, found a second receiver r',
  )
  t('route: {receiver: r}\nreceivers: [{name: r}, {}]', '2:24  receivers[1]: wanted a name, found none')
  t(
    small('time_intervals: [{name: t}]\nmute_time_intervals: [{name: t}]'),
    '3:18  time_intervals[0]: wanted each name once, found a second interval t',
  )
  // All of them at once.
  expect(problemsOf('route: {receiver: x, continue: true}\nreceiver: []\nglobal: {a: b}')).toHaveLength(4)
})

test('a file of several documents, merges and anchors is read as Alertmanager reads it', () => {
  const text = 'x: &x {receiver: r}\nroute: {<<: *x}\nreceivers: [{name: r}]'
  expect(problemsOf(text)).toEqual([expect.stringContaining('found the key x')])
  expect(warningsOf(`${small()}---\nnot: read\n`)).toEqual([
    '3:1  wanted one document, found a second one after `---`',
  ])
})

test('matchers that are read in the old way are warned of', () => {
  const [warning] = read(small('', 'receiver: r, routes: [{matchers: ["a=~\\"\\\\d+\\""]}]')).warnings
  expect(warning?.hint).toBe('only the old way of reading it works; for the same in both: a=~"\\\\d+"')
})

test('receivers take from global what they do not state', () => {
  const config = configOf(`
global:
  http_config: {proxy_url: "http://proxy:3128"}
  smtp_smarthost: "mail:587"
  smtp_from: a@example.org
  smtp_auth_username: me
  smtp_auth_password: s3cret
  slack_api_url: https://hooks.slack.com/x
route: {receiver: r}
receivers:
  - name: r
    webhook_configs:
      - url: http://127.0.0.1:9/one
        timeout: 1.5s
      - {url: "http://127.0.0.1:9/two", send_resolved: no, http_config: {basic_auth: {username: u, password: p}}}
    email_configs:
      - to: b@example.org
        headers: {Subject: hello}
      - {to: c@example.org, from: d@example.org, smarthost: "other:25", auth_password_file: /p, require_tls: false}
    slack_configs: [{channel: "#ops", title: x}]
    pagerduty_configs: [{routing_key: k, details: {a: {b: 1}}}]
`)
  expect(config.receivers.get('r')?.integrations).toMatchObject([
    {
      id: 'r/webhook/0',
      channel: 'webhook',
      tellsEnds: true,
      settings: { timeout: 1_500, http_config: { proxy_url: 'http://proxy:3128' } },
    },
    {
      id: 'r/webhook/1',
      tellsEnds: false,
      settings: { http_config: { basic_auth: { username: 'u', password: expect.any(Secret) } } },
    },
    {
      id: 'r/mail/0',
      channel: 'mail',
      tellsEnds: false,
      settings: {
        to: 'b@example.org',
        smarthost: 'mail:587',
        from: 'a@example.org',
        hello: 'localhost',
        auth_username: 'me',
        auth_password: new Secret('s3cret'),
        require_tls: true,
        headers: new Map([['Subject', 'hello']]),
      },
    },
    { id: 'r/mail/1', settings: { from: 'd@example.org', auth_password_file: '/p', require_tls: false } },
    { id: 'r/slack/0', tellsEnds: false, settings: { channel: '#ops', title: 'x' } },
    {
      id: 'r/pagerduty/0',
      settings: { url: 'https://events.pagerduty.com/v2/enqueue', details: expect.any(Map) },
    },
  ])
  expect(settingsOf(config, 'pagerduty').details?.get('a')).toEqual({ b: 1 })
  expect(settingsOf(config, 'webhook').url?.reveal()).toBe('http://127.0.0.1:9/one')
  expect(settingsOf(config, 'mail').auth_password?.reveal()).toBe('s3cret')
  expect(settingsOf(config, 'slack').api_url?.reveal()).toBe('https://hooks.slack.com/x')
  // One's own file stands against the password of all.
  expect(settingsOf(config, 'mail', 1)).not.toHaveProperty('auth_password')
})

test('the token of an app is global’s only where nothing else logs in', () => {
  const slack = (more: string) => {
    const receivers = `receivers: [{name: r, slack_configs: [{channel: c${more}}]}]`
    return settingsOf(configOf(`global: {slack_app_token: t}\nroute: {receiver: r}\n${receivers}`), 'slack')
  }
  expect(slack('').app_token?.reveal()).toBe('t')
  expect(slack('').app_url).toBe('https://slack.com/api/chat.postMessage')
  expect(slack(', api_url: http://x')).not.toHaveProperty('app_token')
})

test('secrets in files are read, and those that cannot be are warned of', () => {
  const text = `
global: {smtp_smarthost: "m:25", smtp_from: f, smtp_auth_password_file: /mail}
route: {receiver: r}
receivers:
  - name: r
    email_configs: [{to: t}]
    webhook_configs: [{url_file: /hook, http_config: {basic_auth: {username: u, password_file: pass}}}, {url_file: /none}, {url_file: /empty}]
    telegram_configs: [{bot_token: t, chat_id_file: /chat}]
`
  const files: Record<string, string> = {
    '/mail': 'm4il\n',
    '/hook': 'http://h/x\n',
    '/etc/am/pass': 'p4ss',
    '/chat': '-100200\n',
    '/empty': '\n',
  }
  const readFile = (path: string): string => {
    const found = files[path]
    if (found === undefined) throw new Error('no such file')
    return found
  }
  const { config, problems, warnings } = readAlertmanager(text, { file: '/etc/am/a.yml', readFile })
  expect(problems).toEqual([])
  expect(settingsOf(config!, 'mail').auth_password?.reveal()).toBe('m4il')
  const hook = settingsOf(config!, 'webhook')
  expect(hook.url?.reveal()).toBe('http://h/x')
  expect(hook.http_config?.basic_auth?.password?.reveal()).toBe('p4ss')
  expect(settingsOf(config!, 'telegram').chat_id).toBe(-100_200)
  expect(warnings.map(each => `${each.path}: ${each.wanted}, ${each.found}`)).toEqual([
    'receivers[0].webhook_configs[1].url_file: a readable file at /none, no such file',
    'receivers[0].webhook_configs[2].url_file: a readable file at /empty, an empty file',
  ])
})

test('ways that are not there are named, with what becomes of the alerts', () => {
  const t = (receiver: string, ...wanted: string[]) =>
    expect(
      read(`route: {receiver: r}\nreceivers: [{name: r, ${receiver}}]`).warnings.map(each => each.found),
      receiver,
    ).toEqual(wanted)

  t(
    'opsgenie_configs: [{api_key: k}, {api_key: l}]',
    'opsgenie_configs of receiver r, which Plimsoll does not send: its alerts go nowhere, since it has no other way',
  )
  t(
    'wechat_configs: [{corp_id: c, api_secret: s}], webhook_configs: [{url: "http://x"}, {url: "http://y"}]',
    'wechat_configs of receiver r, which Plimsoll does not send: its alerts go out by its other ways only: webhook',
  )
  t('sns_configs: [{topic_arn: arn, sigv4: {region: r, access_key: k, secret_key: s}}]')
  for (const sigv4 of ['{}', '{region: r}', '{profile: p}', '{region: r, role_arn: a}'])
    t(
      `sns_configs: [{topic_arn: arn, sigv4: ${sigv4}}], webhook_configs: [{url: "http://x"}]`,
      'sns_configs of receiver r, which Plimsoll does not send: its alerts go out by its other ways only: webhook',
    )
  t('pagerduty_configs: [{service_key: s, routing_key: k}]')
  t(
    'pagerduty_configs: [{service_key: s}]',
    'pagerduty_configs of receiver r, which Plimsoll does not send: its alerts go nowhere, since it has no other way',
  )
  t('webhook_configs: [{url: "http://x", http_config: {oauth2: {client_id: a, token_url: b}}}]', 'one')
})

test('what belongs together in receivers is checked', () => {
  const t = (receiver: string, ...wanted: string[]) =>
    expect(
      read(`route: {receiver: r}\nreceivers: [{name: r, ${receiver}}]`).problems.map(
        each => `${each.path}: ${each.wanted}, ${each.found}`,
      ),
      receiver,
    ).toEqual(wanted)
  const at = (kind: string): string => `receivers[0].${kind}[0]`

  t('webhook_configs: [{}]', `${at('webhook_configs')}: one of url, url_file, none`)
  t(
    'webhook_configs: [{url: "http://x", url_file: y}]',
    `${at('webhook_configs')}: at most one of url, url_file, url and url_file together`,
  )
  t('webhook_configs: [{url: "{{ .ExternalURL }}/x"}]')
  t('webhook_configs: [{url: "http://x/{{ template \\"elsewhere\\" . }}"}]')
  for (const [template, place] of [
    ['{{ .s3cret', '1:10'],
    ['{{ nofunc . }}', '1:13'],
  ])
    t(
      `webhook_configs: [{url: "http://x/${template}"}]`,
      `${at('webhook_configs')}.url: a template that works, one that cannot be read at ${place} of it, which is not shown`,
    )
  t(
    'webhook_configs: [{url: "ftp://x/s3cret"}]',
    `${at('webhook_configs')}.url: an address that begins with http:// or https://, something else, which is not shown`,
  )
  t(
    'webhook_config: []',
    'receivers[0].webhook_config: a key that Alertmanager knows, the key webhook_config',
  )
  t(
    'email_configs: [{to: a}]',
    `${at('email_configs')}: the key smarthost, or smtp_smarthost in global, none`,
    `${at('email_configs')}: the key from, or smtp_from in global, none`,
  )
  t(
    'email_configs: [{to: a, from: b, smarthost: "c:1", headers: {subject: a, Subject: b}}]',
    `${at('email_configs')}: each header once, subject twice`,
  )
  t(
    'slack_configs: [{}]',
    `${at('slack_configs')}: one of api_url, api_url_file, app_token, app_token_file, none`,
  )
  t(
    'slack_configs: [{api_url: "http://x", fields: [{title: a}], actions: [{type: a, text: b}]}]',
    `${at('slack_configs')}.fields[0]: the key value, none`,
    `${at('slack_configs')}.actions[0]: one of url, name, none`,
  )
  t(
    'telegram_configs: [{bot_token: t, chat_id: 0, parse_mode: html}]',
    `${at('telegram_configs')}: one of chat_id, chat_id_file, none`,
    `${at('telegram_configs')}.parse_mode: one of nothing, Markdown, MarkdownV2, HTML, "html"`,
  )
  t(
    'webhook_configs: [{url: "http://x", http_config: {bearer_token: a, basic_auth: {}}}]',
    `${at('webhook_configs')}.http_config: at most one of basic_auth, authorization, oauth2, bearer_token, basic_auth and bearer_token together`,
  )
  t(
    'webhook_configs: [{url: "http://x", http_config: {tls_config: {cert: a}}}]',
    `${at('webhook_configs')}.http_config.tls_config: one of key, key_file, none`,
  )
})

test('secrets are in no problem and in no print of the configuration', () => {
  const text = `
global: {slack_api_url: "hxxp://hooks/S3CRET", smtp_auth_password: S3CRET, smtp_smarthost: nowhere}
route: {receiver: r}
receivers:
  - name: r
    pagerduty_configs: [{routing_key: S3CRET, x: 1}]
    webhook_configs:
      - url: htp://S3CRET/x
`
  const { problems } = read(text)
  expect(problems).toHaveLength(4)
  expect(problems.map(problemText).join('\n')).not.toContain('S3CRET')
  const good = configOf(
    'route: {receiver: r}\nreceivers: [{name: r, pagerduty_configs: [{routing_key: S3CRET}]}]',
  )
  expect(JSON.stringify([...good.receivers])).not.toContain('S3CRET')
  expect(JSON.stringify([...good.receivers])).toContain('***')
})

test('a tree of plimsoll.yml is read by the same rules, under its own path', () => {
  const [findings, doubts] = [openFindings(), openFindings()]
  const { tree } = readForeignYaml('alertmanager:\n  route: {receiver: ops, routes: [{receiver: x}]}\n', {
    file: 'plimsoll.yml',
    findings,
    wanted: '',
  })
  const part = tree!.keys.get('alertmanager')!.value
  const options = {
    findings,
    doubts,
    path: 'alertmanager',
    folder: '/etc',
    defaults: 'inline',
    receivers: ['ops'],
  } as const
  expect(readAlertmanagerTree(part, options)).toBeUndefined()
  expect(findings.problems).toMatchObject([
    { file: 'plimsoll.yml', line: 2, column: 46, path: 'alertmanager.route.routes[0].receiver', found: 'x' },
  ])
  const known = readAlertmanagerTree(part, { ...options, findings: openFindings(), receivers: ['ops', 'x'] })
  expect(known?.route.routes[0]).toMatchObject({ receiver: 'x', urgentWaitMs: 0 })
})

test('inhibitions and time intervals come in all their forms', () => {
  const { inhibitions, intervals } = configOf(
    small(`
inhibit_rules:
  - source_match: {severity: critical}
    target_match_re: {severity: warn.*}
    equal: [host, "a b"]
  - name: new
    source_matchers: ['severity="critical"', 'a!~"b"']
    target_matchers: ['severity="warning"']
mute_time_intervals:
  - name: night
    time_intervals: [{times: [{start_time: 22:00, end_time: 24:00}, {start_time: "00:00", end_time: "06:00"}], location: Asia/Shanghai}]
time_intervals:
  - name: odd
    time_intervals:
      - {weekdays: ['Monday:friday', sunday], days_of_month: ['-3:-1', 1], months: ['may:july', 12], years: ['2026:2028']}
      - {location: Local}
`),
  )
  expect(inhibitions).toMatchObject([
    {
      name: '',
      sources: [{ name: 'severity', op: '=', value: 'critical' }],
      targets: [{ name: 'severity', op: '=~', value: '^(?:warn.*)$' }],
      equal: ['host', 'a b'],
    },
    {
      name: 'new',
      sources: [{ name: 'a', op: '!~' }, { name: 'severity' }],
      targets: [{ value: 'warning' }],
      equal: [],
    },
  ])
  expect(inhibitions[0]?.targets[0]?.matches(labels('severity=warning'))).toBe(true)
  expect(intervals.get('night')).toEqual([
    {
      times: [
        { from: 1_320, to: 1_440 },
        { from: 0, to: 360 },
      ],
      zone: 'Asia/Shanghai',
    },
  ])
  expect(intervals.get('odd')).toEqual([
    {
      weekdays: [
        { from: 1, to: 5 },
        { from: 0, to: 0 },
      ],
      daysOfMonth: [
        { from: -3, to: -1 },
        { from: 1, to: 1 },
      ],
      months: [
        { from: 5, to: 7 },
        { from: 12, to: 12 },
      ],
      years: [{ from: 2_026, to: 2_028 }],
      zone: 'UTC',
    },
    { zone: new Intl.DateTimeFormat().resolvedOptions().timeZone },
  ])
})

test('time intervals that cannot be are refused', () => {
  const t = (interval: string, wanted: string) =>
    expect(
      read(small(`time_intervals: [{name: t, time_intervals: [{${interval}}]}]`)).problems.map(
        each => each.wanted,
      ),
      interval,
    ).toEqual([wanted])

  t('weekdays: [mon]', 'a day like monday, or monday:friday')
  t('weekdays: ["friday:monday"]', 'the end not before the beginning')
  t('weekdays: ["monday:friday:sunday"]', 'a day like monday, or monday:friday')
  t('weekdays: ["monday:fryday"]', 'a day like monday, or monday:friday')
  t('weekdays: ["monday:"]', 'a day like monday, or monday:friday')
  t('months: ["may:7x"]', 'a month like may or 5, or may:july')
  t('days_of_month: [0]', 'days from 1 to 31, or from -31 to -1')
  t('days_of_month: [32]', 'days from 1 to 31, or from -31 to -1')
  t('days_of_month: ["-1:5"]', 'an end counted from the end of the month, as the beginning is')
  t('days_of_month: ["30:-5"]', 'the end not before the beginning')
  t('months: ["july:may"]', 'the end not before the beginning')
  t('years: ["2022:2020"]', 'the end not before the beginning')
  t('times: [{start_time: "9:00", end_time: "17:00"}]', 'a time from 00:00 to 24:00')
  t('times: [{start_time: "17:00", end_time: "09:00"}]', 'the end behind the beginning')
  t('times: [{start_time: "17:00"}]', 'start_time and end_time')
  t('times: [{start_time: , end_time: "17:00"}]', 'start_time and end_time')
  t('location: Nowhere', 'a time zone of the IANA list, like Asia/Shanghai or UTC')
  t('location: "+08:00"', 'a time zone of the IANA list, like Asia/Shanghai or UTC')
})

test('whatever a file holds, it is read or refused with a place', () => {
  const whole = `
global: {smtp_smarthost: "m:25", smtp_from: f, http_config: {tls_config: {ca: x}, basic_auth: {username: u}}}
route:
  receiver: r
  group_by: [a, ...]
  routes: [{match: {a: b}, match_re: {c: d}, matchers: ['e="f"'], continue: true, mute_time_intervals: [t]}]
receivers: [{name: r, email_configs: [{to: t, headers: {A: b}}], slack_configs: [{api_url: "http://x", fields: []}]}]
inhibit_rules: [{source_matchers: [a=b], target_match: {a: c}, equal: [d]}]
time_intervals: [{name: t, time_intervals: [{times: [{start_time: 01:00, end_time: 02:00}], years: ['2026']}]}]
templates: [a]
tracing: {endpoint: e}
`
  const tokens = whole.match(/[\w./]+|\s+|./g)!
  const change = fc.record({
    at: fc.nat(tokens.length - 1),
    by: fc.constantFrom('', '~', '{}', '[]', '[~]', '5', 'x', 'true', '"["', '\n', 'name', 'http_config'),
  })
  let refused = 0
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), changes => {
      const changed = tokens.map((token, nth) => changes.find(({ at }) => at === nth)?.by ?? token).join('')
      const { config, problems } = read(changed)
      expect(config === undefined).toBe(problems.length > 0)
      for (const { line, column } of problems) expect(Math.min(line, column)).toBeGreaterThan(0)
      if (config === undefined) refused += 1
    }),
    // A key that is gone is a problem of the parser's.
    { numRuns: runs(60), examples: [[[61, 36].map(at => ({ at, by: '' }))]] },
  )
  expect(refused).toBeGreaterThan(runs(10))
})
