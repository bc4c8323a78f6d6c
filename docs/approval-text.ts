// The texts that providers of SMS and voice approve before anything is sent, with the values that reviewers ask for.
// Called by channels-text.ts; the test holds them against what is really sent.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how Aliyun writes variables
import { type Message, noneTruncated } from '../alerter/message.ts'
import { variableNames, variablesOf } from '../alerter/sms/variables.ts'

type Approval = Readonly<{ title: string; text: string }>

// Each is right for what fires, for what ended, for what nobody knows and for notices, unless its title says otherwise. No
// two variables touch, which providers refuse.
export const approvals: readonly Approval[] = [
  {
    title: 'Notification, one for all (短信通知)',
    text: '${state}：位置 ${where}，${what}，时间 ${since}，编号 ${number}。详情请登录值班平台查看。',
  },
  {
    title: 'What fires, where replies (上行) are open',
    text: '${state}：位置 ${where}，${what}，时间 ${since}。编号 ${number}，回复 1 空格加编号认领。',
  },
  {
    title: 'What ended (`template_code_resolved`, `template_id_resolved`)',
    text: '${state}：位置 ${where}，${what}，始于 ${since}，编号 ${number}，告警已结束。',
  },
  {
    title: 'Voice (语音通知)',
    text: '您好，这里是运维告警。${state}，位置 ${where}，${what}，时间 ${since}，编号 ${number}，请查看值班平台。',
  },
  {
    title: 'International',
    text: '${state}: at ${where}, ${what}, since ${since}. Number ${number}.',
  },
]

const startMs = Date.UTC(2026, 10, 20, 19, 12)

const sample: Message = {
  id: 'sample',
  kind: 'alerts',
  status: 'firing',
  urgency: 'page',
  receiver: 'ops',
  groupKey: '{}:{}',
  groupLabels: {},
  commonLabels: {},
  commonAnnotations: {},
  alerts: [
    {
      fingerprint: '0',
      status: 'firing',
      labels: { alertname: 'DiskFull', host: 'db-7.example.org' },
      annotations: { summary: '根分区已用 96 %' },
      startsAtMs: startMs,
      endsAtMs: null,
      stale: false,
      value: '96',
      threshold: '> 90',
      generatorUrl: '',
      tried: [],
    },
  ],
  truncated: noneTruncated,
  incident: 4711,
  link: null,
  externalUrl: '',
  language: 'zh',
  timeZone: 'Asia/Shanghai',
  atMs: startMs,
  title: '',
  text: '',
  picture: null,
}

const charsMax = 35

export function approvalText(): string {
  const values = variablesOf(sample, charsMax)
  return [
    '## Texts for the approval of SMS and voice templates',
    introOf(variableNames),
    ...approvals.map(({ title, text }) => `${title}:\n\n> ${text}`),
    'For the reviewer (申请说明):',
    '> 本模板用于向本单位运维值班人员发送服务器故障与恢复通知，接收人均为内部员工。变量依次为：状态（告警、已认领、已恢复、数据中断、通知）、主机名、故障描述、开始时间、事件编号；不含链接、网址、IP 与营销内容。',
    `Sample values: ${variableNames.map(name => `${name}=${values[name]}`).join(', ')}.`,
  ].join('\n\n')
}

const introOf = (names: readonly string[]): string => {
  const numbered = names.map((_, at) => `\`{${at + 1}}\``).join(', ')
  return `Chinese SMS may carry neither links nor addresses: it carries the number of the incident, and the first name of the
host. \`\${…}\` is Aliyun's form; for Tencent write ${numbered} in the order ${names.join(', ')}.
A template that has fewer, or others, is told under \`variables\` or \`parameters\`.`
}
