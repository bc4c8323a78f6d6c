// The table of Alertmanager's kinds of receivers that we have no channel for. They are read and checked as strictly as the
// others, so that a file is right or wrong for the same reasons as there. Called by receiver-kinds.ts.

import { flag, whole } from './bare.ts'
import { complain, list, mapOf, placeOf, shape } from './form.ts'
import { httpConfig } from './http-config.ts'
import { kind, lentWithFile } from './kind.ts'
import { anything, durationMs, goDurationMs, oneOf, secret, secretUrl, text, url } from './scalars.ts'
import { hookKeys, judgeHook } from './sent-kinds.ts'
import { atLeastOne, atMostOne, exactlyOne, isGiven } from './together.ts'

const http = [['http_config', 'http_config']] as const

const responder = shape({ id: text, name: text, username: text, type: text }, part => {
  atLeastOne(part, 'id', 'username', 'name')
  const { type = '' } = part.values
  if (!type.includes('{{') && !/^(team|teams|user|escalation|schedule)$/i.test(type))
    complain(placeOf(part, 'type'), part.at, {
      wanted: 'one of team, teams, user, escalation, schedule',
      found: type || 'nothing',
    })
})

const opsgenieKeys = {
  http_config: httpConfig,
  api_key: secret,
  api_key_file: text,
  api_url: url,
  message: text,
  description: text,
  source: text,
  details: mapOf(text),
  entity: text,
  responders: list(responder),
  actions: text,
  tags: text,
  note: text,
  priority: text,
  update_alerts: flag,
}

export const opsgenie = kind({
  tellsEnds: true,
  keys: opsgenieKeys,
  judge: part => atMostOne(part, 'api_key', 'api_key_file'),
  loans: [http, [['api_url', 'opsgenie_api_url']], lentWithFile('api_key', 'opsgenie')],
  needs: [['api_key', 'api_key_file']],
})

const wechatKeys = {
  http_config: httpConfig,
  api_secret: secret,
  api_secret_file: text,
  corp_id: text,
  message: text,
  api_url: url,
  to_user: text,
  to_party: text,
  to_tag: text,
  agent_id: text,
  message_type: oneOf('', 'text', 'markdown'),
}

export const wechat = kind({
  instead: 'the robot of a WeCom group can be told: see channels',
  tellsEnds: false,
  keys: wechatKeys,
  judge: part => atMostOne(part, 'api_secret', 'api_secret_file'),
  loans: [
    http,
    [['api_url', 'wechat_api_url']],
    lentWithFile('api_secret', 'wechat'),
    [['corp_id', 'wechat_api_corp_id']],
  ],
  needs: [['api_secret', 'api_secret_file'], ['corp_id']],
})

const pushoverKeys = {
  http_config: httpConfig,
  user_key: secret,
  user_key_file: text,
  token: secret,
  token_file: text,
  title: text,
  message: text,
  url: text,
  url_title: text,
  device: text,
  sound: text,
  priority: text,
  retry: goDurationMs,
  expire: goDurationMs,
  ttl: goDurationMs,
  html: flag,
  monospace: flag,
}

export const pushover = kind({
  tellsEnds: true,
  keys: pushoverKeys,
  judge(part) {
    exactlyOne(part, 'user_key', 'user_key_file')
    exactlyOne(part, 'token', 'token_file')
    if (part.values.html === true && part.values.monospace === true) atMostOne(part, 'html', 'monospace')
  },
  loans: [http],
})

const reservedFields =
  /^(routing_key|message_type|state_message|entity_display_name|monitoring_tool|entity_id|entity_state)$/

const victoropsKeys = {
  http_config: httpConfig,
  api_key: secret,
  api_key_file: text,
  api_url: url,
  routing_key: text,
  message_type: text,
  state_message: text,
  entity_display_name: text,
  monitoring_tool: text,
  custom_fields: mapOf(text),
}

export const victorops = kind({
  tellsEnds: true,
  keys: victoropsKeys,
  judge(part) {
    atLeastOne(part, 'routing_key')
    atMostOne(part, 'api_key', 'api_key_file')
    for (const name of part.values.custom_fields?.keys() ?? []) {
      if (!reservedFields.test(name)) continue
      complain(placeOf(part, 'custom_fields'), part.at, { wanted: 'fields that are not fixed', found: name })
    }
  },
  loans: [http, [['api_url', 'victorops_api_url']], lentWithFile('api_key', 'victorops')],
  needs: [['api_key', 'api_key_file']],
})

const webexKeys = { http_config: httpConfig, api_url: url, message: text, room_id: text }

export const webex = kind({
  tellsEnds: true,
  keys: webexKeys,
  judge(part) {
    atLeastOne(part, 'room_id')
    const login = part.values.http_config
    if (
      login?.authorization === undefined &&
      login?.bearer_token === undefined &&
      !isGiven(login?.bearer_token_file)
    )
      complain(part.map.place, part.at, { wanted: 'http_config with authorization', found: 'none' })
  },
  loans: [http, [['api_url', 'webex_api_url']]],
})

const oldTeamsKeys = { ...hookKeys, summary: text }

export const oldTeams = kind({
  instead: 'Microsoft has retired these addresses: make one by Workflows, and name it in msteamsv2_configs',
  tellsEnds: true,
  keys: oldTeamsKeys,
  judge: judgeHook,
  loans: [http],
})

const jiraParts = shape({ template: text, enable_update: flag })
// A text alone is its template.
const jiraField: typeof jiraParts = (tree, at) => {
  if (tree.kind !== 'scalar') return jiraParts(tree, at)
  const template = text(tree, at)
  return template === undefined ? undefined : { template }
}

const jiraKeys = {
  http_config: httpConfig,
  api_url: url,
  api_type: oneOf('auto', 'cloud', 'datacenter'),
  project: text,
  summary: jiraField,
  description: jiraField,
  labels: list(text),
  priority: text,
  issue_type: text,
  reopen_transition: text,
  resolve_transition: text,
  wont_fix_resolution: text,
  reopen_duration: durationMs,
  fields: mapOf(anything),
}

export const jira = kind({
  tellsEnds: true,
  keys: jiraKeys,
  judge(part) {
    atLeastOne(part, 'project')
    atLeastOne(part, 'issue_type')
  },
  loans: [http, [['api_url', 'jira_api_url']]],
  needs: [['api_url']],
})

const rocketchatKeys = {
  http_config: httpConfig,
  api_url: url,
  token_id: secret,
  token_id_file: text,
  token: secret,
  token_file: text,
  channel: text,
  color: text,
  title: text,
  title_link: text,
  text,
  fields: list(shape({ short: flag, title: text, value: text })),
  short_fields: flag,
  emoji: text,
  icon_url: text,
  image_url: text,
  thumb_url: text,
  link_names: flag,
  actions: list(
    shape({
      type: text,
      text,
      url: text,
      imageurl: text,
      iswebview: flag,
      webviewheightratio: text,
      msg: text,
      msginchatwindow: flag,
      msgprocessingtype: text,
    }),
  ),
}

export const rocketchat = kind({
  tellsEnds: false,
  keys: rocketchatKeys,
  judge(part) {
    atMostOne(part, 'token', 'token_file')
    atMostOne(part, 'token_id', 'token_id_file')
  },
  loans: [
    http,
    [['api_url', 'rocketchat_api_url']],
    lentWithFile('token_id', 'rocketchat'),
    lentWithFile('token', 'rocketchat'),
  ],
  needs: [
    ['token', 'token_file'],
    ['token_id', 'token_id_file'],
  ],
})

const incidentioKeys = {
  http_config: httpConfig,
  url: secretUrl,
  url_file: text,
  alert_source_token: secret,
  alert_source_token_file: text,
  max_alerts: whole(0),
  timeout: goDurationMs,
}

export const incidentio = kind({
  tellsEnds: true,
  keys: incidentioKeys,
  judge(part) {
    exactlyOne(part, 'url', 'url_file')
    atMostOne(part, 'alert_source_token', 'alert_source_token_file')
    const { http_config: login, alert_source_token: token, alert_source_token_file: file } = part.values
    const hasToken = isGiven(token) || isGiven(file)
    const hasLogin =
      login?.authorization !== undefined || isGiven(login?.bearer_token) || isGiven(login?.bearer_token_file)
    const wanted = 'one of alert_source_token, alert_source_token_file and http_config.authorization'
    if (hasToken && hasLogin) complain(part.map.place, part.at, { wanted, found: 'two of them' })
    if (login !== undefined && !hasToken && !hasLogin)
      complain(part.map.place, part.at, { wanted, found: 'none' })
  },
  loans: [http],
})
