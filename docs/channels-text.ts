// docs/channels.md: what each channel promises, and all of its settings, from the table of channels. Called by generate.ts.
import { type ConfigKey, schemaKeys } from '#core/config/reference.ts'
import { receiverKinds } from '../alerter/alertmanager/receiver-kinds.ts'
import type { About, Budget, Channel } from '../alerter/channel.ts'
import { endsByDefault } from '../alerter/channel-config.ts'
import { channels } from '../alerter/channels/index.ts'
import { http } from '../alerter/http-settings.ts'
import { approvalText } from './approval-text.ts'
import { callbacksText } from './callbacks-text.ts'

type Entry = Readonly<{ name: string; channel: Channel; about: About }>

const entries = (): Entry[] =>
  Object.entries(channels).map(([name, channel]) => {
    if (channel.about === undefined) throw new Error(`the channel ${name} does not say what it is`)
    return { name, channel, about: channel.about }
  })

const cell = (text: string): string => text.replaceAll('|', '\\|')
const row = (...cells: readonly string[]): string => `| ${cells.join(' | ')} |`
const table = (heads: readonly string[], rows: readonly string[]): string =>
  [row(...heads), `|${'---|'.repeat(heads.length)}`, ...rows].join('\n')

const spans = [
  ['a second', 1_000],
  ['a minute', 60_000],
  ['an hour', 3_600_000],
  ['a day', 86_400_000],
] as const

// In the span of the budget, else in the shortest one in which at least one is gained.
function budgetText(budget: Budget): string {
  const { times, reserve } = budget
  const kept = reserve > 0 ? ` (${reserve} kept for what pages)` : ''
  if ('per' in budget) return `${times} in a calendar month${kept}`
  const { perMs } = budget
  const own = spans.find(([, each]) => each === perMs)
  const [name, ms] = own ?? spans.find(([, each]) => (times * each) / perMs >= 1) ?? spans.at(-1)!
  return `${times} at once, ${Math.round((times * ms) / perMs)} ${name}${kept}`
}

const budgetsText = ({ channel, about }: Entry): string =>
  channel.budgets(channel.settings.parse(about.example)).map(budgetText).join('; ') || 'no limit'

// By the kind of receiver in Alertmanager's file that becomes it.
function endsText(name: string): string {
  if (!endsByDefault(name)) return 'no'
  const [key, kind] = Object.entries(receiverKinds).find(([, each]) => each.channel === name) ?? []
  return kind?.tellsEnds === false ? `yes; not in \`${key}\`` : 'yes'
}

const yes = (isSo: boolean): string => (isSo ? 'yes' : 'no')

const contractRow = (entry: Entry): string => {
  const { name, channel, about } = entry
  const { success, size, proof, pictures, follows, receipts } = about
  const cells = [
    success,
    budgetsText(entry),
    size,
    proof,
    yes(channel.digests !== false),
    yes(pictures),
    follows ?? 'apart',
    receipts ?? 'none',
    endsText(name),
  ]
  return row(`[\`${name}\`](#${name})`, ...cells.map(cell))
}

const contractHeads = [
  'channel',
  'it has the message when',
  'budget',
  'most of one message',
  'proves that it is from us',
  'digests',
  'picture',
  'what follows',
  'receipts',
  'tells ends',
]

const defaultText = (value: unknown): string =>
  typeof value === 'string' ? `\`${value === '' ? "''" : value}\`` : `\`${JSON.stringify(value)}\``

function settingRow({ path, kind, required, secret, description, default: usual }: ConfigKey): string {
  const standard = required ? '**needed**' : usual === undefined ? '' : defaultText(usual)
  const isSecret = secret && kind !== 'secret'
  return row(`\`${path}\``, isSecret ? `${kind}, secret` : kind, standard, cell(description))
}

const settingHeads = ['key', 'value', 'default', 'meaning']

const httpRow = row(
  '`http_config`',
  'map',
  '',
  'How the service is reached: [as in Alertmanager](#how-a-service-is-reached).',
)

function settingsTable(keys: readonly ConfigKey[]): string {
  const own = keys.filter(({ path }) => !path.startsWith('http_config.'))
  return table(settingHeads, [...own.map(settingRow), ...(own.length < keys.length ? [httpRow] : [])])
}

// YAML on one line, with quotes around all texts.
function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).map(([key, each]) => `${key}: ${flow(each)}`)
  return `{${entries.join(', ')}}`
}

const section = ({ name, channel, about }: Entry): string =>
  [
    `### ${name}`,
    about.is,
    `\`\`\`yaml\nchannels:\n  ops: {${name}: ${flow(about.example)}}\n\`\`\``,
    settingsTable(schemaKeys(channel.settings)),
  ].join('\n\n')

const intro = `# Channels

A channel is a way to tell people. It has a name of its own under \`channels\` in plimsoll.yml, which is what routes call a
receiver, and a kind: a folder below \`alerter/channels\`.

\`\`\`yaml
external_url: https://plimsoll.example.org   # for the links in messages
channels:
  ops-robot: {dingtalk: {url: "\${DINGTALK_URL}", secret: "\${DINGTALK_SECRET}"}}
  ops-mail: {mail: {to: ops@example.org, smarthost: "mail.example.org:587", from: plimsoll@example.org}}
  default: {failover: [ops-robot, ops-mail], within: 60s}
\`\`\`

\`failover\` tries the next when one fails, is broken or takes longer than \`within\`; \`all\` tells all of them. Where a
budget is used up, or a service says for how long it has had too much of us (429, or a code of its own), only what pages
goes on to the next, and the rest waits. \`ends\` beside a kind says whether it is told that something ended; where it is
left out, calls are not made for that, and all others tell it. Without a tree of routes \`default\` is told, or the only
one that no other names. \`plimsoll check\` says what is missing or wrong, with its line.

Secrets are best written as \`\${NAME}\` or \`\${file:path}\`. Settings that are called templates are those of Alertmanager;
without them our own words are sent, in \`language\`, shortened until they fit. Beside Alertmanager's data they know
\`.Incident\`, \`.Link\`, and \`.AcknowledgedBy\` with \`.AcknowledgedAt\` once somebody has taken the incident over (empty until
then): \`{{ if .AcknowledgedBy }}{{ .AcknowledgedBy }}, {{ .AcknowledgedAt.Local.Format "15:04" }}{{ end }}\`.`

const pictures = `## The last hour

Where a channel takes pictures, a message shows the last hour of what its alerts are about: the lines (five in colours, more
are grey), the number that the rule compares with, what is beyond it, and a flag where it began. The numbers come from the
store of this service, by the expression in the alert's link, so an alert that somebody posts has a picture when its
\`generatorURL\` holds one (\`g0.expr\`, as Prometheus writes it) whose series are here. A picture never holds a message up:
it is left out when it is not there within 0.3 s, in digests, while more than twenty messages wait, and when a message
that did not get through with it is tried again. On a fleet the process needs the role \`query\` beside \`alerter\`.
\`pictures: false\` beside the settings of a channel switches it off, at the top of plimsoll.yml for all. WeCom counts a
picture as a message of its own, so there it is off unless it is asked for, and follows the message. At Slack it follows in
the thread of the message, where an app with a token writes that may write files. What becomes of one that follows changes
nothing of the message.
PagerDuty, Mattermost, DingTalk, Feishu and Slack's webhooks want an address, or an app's upload, and have none.`

const contractIntro = `## What each promises

**Budget** is what leaves by one robot, key or number; it is less than what the services publish, because a bucket that is
full lets its content through beside what it gains in the same minute. What waits for it is merged; what cannot wait
becomes a digest that names it, where the channel has digests; one that is refused goes by the next way, or by halves. **Accepted** means
that the service has the message and may yet fail to deliver it: where there are receipts, \`receipt_within\` beside
\`failover\` waits for them. **Tells ends** can be changed by \`ends\`, or by \`send_resolved\` in Alertmanager's file, whose
defaults are kept.`

const settingsIntro = `## Settings of each

A key without a default may be left out, unless it is needed. Secrets are printed nowhere.`

export function channelsText(): string {
  const parts = [
    intro,
    pictures,
    contractIntro,
    table(contractHeads, entries().map(contractRow)),
    settingsIntro,
    ...entries().map(section),
    '### How a service is reached',
    '`http_config` of all channels that speak HTTP, in the words of Alertmanager.',
    settingsTable(schemaKeys(http)),
    callbacksText(),
    approvalText(),
  ]
  return `${parts.join('\n\n')}\n`
}
