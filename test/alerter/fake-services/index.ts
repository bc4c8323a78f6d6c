// The fakes by the name of their channel. Each call opens a fresh one, since they count.
import { smsAliyun, voiceAliyun } from './aliyun.ts'
import { dingtalk } from './dingtalk.ts'
import { discord } from './discord.ts'
import type { Fake } from './fake.ts'
import { feishu } from './feishu.ts'
import { mattermost } from './mattermost.ts'
import { pagerduty } from './pagerduty.ts'
import { slack } from './slack.ts'
import { smsHttp, smsSns, smsVonage } from './sms.ts'
import { teams } from './teams.ts'
import { telegram } from './telegram.ts'
import { smsTencent, voiceTencent } from './tencent.ts'
import { smsTwilio, voiceTwilio } from './twilio.ts'
import { webhook } from './webhook.ts'
import { wecom } from './wecom.ts'

export const fakes: Readonly<Record<string, () => Fake>> = {
  dingtalk,
  discord,
  feishu,
  mattermost,
  pagerduty,
  slack,
  'sms-aliyun': smsAliyun,
  'sms-http': smsHttp,
  'sms-sns': smsSns,
  'sms-tencent': smsTencent,
  'sms-twilio': smsTwilio,
  'sms-vonage': smsVonage,
  teams,
  telegram,
  'voice-aliyun': voiceAliyun,
  'voice-tencent': voiceTencent,
  'voice-twilio': voiceTwilio,
  webhook: () => webhook,
  wecom,
}
