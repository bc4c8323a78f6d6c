// Receivers of Alertmanager's own file, all the way to what is sent.
import { expect, test } from 'vitest'
import { Secret } from '#core/secret.ts'
import { readAlertmanager } from '../../../alerter/alertmanager.ts'
import type { HttpChannel } from '../../../alerter/channel.ts'
import { settingsFrom } from '../../../alerter/channels/from-alertmanager.ts'
import { channels } from '../../../alerter/channels/index.ts'
import type { Integration } from '../../../alerter/route.ts'
import { messageOf, startMs } from '../messages.ts'

const integrationOf = (receiver: string): Integration => {
  const { config, problems } = readAlertmanager(
    `global: {slack_api_url: 'https://hooks.slack.com/services/T/B/s3cret-hook', http_config: {proxy_url: 'http://proxy.example.org:3128'}}
route: {receiver: it}
receivers:
- name: it
  ${receiver}
`,
    { file: 'alertmanager.yml' },
  )
  expect(problems).toEqual([])
  return config!.receivers.get('it')!.integrations[0]!
}

const sentBy = (receiver: string, texts: Readonly<Record<string, string>> = {}) => {
  const integration = integrationOf(receiver)
  const read = settingsFrom(integration.channel, integration.settings as object)
  if (!read.ok) throw new Error(read.problems.join('\n'))
  const channel = channels[integration.channel] as HttpChannel<unknown>
  const [outgoing] = channel.requests(messageOf(), read.settings, { nowMs: startMs, random: () => 0, texts })
  return {
    lacks: read.lacks,
    url: outgoing!.url,
    headers: outgoing!.headers,
    body: JSON.parse(String(outgoing!.body)),
    templates: channel.texts?.(read.settings),
    transport: channel.transport?.(read.settings),
  }
}

test('webhook: where, how many, and how to get there', () => {
  const { url, headers, transport, lacks } = sentBy(`webhook_configs:
  - url: http://127.0.0.1:5001/a?b=c
    max_alerts: 3
    timeout: 2s
    http_config:
      basic_auth: {username: ann, password: s3cret}
      follow_redirects: false
      tls_config: {insecure_skip_verify: true, ca_file: ca.pem, min_version: TLS12}
      http_headers: {X-Team: {values: [a, b]}}`)
  expect(url).toBe('http://127.0.0.1:5001/a?b=c')
  expect(headers).toMatchObject({ authorization: 'Basic YW5uOnMzY3JldA==', 'x-team': 'a, b' })
  expect(transport).toMatchObject({
    timeoutMs: 2_000,
    followsRedirects: false,
    tls: { verify: false, minVersion: 'TLSv1.2' },
  })
  expect(transport?.tls.caFile).toMatch(/\/ca\.pem$/)
  expect(lacks).toEqual([])
})

test('redirects and proxies are those of Alertmanager', () => {
  const { transport } = sentBy(`webhook_configs: [{url: 'http://127.0.0.1:5001/'}]`)
  expect(transport?.followsRedirects).toBe(true)
  expect(transport?.proxy).toEqual({ url: new Secret('http://proxy.example.org:3128'), except: '' })
})

test('slack: the hook of global, and texts that were rendered', () => {
  const { url, body, templates, lacks } = sentBy(
    `slack_configs:
  - channel: '#{{ .CommonLabels.team }}'
    title: '{{ .CommonLabels.alertname }}'
    text: fixed *text*
    color: '{{ if eq .Status "firing" }}danger{{ else }}good{{ end }}'
    fields: [{title: Where, value: '{{ .CommonLabels.host }}'}]
    callback_id: x`,
    { channel: '#db', title: 'DiskFull', 'fields.0.value': 'db-7' },
  )
  expect(url).toBe('https://hooks.slack.com/services/T/B/s3cret-hook')
  expect(Object.keys(templates ?? {})).toEqual(['channel', 'title', 'color', 'fields.0.value'])
  expect(body).toMatchObject({
    channel: '#db',
    attachments: [{ title: 'DiskFull', text: 'fixed *text*', mrkdwn_in: ['pretext', 'text'] }],
  })
  expect(body.attachments[0].fields).toEqual([{ title: 'Where', value: 'db-7', short: false }])
  // One that could not be rendered gives way to our own.
  expect(body.attachments[0].color).toBe('#d00000')
  expect(lacks).toEqual(['callback_id'])
})

test('slack: the token of an app', () => {
  const { url, headers } = sentBy(
    `slack_configs: [{app_token: xoxb-s3cret, channel: C1, app_url: 'https://slack.example.org/api/chat.postMessage'}]`,
  )
  expect(url).toBe('https://slack.example.org/api/chat.postMessage')
  expect(headers['authorization']).toBe('Bearer xoxb-s3cret')
})

test('pagerduty: keys, links and details', () => {
  const { url, body, templates } = sentBy(
    `pagerduty_configs:
  - routing_key: s3cret-routing-key
    severity: '{{ .CommonLabels.severity }}'
    description: '{{ .CommonAnnotations.summary }}'
    class: disk
    details: {team: '{{ .CommonLabels.team }}', static: yes, resolved: none}
    links: [{href: 'https://wiki.example.org/', text: wiki}]`,
    {
      severity: 'warning',
      description: 'disk is full',
      'details.team': 'db',
      'details.firing': '[{"status":"firing"}]',
      'details.num_firing': '1',
    },
  )
  expect(url).toBe('https://events.pagerduty.com/v2/enqueue')
  expect(Object.keys(templates ?? {})).toEqual([
    'description',
    'severity',
    ...['firing', 'num_firing', 'num_resolved', 'team'].map(name => `details.${name}`),
  ])
  expect(body).toMatchObject({
    routing_key: 's3cret-routing-key',
    payload: { summary: 'disk is full', severity: 'warning', class: 'disk' },
  })
  expect(body.payload.custom_details).toMatchObject({
    team: 'db',
    firing: [{ status: 'firing' }],
    num_firing: 1,
    resolved: 'none',
  })
  expect(body.links.at(-1)).toEqual({ href: 'https://wiki.example.org/', text: 'wiki' })
})

test('pagerduty: of details that are too long the longest are left out', () => {
  const { body } = sentBy("pagerduty_configs: [{routing_key: k, details: {other: '{{ .B }}'}}]", {
    'details.firing': JSON.stringify(['x'.repeat(300_000)]),
    'details.other': 'y'.repeat(200_000),
    'details.num_firing': '500',
  })
  const { firing, other, num_firing } = body.payload.custom_details
  expect({ firing, other: other.length, num_firing }).toEqual({
    firing: undefined,
    other: 200_000,
    num_firing: 500,
  })
})

test('telegram: a chat, its thread, and a text in its own markup', () => {
  const { url, body } = sentBy(
    `telegram_configs:
  - {bot_token: '1:s3cret', chat_id: -100123, message_thread_id: 5, parse_mode: MarkdownV2, message: '{{ .A }}'}`,
    { message: '*bold*' },
  )
  expect(url).toBe('https://api.telegram.org/bot1:s3cret/sendMessage')
  expect(body).toMatchObject({
    chat_id: '-100123',
    message_thread_id: 5,
    parse_mode: 'MarkdownV2',
    text: '*bold*',
  })
  const plain = sentBy(`telegram_configs: [{bot_token: '1:s3cret', chat_id: 1, parse_mode: '', message: x}]`)
  expect(plain.body.parse_mode).toBeUndefined()
  expect(plain.body.text).toBe('x')
})

test('discord, teams and mattermost', () => {
  const discord = sentBy(
    `discord_configs: [{webhook_url: 'https://discord.com/api/webhooks/1/s3cret', title: 't', message: 'm', content: 'c'}]`,
  )
  expect(discord.body).toMatchObject({ content: 'c', embeds: [{ title: 't' }] })
  const allowedIn = (content: string, made = content) =>
    sentBy(
      `discord_configs: [{webhook_url: 'https://discord.com/api/webhooks/1/s3cret', content: ${JSON.stringify(content)}}]`,
      {
        content: made,
      },
    ).body.allowed_mentions
  expect(allowedIn('<@&123456> <@777777> <@!888888> <@777777> @here')).toEqual({
    parse: ['everyone'],
    roles: ['123456'],
    users: ['777777', '888888'],
  })
  expect(
    allowedIn("{{ if .A }}<@&123456>{{ end }} {{ .B }} {{ '@everyone' }}", '<@&123456> <@777777> @here'),
  ).toEqual({
    parse: [],
    roles: ['123456'],
    users: [],
  })
  expect(discord.body.embeds[0].description).toMatch(/^m\n/)

  const teams = sentBy(
    `msteamsv2_configs: [{webhook_url: 'https://x.example.org/?sig=s3cret', title: 't', text: '**b** [l](https://x.example.org)'}]`,
  )
  expect(teams.body).toMatchObject({ summary: 't' })
  expect(teams.body.attachments[0].content.body).toMatchObject([
    { type: 'Container', items: [{ type: 'TextBlock', wrap: true, text: 't' }] },
    { type: 'TextBlock', wrap: true, text: '**b** [l](https://x.example.org)' },
  ])

  const mattermost = sentBy(
    `mattermost_configs:
  - webhook_url: https://chat.example.org/hooks/s3cret
    channel: ops
    text: '{{ .X }}'
    attachments: [{title: '{{ .Y }}', color: '#fff'}]
    priority: {priority: important}`,
    { text: 'hello', 'attachments.0.title': 'there' },
  )
  expect(mattermost.body).toMatchObject({
    channel: 'ops',
    text: 'hello',
    attachments: [{ title: 'there', color: '#fff' }],
    priority: { priority: 'important' },
  })
})

test('pagerduty: the older API, where a receiver has a key for that', () => {
  const given = {
    service_key: new Secret('s3cret-service-key'),
    url: 'https://events.pagerduty.com/v2/enqueue',
  }
  const read = settingsFrom('pagerduty', { ...given, description: 'full' })
  if (!read.ok) throw new Error(read.problems.join('\n'))
  const channel = channels['pagerduty'] as HttpChannel<unknown>
  const [outgoing] = channel.requests(messageOf(), read.settings, { nowMs: startMs, random: () => 0 })
  expect(outgoing?.url).toBe('https://events.pagerduty.com/generic/2010-04-15/create_event.json')
  expect(JSON.parse(String(outgoing?.body))).toMatchObject({
    service_key: 's3cret-service-key',
    event_type: 'trigger',
    incident_key: '1b8922acf126bb78d4887cbc9876efa6083fbc10807c90c575af6ebaa94f4792',
    description: 'full',
  })
})

test('what cannot be sent says why, without its secrets', () => {
  const given = { app_token: new Secret('xoxb-s3cret'), http_config: { oauth2: { client_id: 's3cret' } } }
  expect(settingsFrom('slack', given)).toEqual({
    ok: false,
    problems: ['it: wanted beside app_token, the channel that is posted to'],
  })
  expect(settingsFrom('pigeon', {})).toEqual({ ok: false, problems: ['there is no channel pigeon'] })
})
