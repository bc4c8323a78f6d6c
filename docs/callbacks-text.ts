// What to enter at each service so that it calls back, and what that is good for. Called by channels-text.ts; the test
// holds the table against the channels that hear.

type Entered = Readonly<{ at: string; proof: string; tells: string }>

const byKey = '`callback_key` in the address; the service signs nothing'

// By the kind of channel. NAME is the name under `channels`, KEY the `callback_key`.
export const entered: Readonly<Record<string, Entered>> = {
  'sms-twilio': {
    at: 'For receipts nothing. For replies: Phone Numbers, the number, *A message comes in*: webhook, POST, `…/NAME`.',
    proof: 'signed with `auth_token`; with an API key state `signing_token`',
    tells: 'whether each number was reached; `1 4711`',
  },
  'voice-twilio': {
    at: 'Nothing.',
    proof: 'signed with `auth_token`; with an API key state `signing_token`',
    tells: 'whether somebody picked up; 1 pressed',
  },
  'sms-vonage': {
    at: 'For receipts nothing. For replies: Numbers, the number, *Inbound Webhook URL*: `…/NAME/KEY`; GET and POST will do.',
    proof: '`callback_key` in the address, or signed with `signature_secret`, or both',
    tells: 'whether each number was reached; `1 4711`',
  },
  'sms-aliyun': {
    at: '短信服务控制台，通用设置，HTTP 批量推送模式：SmsReport 与 SmsUp 均填 `…/NAME/KEY`。',
    proof: byKey,
    tells: 'whether each number was reached; `1 4711`, where replies (上行) are open',
  },
  'voice-aliyun': {
    at: '语音服务控制台，HTTP 批量推送模式：VoiceReport 填 `…/NAME/KEY`。',
    proof: byKey,
    tells: 'whether somebody picked up',
  },
  'sms-tencent': {
    at: '短信控制台，应用管理，事件回调：短信下发状态回调与短信回复回调均填 `…/NAME/KEY`。',
    proof: byKey,
    tells: 'whether each number was reached; `1 4711`, where replies are open',
  },
  'voice-tencent': {
    at: '语音消息控制台，应用，回调配置：填 `…/NAME/KEY`。',
    proof: byKey,
    tells: 'whether somebody picked up; 1 pressed, where the template asks for it',
  },
  pagerduty: {
    at: 'Integrations, Generic Webhooks (v3): `…/NAME`, event `incident.acknowledged`; its secret becomes `webhook_secret`.',
    proof: 'signed with `webhook_secret`',
    tells:
      'who has acknowledged the incident there, and when: before it began here is not believed, so set the clock',
  },
}

const row = (...cells: readonly string[]): string => `| ${cells.join(' | ')} |`

export const callbacksText = (): string =>
  [
    '## What services tell us',
    `A service that has taken a message can say later whether it arrived, and pass on what people answer. It calls

\`\`\`
https://plimsoll.example.org/api/plimsoll/v1/callbacks/NAME
\`\`\`

below \`external_url\`, where NAME is the name of the channel, or of the receiver in Alertmanager's file. No token is
wanted: the service proves itself by a signature, or by a key at the end of the address that you make up
(\`openssl rand -hex 24\`) and that nobody else knows. A signature is made over the address to the letter, so \`external_url\`
must be what the service calls, whatever a proxy makes of it. Let a proxy pass these addresses, and no others, if people
reach Plimsoll from inside only. Where \`external_url\` is plainly an address of this network, services are not
asked to call. If it only looks public, Twilio refuses messages with error 21609: state \`status_callback: false\`.`,
    [
      row('channel', 'enter at the service', 'proof', 'tells'),
      '|---|---|---|---|',
      ...Object.entries(entered).map(([name, { at, proof, tells }]) => row(`\`${name}\``, at, proof, tells)),
    ].join('\n'),
    `\`sms-smpp\` hears receipts and replies on its own line, and at any time with \`listen: true\`; \`sms-spool\` reads replies
from the folder \`inbox\`.

- **Receipts** stand among the facts of the incident, with the number and, where that took long, how long it took. With
  \`receipt_within\` beside a \`failover\` an urgent message waits for them: one number that was reached ends it, when all
  have failed or the time is over the next way is told. A restart changes nothing of it.
- **Replies**: \`1 4711\` (also \`ack 4711\`, \`认领 4711\`) acknowledges incident 4711, once for each who does; the page of the
  incident and \`plimsoll alerts why\` say who. The next message of the incident says so too, while it fires: by name, or by
  the last four digits of the number. Only numbers are believed that a channel tells; others are counted. Who
  names an incident that is none is answered, where the service passes an answer on.
- **Numbers**: \`plimsoll_alerter_callbacks_total\` counts calls, forged ones too; \`plimsoll_alerter_inbound_total\` what
  they said.
- On a fleet any process takes replies; receipts are taken by the one that has the turn, others answer 503. A receipt
  that was lost so is one that did not come.`,
  ].join('\n\n')
