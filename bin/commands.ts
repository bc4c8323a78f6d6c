// Every command: the one table that dispatch, help and shell completion are made from. The code of `token create`
// is commands/token-create.ts, loaded when it is called and not before. Add a command here and there.
import { alertmanagerFlags } from './alertmanager-flags.ts'
import type { Flag, Row } from './command.ts'
import { requestRows } from './request-rows.ts'
import { roleNames } from './roles.ts'

const config: Flag = { takes: 'FILE', says: 'the configuration instead of plimsoll.yml (PLIMSOLL_CONFIG)' }
const json: Flag = { says: 'print JSON, for programs' }

// Of commands that ask the running service.
const asking = {
  url: { takes: 'URL', says: 'ask this service instead of the one configured here (PLIMSOLL_URL)' },
  token: { takes: 'TOKEN', says: 'instead of the one in the data folder (PLIMSOLL_TOKEN)' },
  config,
  json,
} as const satisfies Record<string, Flag>

const scopeNames = ['read', 'write', 'operate', 'admin']

// What is supposed to be otherwise than configured.
const supposing = {
  growth: { takes: 'SHARE', says: 'what demand is multiplied by, or a share: 1.2 or 20%' },
  event: {
    takes: 'EVENT',
    says: 'days and a factor: 2026-11-10..2026-11-12=2.5; may be said again',
    many: true,
  },
  waterline: { takes: 'SHARE', says: 'another one for every resource, like 60%' },
  'lead-time': { takes: 'DURATION', says: 'between order and use, like 45d' },
  'unit-capacity': { takes: 'SIZE', says: 'what a new unit has: cpu=64; may be said again', many: true },
} as const satisfies Record<string, Flag>

export const commands: readonly Row[] = [
  {
    name: 'up',
    args: [],
    says: 'start the service',
    about:
      'Receives, stores and answers on one port, and watches this machine, until it is told to stop by Ctrl-C or SIGTERM. On a fleet each process does some of it, by its roles.',
    examples: [
      'plimsoll up',
      'plimsoll up --listen :1876 --data /var/lib/plimsoll',
      'plimsoll up --roles sink,query',
    ],
    flags: {
      config,
      listen: { takes: 'HOST:PORT', says: 'listen here, whatever the configuration says (PLIMSOLL_LISTEN)' },
      data: {
        takes: 'FOLDER',
        says: 'keep everything here, whatever the configuration says (PLIMSOLL_DATA)',
      },
      roles: {
        takes: 'LIST',
        says: `what this process does: ${roleNames.join(', ')}; left out: everything`,
        values: roleNames,
      },
    },
  },
  {
    name: 'alertmanager',
    args: [],
    says: "take Alertmanager's place, with its flags and its file",
    about:
      "The alerter by itself: Alertmanager's API, routing and silences, on its port, open to everyone without a token as there. Flags that have no meaning here are accepted; one that would open a door by being ignored is refused. SIGHUP and POST /-/reload read the file again; a bad one is refused.",
    examples: [
      'plimsoll alertmanager --config.file=/etc/alertmanager/alertmanager.yml --storage.path=/var/lib/alertmanager',
      'plimsoll alertmanager --web.listen-address=127.0.0.1:9093 --web.external-url=https://alerts.example.org/am/',
    ],
    flags: alertmanagerFlags,
    isForeign: true,
  },
  {
    name: 'check',
    args: ['[FILE…]'],
    says: 'check the configuration and its rule files, and show every problem',
    about:
      'FILE is a configuration or a file of rules; without one, the configuration in use. Each problem comes with file, line, column, what was wanted and what was found. Exit code 1 when there are any.',
    examples: [
      'plimsoll check',
      'plimsoll check /etc/plimsoll/plimsoll.yml --json',
      'plimsoll check rules.d/*.yml --strict',
      'plimsoll check rules.d/*.yml --live',
    ],
    flags: {
      strict: { says: 'look for metrics that nobody writes too, and take every warning for a problem' },
      live: {
        says: 'ask the running service which selectors of rules found nothing in the last day, and which pools lack history',
      },
      ...asking,
    },
  },
  {
    name: 'test',
    args: ['FILE…'],
    says: 'run unit tests of rules',
    about:
      "FILE is in the format of promtool's unit tests, and names the rule files that it tests. Exit code 1 when one fails.",
    examples: ['plimsoll test rules.d/*.test.yml', 'plimsoll test disk.test.yml --run full --junit out.xml'],
    flags: {
      run: { takes: 'REGEX', says: 'only tests whose name it matches somewhere' },
      junit: { takes: 'FILE', says: 'write the results as JUnit XML too' },
      json,
    },
  },
  {
    name: 'backtest',
    args: [],
    says: 'show what rules would have done with the samples that are stored',
    about:
      "Replays rule files over stored history: how often each alert would have fired, how long, how much of it for under two minutes or by night (22 to 8 o'clock), and what a longer `for` would have left. Noise is the share of firings that lasted under two minutes or came back within an hour, in per cent; those that began by night count twice. With --against, what an older version of the files would have done differently. Exit code 1 when a rule failed.",
    examples: [
      'plimsoll backtest --rules rules.d/*.yml',
      'plimsoll backtest --rules disk.yml --against disk.old.yml --from -90d',
      'plimsoll backtest --rules disk.yml --from -7d --html disk.html',
    ],
    flags: {
      rules: {
        takes: 'FILE',
        says: 'the rules, as a file or a quoted pattern; may be said again',
        many: true,
        isGreedy: true,
      },
      against: {
        takes: 'FILE',
        says: 'an older version of them; may be said again',
        many: true,
        isGreedy: true,
      },
      from: { takes: 'TIME', says: 'from then on; left out: -30d' },
      to: { takes: 'TIME', says: 'until then; left out: now' },
      step: { takes: 'DURATION', says: 'between two evaluations; left out: as each group says, else 15s' },
      timezone: { takes: 'ZONE', says: "for nights and times; left out: the service's" },
      html: { takes: 'FILE', says: 'write a page to look at, print and pass on' },
      ...asking,
    },
  },
  {
    name: 'query',
    args: ['EXPR'],
    says: 'show numbers of the running service, or compute with them',
    about:
      'EXPR is PromQL: a name and labels in braces for the newest samples, a range in brackets for the samples themselves, and everything that computes with them. Times are 2026-11-20T08:00, 08:00, seconds since 1970, now, or back from now: -1h.',
    examples: [
      'plimsoll query cpu_usage_idle',
      `plimsoll query 'sum by (host) (rate(net_bytes_recv[5m]))' --from -6h`,
      `plimsoll query 'mem_used_percent[5m]' --csv > mem.csv`,
    ],
    flags: {
      at: { takes: 'TIME', says: 'as it was then' },
      from: { takes: 'TIME', says: 'from then on, in steps' },
      to: { takes: 'TIME', says: 'until then (with --from; otherwise now)' },
      step: { takes: 'DURATION', says: 'between two points (with --from); left out: 240 points at most' },
      table: { says: 'print rows where a terminal would get pictures' },
      plot: { says: 'print pictures where a pipe would get rows' },
      csv: { says: 'print CSV, for spreadsheets' },
      ...asking,
    },
  },
  {
    name: 'alerts',
    args: ['[MATCHER…]'],
    says: 'show what is failing now',
    about:
      'MATCHER is a label and what it must be, and each must be met: severity=page, host=~"web-.*", host!=web-1, or an alert by its name alone. Those that fire, the most severe and newest first. Exit code 0 whether or not there are any.',
    examples: [
      'plimsoll alerts',
      'plimsoll alerts severity=page --all',
      `plimsoll alerts DiskFull 'host=~"web-.*"' --json`,
    ],
    flags: { all: { says: 'also those that are pending: whose `for` is not over yet' }, ...asking },
  },
  {
    name: 'alerts why',
    args: ['ALERT…'],
    says: 'show who was told of an alert, and who was not, and why',
    about:
      'ALERT is a fingerprint, or matchers like those of `plimsoll alerts` for alerts that fire. For each way to tell somebody: told when and by what, or what it waits for, or what holds it back.',
    examples: ['plimsoll alerts why DiskFull host=web-1', 'plimsoll alerts why 017450e4f997c04e --json'],
    flags: asking,
  },
  {
    name: 'silence add',
    args: ['MATCHER…'],
    says: 'tell nobody of certain alerts for a while',
    about:
      'MATCHER is a label and what it must be, and each must be met: host=web-1, severity!=page, host=~"web-.*", or an alert by its name alone. Who was told that an alert fires is still told of its end. Prints the id.',
    examples: [
      'plimsoll silence add host=web-1 --for 2h --comment "disk swap"',
      'plimsoll silence add DiskFull pool=db --from 22:00 --for 6h --comment "migration"',
    ],
    flags: {
      for: { takes: 'DURATION', says: 'how long; left out: 1h' },
      from: { takes: 'TIME', says: 'from then on; left out: now' },
      until: { takes: 'TIME', says: 'until then, instead of --for' },
      comment: { takes: 'TEXT', says: 'why, for everybody who asks' },
      by: { takes: 'NAME', says: 'who wants it; left out: the name of this user' },
      ...asking,
    },
  },
  {
    name: 'silence query',
    args: ['[MATCHER…]'],
    says: 'show what is silenced, until when and why',
    about: 'MATCHER is one that the silence has, as it was written; without one, all silences.',
    examples: ['plimsoll silence query', 'plimsoll silence query host=web-1 --json'],
    flags: { expired: { says: 'those that ended in the last five days' }, ...asking },
  },
  {
    name: 'silence expire',
    args: ['ID…'],
    says: 'end silences now',
    examples: ['plimsoll silence expire f58f448e-c2ef-44aa-8b65-c2a277085aee'],
    flags: asking,
  },
  {
    name: 'heartbeats',
    args: [],
    says: 'show who must be heard of again and again, and when he was',
    about:
      'Those that are named under `heartbeats` in the configuration. `missing from` is when its silence is an alert. Exit code 1 when one is missing or has failed.',
    examples: ['plimsoll heartbeats', 'plimsoll heartbeats --json'],
    flags: asking,
  },
  {
    name: 'rules',
    args: ['[NAME…]'],
    says: 'show the rules that are evaluated, and how they are',
    about:
      'NAME is that of a group or of a rule; without one, all. `took` is the time of the last evaluation. Exit code 1 when one of them fails.',
    examples: ['plimsoll rules', 'plimsoll rules host DiskFull', 'plimsoll rules --json'],
    flags: asking,
  },
  {
    name: 'capacity pools',
    args: ['[LABEL=VALUE…]'],
    says: 'show how full pools are, until when that will do, and what they need',
    about:
      'Those that may be full first stand on top. LABEL is one of the labels of pools, or `pool`, or one by which pools fall into parts, like zone: then each of their parts has a line of its own. `early`, `likely` and `late` are the days on which the waterline is met by the upper edge of the 90 % band, the forecast itself, and the lower edge.',
    examples: [
      'plimsoll capacity pools',
      'plimsoll capacity pools owner=payments',
      'plimsoll capacity pools --by zone',
    ],
    flags: { by: { takes: 'LABEL', says: 'a table for each of its values' }, ...asking },
  },
  {
    name: 'capacity forecast',
    args: ['[POOL…]'],
    says: 'show what pools will need, also if something were otherwise',
    about: 'Without POOL, all. What is supposed changes nothing: it is computed and shown.',
    examples: [
      'plimsoll capacity forecast web',
      'plimsoll capacity forecast --growth 20% --event "sale 2026-11-10..2026-11-12=2.5"',
      'plimsoll capacity forecast web --waterline 60% --unit-capacity cpu=64 --json',
    ],
    flags: { ...supposing, ...asking },
  },
  {
    name: 'capacity explain',
    args: ['POOL'],
    says: 'show everything that the numbers of a pool were made of',
    about:
      'The days that were seen, the fit and what else was tried, how wrong past forecasts were, the formula with its numbers, and what makes it unsafe.',
    examples: ['plimsoll capacity explain web', 'plimsoll capacity explain web --growth 1.5 --json'],
    flags: { ...supposing, ...asking },
  },
  ...requestRows(asking),
  {
    name: 'capacity advice',
    args: ['[POOL…]'],
    says: 'show how many processes each pool should have by the rule of the minute',
    about:
      'POOL is one with `advice` in the configuration; without one, all of them. With --from or --to: what would have been advised for one pool in that time, with the samples that are stored, as if all of it had been followed. Exit code 1 when a pool is not measured.',
    examples: [
      'plimsoll capacity advice',
      'plimsoll capacity advice web --from -7d',
      'plimsoll capacity advice web --from -1d --json',
    ],
    flags: {
      from: { takes: 'TIME', says: 'from then on; left out: -1d' },
      to: { takes: 'TIME', says: 'until then; left out: now' },
      ...asking,
    },
  },
  {
    name: 'capacity export',
    args: [],
    says: 'write the capacity report into a file',
    about:
      'What to order, by when and why, as a page to print, PDF, a spreadsheet, CSV or JSON. The ending of the file says the format. PDF wants a Chromium on the machine of the service. Without --out, html, csv and json go to standard output. CSV is for programs: English in every language, a line for each resource and part, in each of which stands what is of its whole pool (`pool_…`).',
    examples: [
      'plimsoll capacity export --out capacity.pdf',
      'plimsoll capacity export --out capacity.xlsx --language zh',
      'plimsoll capacity export --out october.pdf --month 2026-10',
      'plimsoll capacity export --format csv | head',
    ],
    flags: {
      out: { takes: 'FILE', says: 'write here; what is there already is replaced' },
      format: {
        takes: 'FORMAT',
        says: 'html, pdf, xlsx, csv or json; left out: by the ending of the file',
        values: ['html', 'pdf', 'xlsx', 'csv', 'json'],
      },
      month: {
        takes: 'MONTH',
        says: 'of an earlier month, like 2026-10, as its last run kept it; left out: of the present plan',
      },
      language: { takes: 'LANGUAGE', says: "left out: the service's", values: ['en', 'zh'] },
      ...asking,
    },
  },
  {
    name: 'capacity import',
    args: ['[FILE…]'],
    says: 'take the history of pools from Prometheus, Zabbix or CSV',
    about:
      'So that the first forecast has its sixty days. FILE, also packed by gzip, is CSV (UTF-8, or as a Chinese Excel saves it) of `time` and `value` (with columns `pool`, `resource`, `track` and the labels of `by`, or with --pool and so on), CSV of `day`, `max` and what else is known of each day that is over, or what Zabbix answers to trend.get or history.get, or exports of its tables. --from-prometheus asks the questions of the pools day by day, and goes on where it ended. Samples of parts are added up to the whole, as the recorder does; of days the whole has rows of its own, without labels, since the peak of a sum cannot be had from the peaks of its parts. A day is taken where it has more values than what is there already. Exit code 1 when something could not be read, or a forecast will lack something; it is said what.',
    examples: [
      'plimsoll capacity import --from-prometheus http://prometheus:9090 --from -90d',
      'plimsoll capacity import web.csv --pool web --resource cpu --track usage',
      'plimsoll capacity import trends.json --item "23296=web/cpu/usage{zone=a}*0.32"',
    ],
    flags: {
      'from-prometheus': { takes: 'URL', says: 'ask this database; user:password@ may stand in it' },
      'prometheus-token': {
        takes: 'TOKEN',
        says: 'for that database; better by PLIMSOLL_PROMETHEUS_TOKEN',
      },
      from: { takes: 'TIME', says: 'ask for the days since then; left out: -60d' },
      again: { says: 'also ask for days that are there whole' },
      pool: { takes: 'POOL', says: 'whose values they are; of --from-prometheus, which pools, with commas' },
      resource: { takes: 'RESOURCE', says: 'of which resource' },
      track: { takes: 'TRACK', says: 'left out: usage', values: ['usage', 'supply'] },
      item: { takes: 'ITEM', says: 'where an item of Zabbix belongs; may be said again', many: true },
      items: { takes: 'FILE', says: 'the same, one on each line' },
      timezone: { takes: 'ZONE', says: 'of times without one; left out: that of the configuration' },
      replace: { says: 'take each day, whatever is there' },
      merge: { says: 'add the values to those that are there: for parts of days' },
      'dry-run': { says: 'read and show, and send nothing' },
      ...asking,
    },
  },
  {
    name: 'token create',
    args: ['NAME'],
    says: 'make a token for a program',
    about:
      'Prints the token, once: only its hash is kept. The scope admin includes the others; no other does.',
    examples: [
      'plimsoll token create telegraf --scopes write',
      'plimsoll token create grafana --scopes read --expires 90d',
    ],
    flags: {
      scopes: { takes: 'LIST', says: `what it may do: ${scopeNames.join(', ')}`, values: scopeNames },
      expires: { takes: 'DURATION', says: 'how long it is good for; left out: until it is revoked' },
      ...asking,
    },
  },
  { name: 'token list', args: [], says: 'show all tokens, without their secrets', flags: asking },
  { name: 'token revoke', args: ['ID'], says: 'make a token useless at once', flags: asking },
  { name: 'user list', args: [], says: 'show who may log in', flags: asking },
  {
    name: 'user password',
    args: ['NAME'],
    says: 'give somebody who has forgotten theirs a new password',
    about: 'Prints the password, once, and ends the sessions of that user.',
    flags: asking,
  },
  {
    name: 'backup',
    args: ['FOLDER'],
    says: 'copy all data into a new folder, while running or not',
    about: 'FOLDER is made and must be empty. manifest.json in it names each file with its size and SHA-256.',
    examples: ['plimsoll backup /backup/plimsoll-$(date +%F)'],
    flags: asking,
  },
  {
    name: 'restore',
    args: ['FOLDER'],
    says: 'put a backup in the place of the data folder',
    about:
      'The service must be stopped. Each file is checked against the manifest before anything is touched.',
    examples: [
      'plimsoll restore /backup/plimsoll-2026-11-20',
      'plimsoll restore /backup/plimsoll-2026-11-20 --replace',
    ],
    flags: {
      replace: { says: 'move data that is there aside, to DATA.before-restore-TIME' },
      data: { takes: 'FOLDER', says: 'restore into this data folder (PLIMSOLL_DATA)' },
      config,
      json,
    },
  },
  {
    name: 'demo',
    args: [],
    says: 'fill a folder with twenty pools and their past, make the report, and serve it',
    about:
      'Growth, seasons, a promotion, a leak, a jump of the level and what else happens to pools: 75 days of made-up samples every five minutes, the same for everybody on one day, then the plan of this month and the one before, with requests. Takes some seconds. The folder is new, empty, or one of an earlier demonstration, which is thrown away. On loopback everybody may look without a token.',
    examples: [
      'plimsoll demo',
      'plimsoll demo --once',
      'plimsoll demo --listen 127.0.0.1:1877 --language zh',
    ],
    flags: {
      folder: { takes: 'FOLDER', says: 'left out: demo' },
      listen: { takes: 'HOST:PORT', says: 'left out: a free port on loopback' },
      days: { takes: 'NUMBER', says: 'how long the past is; left out: 75' },
      language: { takes: 'LANGUAGE', says: "left out: the machine's", values: ['en', 'zh'] },
      timezone: { takes: 'ZONE', says: "left out: the machine's" },
      once: { says: 'write the report and end' },
      json,
    },
  },
  {
    name: 'setup influx',
    args: [],
    says: 'make InfluxDB ready: organisation, bucket, tokens',
    about:
      'Prints the part of the configuration that uses it. A fresh server gets its first user too; one that is set up wants a token that may do everything. What is there already is kept, so it may be run again.',
    examples: [
      'plimsoll setup influx --url http://127.0.0.1:8086',
      'PLIMSOLL_INFLUX_TOKEN=… plimsoll setup influx --url http://influx:8086 --keep 60d',
    ],
    flags: {
      url: { takes: 'URL', says: 'where InfluxDB listens' },
      org: { takes: 'NAME', says: 'the organisation; left out: plimsoll' },
      bucket: { takes: 'NAME', says: 'the bucket; left out: plimsoll' },
      keep: { takes: 'DURATION', says: 'how long samples are kept, 0 for ever; left out: 400d' },
      token: { takes: 'TOKEN', says: 'may do everything there; better by PLIMSOLL_INFLUX_TOKEN' },
      user: { takes: 'NAME', says: 'the first user of a fresh server; left out: plimsoll' },
      'password-file': { takes: 'FILE', says: 'the password of the first user; left out: a random one' },
      json,
    },
  },
  { name: 'version', args: [], says: 'show the versions of Plimsoll and Node.js', flags: { json } },
  {
    name: 'completion',
    args: ['SHELL'],
    says: 'print completion for bash, zsh or fish',
    examples: [
      'source <(plimsoll completion bash)',
      `plimsoll completion zsh > "\${fpath[1]}/_plimsoll"`,
      'plimsoll completion fish > ~/.config/fish/completions/plimsoll.fish',
    ],
    flags: {},
  },
  { name: 'help', args: ['[COMMAND]'], says: 'show this, or all about one command', flags: {} },
]

export const everyFlag: Readonly<Record<string, Flag>> = { help: { says: 'show help', short: 'h' } }

// The row whose name the words begin with; the longer name wins.
export function rowOf(words: readonly string[]): Row | undefined {
  const named = (count: number): Row | undefined =>
    words.length < count ? undefined : commands.find(({ name }) => name === words.slice(0, count).join(' '))
  return named(2) ?? named(1)
}

// `token` is no command but the beginning of three.
export const rowsUnder = (word: string): Row[] => commands.filter(({ name }) => name.startsWith(`${word} `))
