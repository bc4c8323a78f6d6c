// All kinds of receivers that Alertmanager 0.31 knows, by their keys, and the settings of those that we send. Called by
// receivers.ts; the types by whoever hands settings to a channel.
import type { Kind, SettingsOf } from './kind.ts'
import {
  incidentio,
  jira,
  oldTeams,
  opsgenie,
  pushover,
  rocketchat,
  victorops,
  webex,
  wechat,
} from './other-kinds.ts'
import { discord, mail, mattermost, pagerduty, slack, sns, teams, telegram, webhook } from './sent-kinds.ts'

// In the order in which Alertmanager tells them.
export const receiverKinds = {
  webhook_configs: webhook,
  email_configs: mail,
  incidentio_configs: incidentio,
  pagerduty_configs: pagerduty,
  opsgenie_configs: opsgenie,
  wechat_configs: wechat,
  slack_configs: slack,
  victorops_configs: victorops,
  pushover_configs: pushover,
  sns_configs: sns,
  telegram_configs: telegram,
  discord_configs: discord,
  webex_configs: webex,
  msteams_configs: oldTeams,
  msteamsv2_configs: teams,
  jira_configs: jira,
  rocketchat_configs: rocketchat,
  mattermost_configs: mattermost,
} as const satisfies Record<string, Kind>

// As the file states them, with what `global` adds, under the file's own names. Times are milliseconds. A secret that
// stands in a file is there beside the path where it could be read. Words that are left out are ours to choose.
export type SettingsByChannel = Readonly<{
  webhook: SettingsOf<typeof webhook>
  mail: SettingsOf<typeof mail>
  pagerduty: SettingsOf<typeof pagerduty>
  slack: SettingsOf<typeof slack>
  'sms-sns': SettingsOf<typeof sns>
  telegram: SettingsOf<typeof telegram>
  discord: SettingsOf<typeof discord>
  teams: SettingsOf<typeof teams>
  mattermost: SettingsOf<typeof mattermost>
}>
