// Who is told of what: the tree of routes, from a file of Alertmanager's or from the configuration itself, and the
// receivers, which are the file's and the channels of the configuration. Called by alerter.ts and by the command that
// checks.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileTrouble } from '#core/config/expand.ts'
import { didYouMean, openFindings, type Place, problemsText } from '#core/config/problem.ts'
import { type Path, pathText } from '#core/config/tree.ts'
import type { Config, Problem, Written } from '#core/config.ts'
import { Failure } from '#core/errors.ts'
import type { Log } from '#core/log.ts'
import {
  type AlertmanagerConfig,
  type AlertmanagerRead,
  readAlertmanager,
  readAlertmanagerTree,
} from '../alerter/alertmanager.ts'
import { routeWithoutTree } from '../alerter/channel-config.ts'
import type { Integration, Receiver } from '../alerter/route.ts'
import { checkTemplates } from '../alerter/template/check.ts'
import { readTemplateFiles } from '../alerter/template/files.ts'
import type { TemplateFile } from '../alerter/template.ts'
import type { CapacitySettings } from '../capacity/pool-settings.ts'
import { madeReceiver, type Whose } from './made-receiver.ts'
import { settingDoubts } from './setting-templates.ts'

export type Routing = Readonly<{
  config: AlertmanagerConfig
  templates: readonly TemplateFile[]
  // The same with the secrets that stand in files as they are then.
  again?: () => RoutingRead
}>

// `routing` where there is no problem.
export type RoutingRead = Readonly<{
  routing?: Routing
  problems: readonly Problem[]
  warnings: readonly Problem[]
}>

// As in Alertmanager.
const resolveTimeoutMs = 300_000

// Where something stands is known while the file is read, as by `check`, and not of what runs.
export function readRouting(
  config: Pick<Config, 'alertmanager' | 'channels' | 'externalUrl' | 'watchdog' | 'capacity'>,
  placeOf: PlaceOf = ([key]) => ({ file: String(key), line: 0, column: 0 }),
): RoutingRead {
  const { alertmanager, channels, externalUrl } = config
  const receivers = channels as ReadonlyMap<string, Receiver>
  const read = alertmanager === undefined ? withoutTree(receivers) : readWritten(alertmanager, receivers)
  if (read.routing === undefined) return read
  const known = read.routing.config.receivers
  const strangers = unknownNames(config, known, placeOf)
  if (strangers.length > 0) return { problems: strangers, warnings: read.warnings }
  const tells = [...known.values()].some(each => each.integrations.length > 0)
  return tells && externalUrl === undefined ? { ...read, warnings: [...read.warnings, noLinks] } : read
}

// Of each configuration in turn; what was said of the one before is not said again.
export function routingReader(log: Log): (config: Config) => Routing {
  let said: readonly string[] = []
  return config => {
    const { routing, problems, warnings } = readRouting(config)
    if (routing === undefined) throw new Failure('bad_config', problemsText(problems))
    const doubts = warnings.map(each => problemsText([each]))
    const fresh = doubts.filter(each => !said.includes(each))
    if (fresh.length > 0) log.warn('alerter', fresh.join('\n'))
    said = doubts
    return routing
  }
}

// Whoever watches must not find out at night that nobody is called so, nor a planner at the end of the month.
function unknownNames(config: Named, known: ReadonlyMap<string, Receiver>, placeOf: PlaceOf): Problem[] {
  const names = [...known.keys()].filter(name => name !== nobody.name)
  const wanted =
    names.length === 0
      ? 'the name of a receiver, of which `channels` has none'
      : `the name of a receiver: ${names.join(', ')}`
  return [...ofWatchdog(config), ...ofCapacity(config)]
    .filter(({ name }) => !known.has(name))
    .map(({ path, name }) => {
      const hint = didYouMean(name, names)
      return { ...placeOf(path), path: pathText(path), wanted, found: name, ...(hint && { hint }) }
    })
}

type PlaceOf = (path: Path) => Place
type Named = Pick<Config, 'watchdog' | 'capacity'>
type Name = Readonly<{ path: Path; name: string }>

const ofWatchdog = ({ watchdog: { tell, receivers } }: Named): Name[] => [
  ...tell.map(name => ({ path: ['watchdog', 'tell'], name })),
  ...[...receivers.keys()].map(name => ({ path: ['watchdog', 'receivers', name], name })),
]

function ofCapacity({ capacity }: Named): Name[] {
  const { planners, tickets, pools } = capacity as CapacitySettings
  return [
    ...planners.map(name => ({ path: ['capacity', 'planners'], name })),
    ...(tickets === undefined ? [] : [{ path: ['capacity', 'tickets'], name: tickets }]),
    ...pools.flatMap(({ name: pool, advice }) =>
      advice?.webhook === undefined
        ? []
        : [{ path: ['capacity', 'pools', pool, 'advice', 'webhook'], name: advice.webhook }],
    ),
  ]
}

const noLinks: Problem = {
  ...{ file: 'external_url', line: 0, column: 0, path: '' },
  wanted: "how people's phones reach this service, so that messages carry a link",
  found: 'none',
}

// A file of Alertmanager's by itself.
export function readRoutingFile(file: string, text: string): RoutingRead {
  return usableFile(text, file, new Map())
}

function usableFile(text: string, file: string, receivers: ReadonlyMap<string, Receiver>): RoutingRead {
  const read = (): RoutingRead =>
    usable(
      readAlertmanager(text, { file, readFile: textOf, receivers: receivers.keys() }),
      receivers,
      'Alertmanager',
    )
  const { routing, ...found } = read()
  return routing === undefined ? found : { ...found, routing: { ...routing, again: read } }
}

function usable(read: AlertmanagerRead, receivers: ReadonlyMap<string, Receiver>, whose: Whose): RoutingRead {
  if (read.config === undefined) return read
  const made = [...read.config.receivers.values()].map(each => madeReceiver(each, whose))
  const problems = made.flatMap(each => each.problems)
  const warnings = [...read.warnings, ...made.flatMap(each => each.warnings)]
  if (problems.length > 0) return { problems, warnings }
  const of = together(
    receivers,
    made.map(({ receiver }) => receiver),
  )
  const config = { ...read.config, receivers: of.receivers }
  const templates = readTemplateFiles(config.templates)
  const { unreadable, gaps } = checkTemplates(templates.files)
  const wrong = [...templates.problems, ...unreadable, ...(whose === 'ours' ? gaps : [])]
  if (wrong.length > 0) return { problems: wrong, warnings }
  return {
    routing: { config, templates: templates.files },
    problems,
    warnings: [...warnings, ...gaps, ...of.doubts, ...settingDoubts(of.receivers.values(), templates.files)],
  }
}

// A file of Alertmanager's must name its receivers; one without a way of its own stands for the channel of that name.
function together(
  channels: ReadonlyMap<string, Receiver>,
  made: readonly Receiver[],
): { receivers: Map<string, Receiver>; doubts: Problem[] } {
  const own = made.filter(({ name, integrations }) => integrations.length > 0 || !channels.has(name))
  const doubts = own
    .filter(({ name }) => channels.has(name))
    .map(({ name }) => ({
      ...{ file: 'alertmanager', line: 0, column: 0, path: `receiver ${name}` },
      wanted: 'another name than that of a channel, or no ways of its own',
      found: `${name}, which is a channel too: only the receiver's own ways are told`,
    }))
  return { receivers: new Map([...channels, ...own.map(each => [each.name, each] as const)]), doubts }
}

// Without a channel, or where it is not clear which, all is kept and shown, and nobody is told.
function withoutTree(channels: ReadonlyMap<string, Receiver>): RoutingRead {
  const found = routeWithoutTree(channels)
  const route = found ?? routeWithoutTree(new Map([[nobody.name, nobody]]))!
  const receivers = new Map([...channels, [nobody.name, nobody] as const])
  const config = { route, receivers, inhibitions: [], intervals: new Map(), templates: [], resolveTimeoutMs }
  const wanted = 'a channel named default, or alertmanager with a route'
  const unclear = {
    file: 'channels',
    line: 0,
    column: 0,
    path: '',
    wanted,
    found: `${channels.size} channels`,
  }
  return {
    routing: { config, templates: [] },
    problems: [],
    warnings: [
      ...(found === undefined && channels.size > 0 ? [unclear] : []),
      ...settingDoubts(channels.values(), []),
    ],
  }
}

const nobody: Receiver = { name: 'nobody', integrations: [] }

// The path of a file of Alertmanager's, or what would stand in it.
function readWritten({ tree, folder }: Written, channels: ReadonlyMap<string, Receiver>): RoutingRead {
  if (tree.kind !== 'scalar') {
    const [findings, doubts] = [openFindings(), openFindings()]
    const around = { readFile: textOf, receivers: channels.keys(), folder, findings, doubts }
    const config = readAlertmanagerTree(tree, { ...around, path: 'alertmanager', defaults: 'inline' })
    const read = { ...(config && { config }), problems: findings.problems, warnings: doubts.problems }
    return usable(read, channels, 'ours')
  }
  const file = resolve(folder, String(tree.value))
  try {
    return usableFile(textOf(file), file, channels)
  } catch (cause) {
    const wanted = 'a readable file'
    const problem = { ...tree.place, path: 'alertmanager', wanted, found: `${file}: ${fileTrouble(cause)}` }
    return { problems: [problem], warnings: [] }
  }
}

const textOf = (path: string): string => readFileSync(path, 'utf8')

export const integrationsIn = ({ config }: Routing): ReadonlyMap<string, Integration> =>
  new Map(
    [...config.receivers.values()].flatMap(({ integrations }) =>
      integrations.map(each => [each.id, each] as const),
    ),
  )
