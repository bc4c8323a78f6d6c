// docs/capacity.md: how capacity is planned with this service, and every key of a pool, from its schema. Called by
// generate.ts.
import { type ConfigKey, schemaKeys } from '#core/config/reference.ts'
import { pool } from '../capacity/settings/pool.ts'
import { resource } from '../capacity/settings/resource.ts'

const cell = (text: string): string => text.replaceAll('|', '\\|')

function row({ path, kind, required, description, default: usual }: ConfigKey): string {
  const written =
    usual === undefined ? '' : `\`${typeof usual === 'string' ? usual : JSON.stringify(usual)}\``
  const needed = path.startsWith('cost.') ? '**needed** where `cost` is stated' : '**needed**'
  return `| \`${path}\` | ${kind} | ${required ? needed : written} | ${cell(description)} |`
}

const table = (keys: readonly ConfigKey[]): string =>
  ['| key | kind | left out | meaning |', '|---|---|---|---|', ...keys.map(row)].join('\n')

const ofAdvice = ({ path }: ConfigKey): boolean => path.startsWith('advice')

const intro = `# Capacity

What will be needed, when, and how sure that is: from sixty days of history to a request that a planner signs.

\`\`\`yaml
capacity:
  planners: planners                 # a receiver of \`channels\`: is told each month
  pools:
    web:
      labels: {owner: payments, module: web}
      by: [zone]
      lead_time: 30d
      spare: N+1
      cost: {per_unit: 1200, currency: CNY}
      events:
        - {name: double 11, from: 2026-11-10, to: 2026-11-12, factor: 2.5}
      resources:
        cpu:
          usage: 'sum by (zone) (rate(procstat_cpu_seconds_total{module="web"}[5m]))'
          units: 'count by (zone) (agent_up{module="web"} == 1)'
          unit_capacity: 32
          unit: cores
        disk:
          usage: 'sum by (zone) (disk_used{module="web"})'
          capacity: 'sum by (zone) (disk_total{module="web"})'
          unit_capacity: 2e12
          waterline: 80%
          unit: bytes
\`\`\`

\`plimsoll check\` says what each pool reads; \`plimsoll check --live\` asks the running service how much of it there is.

## The first day

Every five minutes both sides of each pool are measured and kept as \`capacity_usage\` and \`capacity_supply\`; each
finished day becomes a row. A new pool is not new to its metrics: what the store still has of them is read back, up to
the sixty days that a fit sees. What lies elsewhere comes by \`plimsoll capacity import\`: from Prometheus' API, from
Zabbix' trends, or from CSV. It ends with what a forecast will lack: days of parts without their whole, days without the
95th percentile that \`daily: p95\` wants. \`--dry-run\` says it and sends nothing.

Whole days only: today's peak may be still to come.

## The number, and whether to believe it

\`plimsoll capacity pools\` shows all pools, \`plimsoll capacity explain web\` everything that one number was made of.
[forecasting.md](forecasting.md) says how each method works, how wrong it was on public series, and what each finding
means.

\`\`\`
units = ⌈(forecast / waterline + spare − supply − on order) / unit_capacity⌉
\`\`\`

The forecast is that for the last day of next month plus the lead time; what is on order counts that is due by then. Where
a planned event decides, what is due by its day counts. With several resources the one that needs most
units decides, and is named. Less than nothing may be given back. Beside it stand the three dates on which the waterline
is met (\`early\` by the upper edge of the 90 % band, \`likely\` by the forecast, \`late\` by the lower edge), the error of past
forecasts over as many days, and what makes the line unsafe.

\`plimsoll capacity forecast --growth 20% --event "sale 2026-12-10..2026-12-12=3"\` answers "what if", and changes nothing;
\`/capacity/what-if\` shows both side by side. Two such plans are made at a time; whoever comes then is told to ask again
(503 with \`Retry-After\`).

## The month

On the 25th at nine (\`schedule\`, cron with a day of the month or a weekday, not both) each pool that needs units, or has
too many, gets a draft, and the planners are told.
If the machine was off, it is made when it is on again, once. A draft becomes

\`\`\`
draft → submitted → approved → ordered → delivered → closed
                  ↘ rejected
\`\`\`

by \`plimsoll capacity submit|approve|reject|order|deliver|close\`, or by \`{"act": "submit", "version": 1}\` and the like to
\`POST /api/plimsoll/v1/capacity/requests/NUMBER/act\`, \`version\` being the one that was seen; each step keeps who, when and why.
Units can be edited with a reason, requests be split, and people file their own (\`plimsoll capacity new\`), which merge into
the month's. Next month's report shows what was requested beside what was used.

**What counts beside the supply.** Each number of units, in the report, in \`capacity_units_needed\` and in the drafts, is net
of what is under way:

- What is approved or ordered counts from the day on which it is due (\`--due\`). Without one it is expected the pool's lead
  time after the day on which it was ordered; what is only approved, as if it were ordered today. What is promised back
  counts as gone from its approval on, so that it is promised once; the dates on which a waterline is met count it from
  the day on which it goes (\`--due\`; left out: the day from which it is not missed).
- What was delivered goes on counting until the supply shows it: until a day from the delivery on has been recorded; where
  the supply is measured (\`capacity\`, or \`units\` of a resource), until it has risen by the delivery against a week before
  it, and for two weeks at most. The same of what was given back, until the supply has fallen.
- Machines that live before somebody notes that they came count twice until then, as supply and as on order; those that are
  gone before somebody notes it are missed twice. So run \`plimsoll capacity deliver\` when they go into service or out of
  it, or within a week: then nothing counts twice any more.
- With a supposed size of new units (\`--unit-capacity\`), what is on order and spare keeps the size that it has.

**An order that comes too late.** Where nothing more is to be ordered, and the upper edge of the forecast meets the waterline
before what is on order is there, the pool is at risk ("the order comes too late"), in the report and in the planners'
message; by the forecast itself, the alert \`CapacityOrderLate\` says so. What is on order and comes in time is no risk; what should have
come already is still on order, but of no help against one.

**What waits.** A request that somebody has edited or submitted, and nobody has decided on, is not drafted again: neither when
the month is run again nor in later months. It is told what is needed now, and the planners' message names those of earlier
months. A draft that nobody has touched gives way to the next month's. What is rejected is rejected for its month.

**A pool that is renamed**, or taken out of the configuration, leaves its open requests under the old name, where they count
for no pool. The report and the planners' message name them. Carry them over to the pool that it is now, with what has
come of them (\`plimsoll capacity edit 17 --pool frontend --why "web is called frontend now"\`), or withdraw them, or close what
is ordered. Until then the new pool asks for the same units once more. What was delivered before and is closed stays under the
old name: count it in where \`units\` are stated.

**Slips.** \`plimsoll capacity correct 17 --units 10 --why "100 was a slip"\` puts right how many have come in all. A part
(\`--part zone=a\`) must be one of the pool's labels (\`by\`); a value that nobody has measured may be a zone to come, but not
a known one in other letters. Requests of different months do not merge: each goes its own way. What is given back costs
less than nothing, in files as in the report: that is what it saves.

\`/capacity\` is the report; \`plimsoll capacity export --out report.pdf\` writes it as HTML, PDF (where chromium is
installed), XLSX, CSV or JSON. Each run keeps the report of its month as it was, for two years: \`/capacity\` names them,
and \`--month 2026-10\` opens one in every form and in both languages. Two reports for one month are one, the later; that
of the present month is made when it is asked for.

The formula looks at one day, and may find units to give back of a pool that is short before it. Then there is a draft to
the letter, whose reason says so; the report and the planners' message count such pools apart, and advise nobody to give
anything back.

## Keys of a pool

Under \`capacity.pools.NAME\`. Keys that several pools share (\`window\`, \`method\`, \`daily\`, \`parts\`) may stand above them, under
\`capacity\`.`

const ofResources = `## Keys of a resource

Under \`resources.NAME\`: \`usage\`, and one way to know how much there is. Either \`capacity\` is asked for; or \`unit_capacity\` is
what a unit has, for each that lives (\`units\`, here) or for each that is stated (\`units\`, of the pool).

What requests deliver is added to stated \`units\`. Whoever then raises that number as well counts those units twice: leave
it, or say with \`counted: 2026-11-25\` on which day you counted; what was delivered before that day is in the number.

A label with very many values does not make as many lines: \`parts\` is the most that are kept by themselves, of usage and
supply alike. Who has a place keeps it while the forecast sees days of it; places that are free go to the largest. The
others count for the whole, which is right as ever; with \`spare: zone\` they count for the largest zone.
\`plimsoll check --live\` says when there are more.`

const adviceIntro = `## Advice of the minute

How many processes a pool should have, each minute. More, in steps, when more was handled within the minute than the
share of what the processes could have handled:

\`\`\`
busy > processes × concurrency × 60 × share
\`\`\`

Fewer where it was much less for long, and never fewer than the most of that time needs. Nothing is said where nothing is
measured.

\`\`\`yaml
advice:
  busy: 'sum(increase(handling_seconds_sum{job="web"}[1m]))'
  processes: 'count(up{job="web"} == 1)'
  cores: 'system_n_cpus{pool="web"}'                 # where they may run, by host: at most min(100, 2 × cores) on each
  placed: 'count by (host, proxy) (up == 1)'         # all that runs there, of other pools too
  proxy_label: proxy
  webhook: orchestrator                              # a receiver of \`channels\`
\`\`\`

\`plimsoll capacity advice\` shows it with its reason and where the new ones go: to idle machines first, then to different
ones, then so that each proxy has equally many. \`plimsoll capacity advice web --from -7d\` shows what it would have said
of the past.

It goes out as samples: \`capacity_advice_processes\` (how many there should be), \`capacity_advice_busy_share\`,
\`capacity_advice_waiting_seconds\` (for how long nobody has followed) and \`capacity_advice_unplaced\` (how many fit
nowhere). A receiver that is a webhook finds \`data\` in what it gets: \`{"kind": "capacity_advice", "key": …, "pool": "web",
"way": "grow", "from": 4, "to": 5, "places": [{"host": …, "proxy": …, "count": 1}], "left": 0, …}\`. \`key\` is the same
whenever the same advice comes again, and \`to\` is how many there should be: who follows it twice has followed it once.`

const eventKeys = `Each of \`events\` has a \`name\`, the days \`from\` and \`to\` (left out: one day), and a \`factor\`.`

export function capacityText(): string {
  const keys = schemaKeys(pool)
  return `${[
    intro,
    table(keys.filter(key => !ofAdvice(key))),
    eventKeys,
    ofResources,
    table(schemaKeys(resource)),
    adviceIntro,
    table(keys.filter(ofAdvice).filter(({ path }) => path !== 'advice')),
  ].join('\n\n')}\n`
}
