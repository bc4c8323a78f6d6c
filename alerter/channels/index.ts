// The table of channels: the name that a configuration uses, and the folder that knows how. A new channel is its folder
// and one line here.
import type { Channel } from '../channel.ts'
import { channel as dingtalk } from './dingtalk/index.ts'
import { channel as discord } from './discord/index.ts'
import { channel as feishu } from './feishu/index.ts'
import { channel as mail } from './mail/index.ts'
import { channel as mattermost } from './mattermost/index.ts'
import { channel as pagerduty } from './pagerduty/index.ts'
import { channel as slack } from './slack/index.ts'
import { channel as smsAliyun } from './sms-aliyun/index.ts'
import { channel as smsHttp } from './sms-http/index.ts'
import { channel as smsSmpp } from './sms-smpp/index.ts'
import { channel as smsSns } from './sms-sns/index.ts'
import { channel as smsSpool } from './sms-spool/index.ts'
import { channel as smsTencent } from './sms-tencent/index.ts'
import { channel as smsTwilio } from './sms-twilio/index.ts'
import { channel as smsVonage } from './sms-vonage/index.ts'
import { channel as teams } from './teams/index.ts'
import { channel as telegram } from './telegram/index.ts'
import { channel as voiceAliyun } from './voice-aliyun/index.ts'
import { channel as voiceTencent } from './voice-tencent/index.ts'
import { channel as voiceTwilio } from './voice-twilio/index.ts'
import { channel as webPush } from './web-push/index.ts'
import { channel as webhook } from './webhook/index.ts'
import { channel as wecom } from './wecom/index.ts'

export const channels: Readonly<Record<string, Channel>> = {
  dingtalk,
  discord,
  feishu,
  mail,
  mattermost,
  pagerduty,
  slack,
  'sms-aliyun': smsAliyun,
  'sms-http': smsHttp,
  'sms-smpp': smsSmpp,
  'sms-sns': smsSns,
  'sms-spool': smsSpool,
  'sms-tencent': smsTencent,
  'sms-twilio': smsTwilio,
  'sms-vonage': smsVonage,
  teams,
  telegram,
  'voice-aliyun': voiceAliyun,
  'voice-tencent': voiceTencent,
  'voice-twilio': voiceTwilio,
  'web-push': webPush,
  webhook,
  wecom,
}
