// Every key of the configuration: what it means, how it is written, its default. The documents, the schema for
// editors and the check are made from this one list; code gets its values under names with units.
import { z } from 'zod'
import { labelsOf } from '../labels.ts'
import type { LogLevel } from '../log.ts'
import { scopes } from '../model.ts'
import { addressKeys } from './addresses.ts'
import { engines } from './engines.ts'
import { keep, store } from './keeping.ts'
import { ruleKeys } from './rules.ts'
import { tellingKeys } from './telling.ts'
import type { Tree } from './tree.ts'
import { type Address, count, duration, folder, pathOf, size, tags, text, timezone } from './values.ts'

export const languages = ['en', 'zh'] as const
export type Language = (typeof languages)[number]

// A type only of log.ts, so that commands which do not log need not load the logger.
const logLevels = ['debug', 'info', 'warn', 'error'] as const satisfies readonly LogLevel[]

// Of keys that are a room's own; bin/ takes them from there. Without one, such a key is not looked at: commands that
// only need to find the service leave them out.
export type RoomSchemas = Readonly<{
  inputs?: z.ZodType
  channels?: z.ZodType
  heartbeats?: z.ZodType
  capacity?: z.ZodType
}>

const anything: z.ZodType = z.record(z.string(), z.unknown())

// For keys that a running process does not follow: a reload says so, and the documents mark them.
const atStart = (description: string) => ({ description, restart: true })

const auth = z
  .strictObject({
    anonymous: z
      .array(z.enum(scopes))
      .prefault([])
      .meta(atStart('Scopes of callers without a token. Every start says so when there are any.')),
  })
  .describe('Who may do what.')

const agent = z
  .strictObject({
    enabled: z.boolean().prefault(true).describe('Whether this process watches its own machine.'),
    interval: duration({ atLeast: '1s', atMost: '1d' })
      .prefault('10s')
      .describe('How often inputs read that state no interval of their own.'),
    host: text
      .optional()
      .describe("The label `host` of what the agent writes; left out: the machine's name."),
    tags: tags.prefault({}).describe('Labels that every sample of this agent gets, like `rack: r12`.'),
  })
  .describe('The agent inside this process.')
  .transform(({ interval, ...rest }) => ({ ...rest, intervalMs: interval }))

const query = z
  .strictObject({
    samples: count(1_000, 1_000_000_000)
      .prefault(10_000_000)
      .meta(
        atStart(
          'The most samples that one question may read, and hold at one time. Each takes 16 bytes, for each question that is being answered.',
        ),
      ),
    series: count(1, 100_000_000)
      .prefault(200_000)
      .meta(atStart('The most series that one selector may find.')),
    points: count(1, 1_000_000)
      .prefault(11_000)
      .meta(atStart('The most points of one series in an answer over a range.')),
    time: duration({ atLeast: '1s', atMost: '1h' })
      .prefault('1m')
      .meta(atStart('How long one question may take, its wait for a turn included.')),
    concurrent: count(1, 1_000)
      .prefault(4)
      .meta(atStart('How many questions are answered at one time. The others wait in order.')),
  })
  .describe('What one question to the query API may cost. It is ended where it costs more.')
  .transform(({ time, ...rest }) => ({ ...rest, timeMs: time }))

// As far as any selector looks: with less nothing would be evaluated on arrival, nor would the canary come in time.
export const leastHeadWindow = '5m'

const limits = z
  .strictObject({
    body: size({ atLeast: '1kB', atMost: '1GiB' })
      .prefault('32MiB')
      .meta(atStart('The longest body of one request, as sent and unpacked.')),
    line: size({ atLeast: '64B', atMost: '64MiB' })
      .prefault('1MiB')
      .meta(atStart('The longest line of line protocol. A longer one is refused, its neighbours are kept.')),
    tags: count(1, 1_000).prefault(64).meta(atStart('The most labels of one series.')),
    series: count(1, 100_000_000)
      .prefault(1_000_000)
      .meta(
        atStart(
          'The most series at a time. Known ones go on when it is met; new ones are refused and counted. Those whose samples are all gone are forgotten at a start, and not before.',
        ),
      ),
    series_per_source: count(1, 100_000_000)
      .prefault(200_000)
      .meta(
        atStart(
          'The most new series of one sender within a day, so that a runaway label hurts only its own; known ones go on.',
        ),
      ),
    head_window: duration({ atLeast: leastHeadWindow, atMost: '1d' })
      .prefault('1h')
      .meta(
        atStart(
          'How far back rules look in memory, at least 5m, as any selector does. What looks further is evaluated once a minute, over the store.',
        ),
      ),
    head_memory: size({ atLeast: '1MB', atMost: '1TiB' })
      .prefault('512MiB')
      .meta(atStart('What the recent samples that rules look at may take.')),
    query: query.prefault({}),
  })
  .describe('What is refused and counted rather than stored, and what an answer may cost.')
  .transform(({ body, line, tags, series, series_per_source, head_window, head_memory, query }) => ({
    bodyBytes: body,
    lineBytes: line,
    tags,
    series,
    seriesPerSource: series_per_source,
    headWindowMs: head_window,
    headBytes: head_memory,
    query,
  }))

const log = z
  .strictObject({
    level: z.enum(logLevels).prefault('info').meta(atStart('The least important messages that are written.')),
    format: z
      .enum(['auto', 'json', 'text'])
      .prefault('auto')
      .meta(atStart('JSON lines for machines, short lines for people; auto: short lines on a terminal.')),
  })
  .describe('What the service says about itself.')

export const configSchema = ({ inputs = anything, capacity = anything, ...rooms }: RoomSchemas = {}) =>
  z.strictObject({
    include: z
      .union([text, z.array(text)])
      .optional()
      .describe(
        'Further files, as paths or patterns like `conf.d/*.yml`. Lists follow each other, maps merge, a value stands in one place only.',
      ),
    ...addressKeys,
    timezone: timezone.optional().meta(atStart("For days, schedules and reports; left out: the machine's.")),
    language: z.enum(languages).optional().meta(atStart("Of pages and messages; left out: the machine's.")),
    data: folder
      .prefault('data')
      .meta(
        atStart(
          "The folder for everything that must survive; `PLIMSOLL_DATA` outranks it. Relative paths begin at the file's own folder.",
        ),
      ),
    auth: auth.prefault({}),
    agent: agent.prefault({}),
    inputs: inputs
      .prefault({})
      .describe(
        'What the agent reads. All are on, `canary` where the watchdog wants it; `false` switches one off, a list has one several times.',
      ),
    ...ruleKeys,
    ...tellingKeys({ channels: anything, heartbeats: anything, ...rooms }),
    capacity: capacity
      .prefault({})
      .describe('Pools that are planned ahead: forecasts, monthly requests, advice of the minute.'),
    pictures: z
      .boolean()
      .prefault(true)
      .meta(atStart('Whether messages show the last hour as a picture, by channels that take one.')),
    engines: engines.prefault({}),
    store: store.prefault({}),
    keep: keep.prefault({}),
    limits: limits.prefault({}),
    log: log.prefault({}),
  })

// What stays to be filled in from the machine, and names as code writes them.
type Parsed = z.output<ReturnType<typeof configSchema>>
type Machine = Readonly<{ timezone: string; language: Language; host: string }>
export type Config = ReturnType<typeof complete>

// A path or pattern, and where it begins when it is relative.
export type RulePattern = Readonly<{ folder: string; pattern: string }>

// A key as it stands in the file, and where relative paths in it begin.
export type Written = Readonly<{ tree: Tree; folder: string }>

type Places = Readonly<{
  data: string
  rules: readonly RulePattern[]
  alertmanager: Written | undefined
}>

export function complete(parsed: Parsed, machine: Machine, { data, rules, alertmanager }: Places) {
  const { include: _, external_url: externalUrl, external_labels, route_prefix, agent, ...rest } = parsed
  const [listen, ...alsoListen] = [rest.listen].flat() as [Address, ...Address[]]
  return {
    ...rest,
    listen,
    alsoListen,
    // Empty, or like /plimsoll.
    routePrefix: route_prefix ?? (externalUrl === undefined ? '' : pathOf(externalUrl)),
    // Always a whole path.
    data,
    rules,
    alertmanager,
    externalUrl,
    externalLabels: labelsOf(Object.entries(external_labels)),
    timezone: rest.timezone ?? machine.timezone,
    language: rest.language ?? machine.language,
    agent: { ...agent, host: agent.host ?? machine.host },
  } as const
}
