// From Alertmanager's flags to a configuration of ours: the tree that a file would have said, each key in the place of
// its flag. Called by the command `alertmanager`.
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileTrouble } from '#core/config/expand.ts'
import { type TreeMap, treeOf, type Writable } from '#core/config/tree.ts'
import { type AlertmanagerFlag, alertmanagerFlags, features } from './alertmanager-flags.ts'
import { Stop } from './command.ts'
import { type Given, goDurationMs, type KingpinFlag } from './kingpin.ts'

type Machine = Readonly<{ hostname: string; cwd: string }>

export type StandIn = Readonly<{
  tree: TreeMap
  // What was asked for and has no effect here.
  missed: readonly string[]
  // There was a cluster.
  peers: readonly string[]
}>

export function standInOf(given: Given, machine: Machine): StandIn {
  refuse(given, machine)
  const entries = Object.entries(keysOf(given, machine)).map(([key, { flag, value }]) => {
    const place = { file: `--${flag}`, line: 0, column: 0 }
    return [key, { place, value: treeOf(value, place) }] as const
  })
  const tree: TreeMap = {
    kind: 'map',
    place: { file: 'the flags', line: 0, column: 0 },
    keys: new Map(entries),
  }
  return { tree, missed: missedIn(given), peers: listOf(given, 'cluster.peer').filter(each => each !== '') }
}

type Key = Readonly<{ flag: AlertmanagerFlag; value: Writable }>

function keysOf(given: Given, { hostname }: Machine): Readonly<Record<string, Key>> {
  const text = (flag: AlertmanagerFlag): string => listOf(given, flag).at(-1) ?? ''
  const listens = listOf(given, 'web.listen-address').map(listenText)
  const [port = ''] = /\d*$/.exec(listens[0] ?? '') ?? []
  const kept = `${Math.max(hourMs, goDurationMs(text('data.retention')) ?? 0)}ms`
  const prefix = text('web.route-prefix')
  const format = text('log.format') === 'json' ? 'json' : 'text'
  return {
    listen: { flag: 'web.listen-address', value: listens },
    external_url: {
      flag: 'web.external-url',
      value: text('web.external-url') || `http://${hostname}:${port}`,
    },
    ...(prefix === '' ? {} : { route_prefix: { flag: 'web.route-prefix', value: prefix } as const }),
    data: { flag: 'storage.path', value: join(text('storage.path'), 'plimsoll') },
    alertmanager: { flag: 'config.file', value: text('config.file') },
    keep: { flag: 'data.retention', value: { silences: kept, facts: kept } },
    // All that can be done there, and no more: whoever could make tokens or write backups here would keep a way in when
    // the door is closed. The command says so in the log.
    auth: { flag: 'web.config.file', value: { anonymous: ['read', 'write', 'operate'] } },
    log: { flag: 'log.level', value: { level: text('log.level'), format } },
  }
}

// Below that, nobody could see what has just happened.
const hourMs = 3_600_000

function listOf(given: Given, flag: AlertmanagerFlag): readonly string[] {
  const { standard } = alertmanagerFlags[flag] as KingpinFlag
  return given.get(flag) ?? (standard === undefined ? [] : [standard])
}

// Without a host Go listens on every address, and not only on those of IPv4.
const listenText = (written: string): string => (written.startsWith(':') ? `[::]${written}` : written)

// What cannot be had, and where going on without it would not be what was asked for.
function refuse(given: Given, { cwd }: Machine): void {
  if (given.get('web.systemd-socket')?.at(-1) === 'true')
    throw new Stop('--web.systemd-socket is not there: name the address by --web.listen-address')
  const elsewhere = listOf(given, 'web.listen-address').find(each => each.includes('://'))
  if (elsewhere !== undefined) throw new Stop(`--web.listen-address wants HOST:PORT, found ${elsewhere}`)
  for (const name of featuresIn(given))
    if (!Object.hasOwn(features, name)) throw new Stop(`--enable-feature: there is no feature ${name}`)
  const file = listOf(given, 'web.config.file').at(-1) ?? ''
  if (file !== '' && asksForMore(file, cwd))
    throw new Stop(
      `--web.config.file ${file} asks for TLS, logins or headers, which are not there. Without them everything would be open, so this does not start: put a proxy that does it in front and listen on 127.0.0.1, or run \`plimsoll up\`, which wants a token of everyone.`,
    )
}

function asksForMore(file: string, cwd: string): boolean {
  try {
    const lines = readFileSync(resolve(cwd, file), 'utf8').split('\n')
    return lines.some(line => !/^\s*(?:#.*|---|\{\s*\})?\s*$/.test(line))
  } catch (cause) {
    throw new Stop(`--web.config.file ${file}: ${fileTrouble(cause)}`)
  }
}

const featuresIn = (given: Given): string[] =>
  listOf(given, 'enable-feature')
    .flatMap(each => each.split(','))
    .filter(each => each !== '')

// Zero and less is how one says no there.
function missedIn(given: Given): string[] {
  const flags = Object.entries(alertmanagerFlags as Readonly<Record<string, KingpinFlag>>)
  const missed = flags.filter(([name, { isMissed, kind }]) => {
    const value = given.get(name)?.at(-1) ?? '0'
    return isMissed === true && (kind === 'duration' ? (goDurationMs(value) ?? 0) : Number(value)) > 0
  })
  const unknown = featuresIn(given).filter(name => features[name]?.isMissed === true)
  return [...missed.map(([name]) => `--${name}`), ...unknown.map(name => `--enable-feature=${name}`)]
}
