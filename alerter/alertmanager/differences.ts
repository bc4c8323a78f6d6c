// What will be as it was when Plimsoll takes over a configuration of Alertmanager, and what will not: a table of
// differences, each with the configurations that it concerns. Called by `plimsoll check` on such a file; ways to tell that
// are not there are among the warnings of reading it.
import type { AlertmanagerConfig } from '../alertmanager.ts'
import type { Range } from '../interval.ts'
import type { Integration, Route } from '../route.ts'

export type Difference = Readonly<{ what: string; there: string; here: string }>

type Known = Difference & Readonly<{ concerns(config: AlertmanagerConfig): boolean }>

const always = (): boolean => true

const differences: readonly Known[] = [
  {
    what: 'Ends of alerts that are silenced, inhibited or muted',
    there: 'nobody is told while it lasts',
    here: 'whoever was told that it fires is told that it ended, unless send_resolved is false',
    concerns: always,
  },
  {
    what: 'A restart',
    there: 'what waited is lost until the sender repeats it',
    here: 'nothing is lost; at most the message that was on its way is repeated',
    concerns: always,
  },
  {
    what: 'More messages than a service takes',
    there: 'they are tried for a while and then given up',
    here: 'they merge into a digest, which is told when the service takes it',
    concerns: always,
  },
  {
    what: 'Several Alertmanagers that know of each other (--cluster.*)',
    there: 'they gossip, and tell twice when they cannot',
    here: 'the flags are accepted; one process owns the telling, and another takes over by the database',
    concerns: always,
  },
  {
    what: 'Inhibition by several alerts with the same equal labels',
    there: 'of them 0.31 looks at one only, which may have ended or match both sides',
    here: 'any of them that fires is enough',
    concerns: ({ inhibitions }) => inhibitions.length > 0,
  },
  {
    what: 'The last days of a month in which the clocks go forward (days_of_month: -1 or 31)',
    there: 'that month counts as a day shorter: -1 is the day before its last, and 31 no day of it',
    here: 'they are the last days of the month',
    concerns: ({ intervals }) =>
      [...intervals.values()]
        .flat()
        .some(({ zone, daysOfMonth }) => zone !== 'UTC' && daysOfMonth?.some(isAtTheEnd) === true),
  },
  {
    what: 'Messages whose words the file does not state (title, text, message and the like)',
    there: "those of Alertmanager's default templates",
    here: `our own, with the value, the threshold and the page of the incident; the old ones by stating them, as in title: '{{ template "slack.default.title" . }}'`,
    concerns: config => integrationsOf(config).some(hasOurWords),
  },
  {
    what: 'Secrets that stand in files (*_file)',
    there: 'are read for each message',
    here: 'are read at the start and by a reload; one that cannot be read is looked for while messages wait for it',
    concerns: config => integrationsOf(config).some(({ settings }) => hasFile(settings)),
  },
]

// Some months in which they go forward have 30 days.
const isAtTheEnd = ({ to }: Range): boolean => to < 0 || to >= 30

const integrationsOf = ({ receivers }: AlertmanagerConfig): Integration[] =>
  [...receivers.values()].flatMap(({ integrations }) => integrations)

// What people read of a message, where Alertmanager has a default that says something.
const wordKeys: Readonly<Record<string, readonly string[]>> = {
  mail: ['html'],
  pagerduty: ['description'],
  slack: ['title'],
  'sms-sns': ['message'],
  telegram: ['message'],
  discord: ['title', 'message'],
  teams: ['title', 'text'],
  mattermost: ['text'],
}

const hasOurWords = ({ channel, settings }: Integration): boolean =>
  (wordKeys[channel] ?? []).some(key => (settings as Readonly<Record<string, unknown>>)[key] === undefined)

// Those of certificates are read when they are needed here too.
const hasFile = (settings: unknown): boolean =>
  typeof settings === 'object' &&
  settings !== null &&
  Object.entries(settings).some(
    ([key, value]) => /(?<!^ca|^cert|^key)_file$/.test(key) || (key !== 'tls_config' && hasFile(value)),
  )

const count = (number: number, one: string, many: string): string => `${number} ${number === 1 ? one : many}`

const routesIn = (route: Route): number => 1 + route.routes.reduce((sum, each) => sum + routesIn(each), 0)

export type Comparison = Readonly<{ same: readonly string[]; different: readonly Difference[] }>

export function differencesOf(config: AlertmanagerConfig): Comparison {
  const { route, receivers, inhibitions, intervals } = config
  const ways = integrationsOf(config).length
  return {
    same: [
      `${count(routesIn(route), 'route', 'routes')}: an alert reaches the same receivers, in the same groups, after the same waits`,
      `${count(receivers.size, 'receiver', 'receivers')} with ${count(ways, 'way', 'ways')} to tell them`,
      ...(inhibitions.length === 0 ? [] : [`${count(inhibitions.length, 'inhibition', 'inhibitions')}`]),
      ...(intervals.size === 0 ? [] : [`${count(intervals.size, 'time interval', 'time intervals')}`]),
      'silences, and the API that amtool, Prometheus and Grafana speak (/api/v2)',
    ],
    different: differences
      .filter(({ concerns }) => concerns(config))
      .map(({ what, there, here }) => ({ what, there, here })),
  }
}
