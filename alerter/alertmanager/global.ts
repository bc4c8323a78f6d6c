// `global`: what receivers take where they state nothing themselves. Called by the reader of the configuration and by the
// kinds of receivers.

import { flag } from './bare.ts'
import { complain, type Part, placeOf, type Reader, readPart, type Values, withFiles } from './form.ts'
import { httpConfig, tlsConfig } from './http-config.ts'
import { durationMs, hostPort, secret, secretUrl, text, url } from './scalars.ts'
import { atMostOne, isGiven } from './together.ts'

const globalKeys = {
  resolve_timeout: durationMs,
  http_config: httpConfig,
  jira_api_url: url,
  smtp_from: text,
  smtp_hello: text,
  smtp_smarthost: hostPort,
  smtp_auth_username: text,
  smtp_auth_password: secret,
  smtp_auth_password_file: text,
  smtp_auth_secret: secret,
  smtp_auth_secret_file: text,
  smtp_auth_identity: text,
  smtp_require_tls: flag,
  smtp_tls_config: tlsConfig,
  smtp_force_implicit_tls: flag,
  slack_api_url: secretUrl,
  slack_api_url_file: text,
  slack_app_token: secret,
  slack_app_token_file: text,
  slack_app_url: url,
  pagerduty_url: url,
  opsgenie_api_url: url,
  opsgenie_api_key: secret,
  opsgenie_api_key_file: text,
  wechat_api_url: url,
  wechat_api_secret: secret,
  wechat_api_secret_file: text,
  wechat_api_corp_id: text,
  victorops_api_url: url,
  victorops_api_key: secret,
  victorops_api_key_file: text,
  telegram_api_url: url,
  telegram_bot_token: secret,
  telegram_bot_token_file: text,
  webex_api_url: url,
  rocketchat_api_url: url,
  rocketchat_token: secret,
  rocketchat_token_file: text,
  rocketchat_token_id: secret,
  rocketchat_token_id_file: text,
}
export type GlobalSettings = Values<typeof globalKeys>

const alternatives = [
  'slack_app_token',
  'slack_api_url',
  'opsgenie_api_key',
  'victorops_api_key',
  'telegram_bot_token',
  'smtp_auth_password',
  'smtp_auth_secret',
  'rocketchat_token',
  'rocketchat_token_id',
  'wechat_api_secret',
] as const

// Alertmanager's own.
export const globalDefaults = {
  resolve_timeout: 5 * 60_000,
  smtp_hello: 'localhost',
  smtp_require_tls: true,
  slack_app_url: 'https://slack.com/api/chat.postMessage',
  pagerduty_url: 'https://events.pagerduty.com/v2/enqueue',
  telegram_api_url: 'https://api.telegram.org',
  opsgenie_api_url: 'https://api.opsgenie.com/',
  wechat_api_url: 'https://qyapi.weixin.qq.com/cgi-bin/',
  victorops_api_url: 'https://alert.victorops.com/integrations/generic/20131114/alert/',
  webex_api_url: 'https://webexapis.com/v1/messages',
  rocketchat_api_url: 'https://open.rocket.chat/',
} satisfies GlobalSettings

export const readGlobal: Reader<GlobalSettings> = (tree, at) => {
  const part = readPart(tree, globalKeys, at)
  if (part === undefined) return undefined
  for (const key of alternatives) atMostOne(part, key, `${key}_file`)
  refuseTwoSlacks(part)
  return { ...globalDefaults, ...withFiles(part, globalKeys).values }
}

// The address of the app stands in both where a file is older than tokens.
function refuseTwoSlacks(part: Part<typeof globalKeys>): void {
  const { slack_api_url: hook, slack_app_url: app = globalDefaults.slack_app_url } = part.values
  const hasToken = isGiven(part.values.slack_app_token) || isGiven(part.values.slack_app_token_file)
  const hasHook = hook !== undefined || isGiven(part.values.slack_api_url_file)
  if (!hasToken || !hasHook || hook?.reveal() === app) return
  const wanted = 'at most one of slack_app_token, slack_app_token_file and slack_api_url, slack_api_url_file'
  complain(placeOf(part, 'slack_app_token'), part.at, { wanted, found: 'both' })
}
