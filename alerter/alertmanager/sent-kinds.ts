// The table of Alertmanager's kinds of receivers that we have channels for: their keys, defaults and what belongs
// together. Called by receiver-kinds.ts.

import { flag, whole } from './bare.ts'
import { complain, type Keys, list, mapOf, type Part, placeOf, shape } from './form.ts'
import { httpConfig, tlsConfig } from './http-config.ts'
import { borrow, kind, lentWithFile } from './kind.ts'
import {
  anything,
  goDurationMs,
  hostPort,
  oneOf,
  secret,
  secretUrl,
  templatedUrl,
  text,
  url,
} from './scalars.ts'
import { atLeastOne, atMostOne, exactlyOne, isGiven } from './together.ts'

const http = [['http_config', 'http_config']] as const

const webhookKeys = {
  http_config: httpConfig,
  url: templatedUrl,
  url_file: text,
  max_alerts: whole(0),
  timeout: goDurationMs,
}

export const webhook = kind({
  channel: 'webhook',
  tellsEnds: true,
  keys: webhookKeys,
  judge: part => exactlyOne(part, 'url', 'url_file'),
  loans: [http],
})

const threading = shape({ enabled: flag, thread_by_date: text }, part => {
  const { enabled, thread_by_date: by } = part.values
  if (enabled === true && by !== 'none' && by !== 'daily')
    complain(placeOf(part, 'thread_by_date'), part.at, { wanted: 'none or daily', found: by ?? 'nothing' })
})

const mailKeys = {
  to: text,
  from: text,
  hello: text,
  smarthost: hostPort,
  auth_username: text,
  auth_password: secret,
  auth_password_file: text,
  auth_secret: secret,
  auth_secret_file: text,
  auth_identity: text,
  headers: mapOf(text),
  html: text,
  text,
  require_tls: flag,
  tls_config: tlsConfig,
  force_implicit_tls: flag,
  threading,
}

export const mail = kind({
  channel: 'mail',
  tellsEnds: false,
  keys: mailKeys,
  judge: judgeMail,
  loans: [
    [['tls_config', 'smtp_tls_config']],
    [['smarthost', 'smtp_smarthost']],
    [['from', 'smtp_from']],
    [['hello', 'smtp_hello']],
    [['auth_username', 'smtp_auth_username']],
    lentWithFile('auth_password', 'smtp'),
    lentWithFile('auth_secret', 'smtp'),
    [['auth_identity', 'smtp_auth_identity']],
    [['require_tls', 'smtp_require_tls']],
    [['force_implicit_tls', 'smtp_force_implicit_tls']],
  ],
  needs: [['smarthost'], ['from']],
})

function judgeMail(part: Part<typeof mailKeys>): void {
  atLeastOne(part, 'to')
  const names = [...(part.values.headers?.keys() ?? [])].map(name => name.toLowerCase())
  const twin = names.find((name, at) => names.indexOf(name) !== at)
  const refuse = (wanted: string, found: string): void =>
    complain(placeOf(part, 'headers'), part.at, { wanted, found })
  if (twin !== undefined) refuse('each header once', `${twin} twice`)
  if (part.values.threading?.enabled !== true) return
  for (const name of ['references', 'in-reply-to'])
    if (names.includes(name)) refuse(`no header ${name} beside threading`, 'one')
}

const pagerdutyKeys = {
  http_config: httpConfig,
  service_key: secret,
  service_key_file: text,
  routing_key: secret,
  routing_key_file: text,
  url,
  client: text,
  client_url: text,
  description: text,
  details: mapOf(anything),
  images: list(shape({ src: text, alt: text, href: text })),
  links: list(shape({ href: text, text })),
  source: text,
  severity: text,
  class: text,
  component: text,
  group: text,
  timeout: goDurationMs,
}

const pagerdutyDetails: ReadonlyMap<string, unknown> = new Map([
  ['firing', '{{ .Alerts.Firing | toJson }}'],
  ['resolved', '{{ .Alerts.Resolved | toJson }}'],
  ['num_firing', '{{ .Alerts.Firing | len }}'],
  ['num_resolved', '{{ .Alerts.Resolved | len }}'],
])

export const pagerduty = kind({
  channel: 'pagerduty',
  tellsEnds: true,
  keys: pagerdutyKeys,
  judge(part) {
    atLeastOne(part, 'routing_key', 'service_key', 'routing_key_file', 'service_key_file')
    atMostOne(part, 'routing_key', 'routing_key_file')
    atMostOne(part, 'service_key', 'service_key_file')
  },
  loans: [http, [['url', 'pagerduty_url']]],
  // Not words, but what rules over there go by.
  complete: part => ({
    ...part,
    values: { ...part.values, details: new Map([...pagerdutyDetails, ...(part.values.details ?? [])]) },
  }),
})

const slackField = shape({ title: text, value: text, short: flag }, part => {
  atLeastOne(part, 'title')
  atLeastOne(part, 'value')
})
const slackConfirm = shape({ text, title: text, ok_text: text, dismiss_text: text }, part =>
  atLeastOne(part, 'text'),
)
const slackAction = shape(
  { type: text, text, url: text, style: text, name: text, value: text, confirm: slackConfirm },
  part => {
    atLeastOne(part, 'type')
    atLeastOne(part, 'text')
    atLeastOne(part, 'url', 'name')
  },
)

const slackKeys = {
  http_config: httpConfig,
  api_url: secretUrl,
  api_url_file: text,
  app_token: secret,
  app_token_file: text,
  app_url: url,
  channel: text,
  username: text,
  color: text,
  title: text,
  title_link: text,
  pretext: text,
  text,
  message_text: text,
  fields: list(slackField),
  short_fields: flag,
  footer: text,
  fallback: text,
  callback_id: text,
  icon_emoji: text,
  icon_url: text,
  image_url: text,
  thumb_url: text,
  link_names: flag,
  mrkdwn_in: list(text),
  actions: list(slackAction),
  timeout: goDurationMs,
}

const hooks = lentWithFile('api_url', 'slack')
const tokens = lentWithFile('app_token', 'slack')

export const slack = kind({
  channel: 'slack',
  tellsEnds: false,
  keys: slackKeys,
  judge(part) {
    atMostOne(part, 'api_url', 'api_url_file')
    atMostOne(part, 'app_token', 'app_token_file')
    for (const hook of ['api_url', 'api_url_file'] as const)
      for (const token of ['app_token', 'app_token_file'] as const) atMostOne(part, hook, token)
  },
  loans: [[['app_url', 'slack_app_url']]],
  // A token of `global` counts only where nothing here says how to log in.
  complete(part, global) {
    const isFree = part.values.api_url === undefined && part.values.http_config?.authorization === undefined
    const whole = borrow(borrow(isFree ? borrow(part, tokens, global) : part, hooks, global), http, global)
    const hasToken = isGiven(whole.values.app_token) || isGiven(whole.values.app_token_file)
    if (hasToken && whole.values.http_config?.authorization !== undefined)
      complain(placeOf(part, 'http_config'), part.at, {
        wanted: 'no authorization beside the token of an app',
        found: 'both',
      })
    return whole
  },
  needs: [['api_url', 'api_url_file', 'app_token', 'app_token_file']],
})

const telegramKeys = {
  http_config: httpConfig,
  api_url: url,
  bot_token: secret,
  bot_token_file: text,
  chat_id: whole(Number.NEGATIVE_INFINITY),
  chat_id_file: text,
  message_thread_id: whole(Number.NEGATIVE_INFINITY),
  message: text,
  disable_notifications: flag,
  parse_mode: oneOf('', 'Markdown', 'MarkdownV2', 'HTML'),
}

export const telegram = kind({
  channel: 'telegram',
  tellsEnds: true,
  keys: telegramKeys,
  judge(part) {
    atMostOne(part, 'bot_token', 'bot_token_file')
    exactlyOne(part, 'chat_id', 'chat_id_file')
  },
  loans: [http, [['api_url', 'telegram_api_url']], lentWithFile('bot_token', 'telegram')],
  needs: [['bot_token', 'bot_token_file']],
})

export const hookKeys = {
  http_config: httpConfig,
  webhook_url: secretUrl,
  webhook_url_file: text,
  title: text,
  text,
}

export const judgeHook = <K extends Keys & typeof hookKeys>(part: Part<K>): void =>
  exactlyOne(part, 'webhook_url', 'webhook_url_file')

const discordKeys = {
  http_config: httpConfig,
  webhook_url: secretUrl,
  webhook_url_file: text,
  content: text,
  title: text,
  message: text,
  username: text,
  avatar_url: text,
}

export const discord = kind({
  channel: 'discord',
  tellsEnds: true,
  keys: discordKeys,
  judge: part => exactlyOne(part, 'webhook_url', 'webhook_url_file'),
  loans: [http],
})

export const teams = kind({
  channel: 'teams',
  tellsEnds: true,
  keys: hookKeys,
  judge: judgeHook,
  loans: [http],
})

const mattermostAttachment = shape({
  fallback: text,
  color: text,
  pretext: text,
  text,
  author_name: text,
  author_link: text,
  author_icon: text,
  title: text,
  title_link: text,
  fields: list(slackField),
  thumb_url: text,
  footer: text,
  footer_icon: text,
  image_url: text,
})

const mattermostKeys = {
  http_config: httpConfig,
  webhook_url: secretUrl,
  webhook_url_file: text,
  channel: text,
  username: text,
  text,
  icon_url: text,
  icon_emoji: text,
  attachments: list(mattermostAttachment),
  type: text,
  props: shape({ card: text }),
  priority: shape({ priority: text, requested_ack: flag, persistent_notifications: flag }),
}

export const mattermost = kind({
  channel: 'mattermost',
  tellsEnds: true,
  keys: mattermostKeys,
  judge: part => exactlyOne(part, 'webhook_url', 'webhook_url_file'),
  loans: [http],
})

const sigv4 = shape(
  {
    region: text,
    access_key: text,
    secret_key: secret,
    profile: text,
    role_arn: text,
    external_id: text,
    session_name: text,
    tags: mapOf(text),
    use_fips_sts_endpoint: flag,
    service_name: text,
  },
  part => {
    if (isGiven(part.values.access_key)) atLeastOne(part, 'secret_key')
    if (isGiven(part.values.secret_key)) atLeastOne(part, 'access_key')
    for (const key of ['external_id', 'session_name', 'tags'] as const)
      if (isGiven(part.values[key])) atLeastOne(part, 'role_arn')
  },
)

const snsKeys = {
  http_config: httpConfig,
  api_url: text,
  sigv4,
  topic_arn: text,
  phone_number: text,
  target_arn: text,
  subject: text,
  message: text,
  attributes: mapOf(text),
}

export const sns = kind({
  channel: 'sms-sns',
  tellsEnds: true,
  keys: snsKeys,
  judge: part => exactlyOne(part, 'target_arn', 'topic_arn', 'phone_number'),
  loans: [http],
})
