// What a person sees when the service has started on their terminal: where it is, how to get in, what to try.
// Called by the command `up`.
import { join, relative } from 'node:path'
import { type Config, readConfig } from '#core/config.ts'
import { urlOf } from './ask.ts'
import type { Io } from './command.ts'
import { paintFor } from './paint.ts'
import type { Roles } from './roles.ts'

export type Started = Readonly<{
  config: Config
  roles: Roles
  origin: string
  // A path; undefined when there is an administrator already.
  welcome: string | undefined
  tookMs: number
  version: string
}>

export function bannerText(started: Started, io: Io): string {
  const { config, roles, origin, welcome, tookMs, version } = started
  const paint = paintFor(io)
  const rows: (readonly [string, string, string?])[] = []
  if (welcome === undefined) rows.push([roles.has('console') ? 'Open' : 'At', origin])
  else rows.push(['Open', origin + welcome, 'makes the administrator; good once, for a day'])
  const tunnel = tunnelText(origin, io)
  if (tunnel !== undefined) rows.push(['From your desk', tunnel, 'then open the link above there'])
  const token = relative(io.cwd, join(config.data, 'token')) || join(config.data, 'token')
  if (roles.has('gateway')) {
    rows.push([
      'Send',
      `curl -H "Authorization: Token $(cat ${quoted(token)})" ${origin}/api/v2/write --data-binary 'room_temperature,room=kitchen value=21.5'`,
      'from another terminal, in this folder',
    ])
  }
  if (roles.has('query')) {
    const where = isFound(started, io) ? '' : ` --url ${origin} --token "$(cat ${quoted(token)})"`
    rows.push(['Read', `./bin/plimsoll query room_temperature${where}`])
  }
  rows.push(['Stop', 'Ctrl-C'])
  const open = config.auth.anonymous
  const width = Math.max(...rows.map(([name]) => name.length))
  const lines = rows.map(
    ([name, text, more]) =>
      `  ${paint('dim', name.padEnd(width))}  ${text}${more === undefined ? '' : paint('dim', `  (${more})`)}`,
  )
  const watches = config.agent.enabled && roles.has('agent')
  const watching = watches ? `watches this machine (${config.agent.host}) and ` : ''
  return [
    '',
    `  ${paint('bold', `Plimsoll ${version}`)} is ready after ${(tookMs / 1_000).toFixed(1)} s. It ${watching}${workText(config, roles)}.`,
    ...(open.length === 0
      ? []
      : [`  ${paint('yellow', `Open to everyone without a token: ${open.join(', ')} (auth.anonymous).`)}`]),
    '',
    ...lines,
    '',
    '',
  ].join('\n')
}

// Whether a command without flags, in a terminal that knows nothing of ours, asks this service with its token.
function isFound({ config, origin }: Started, { cwd }: Io): boolean {
  const read = readConfig({ env: {}, cwd })
  return (
    read.ok &&
    urlOf(read.config.listen) + (read.config.routePrefix ?? '') === origin &&
    read.config.data === config.data
  )
}

// On a fleet, what this process does of it.
function workText({ data, engines }: Config, roles: Roles): string {
  return engines === undefined ? `keeps its data in ${data}` : `does ${[...roles].join(', ')} of a fleet`
}

// Whoever came by SSH has their browser elsewhere.
function tunnelText(origin: string, { env }: Io): string | undefined {
  const [, , address] = (env['SSH_CONNECTION'] ?? '').split(' ')
  if (address === undefined) return undefined
  const { port, hostname } = new URL(origin)
  const user = env['USER'] ?? env['LOGNAME']
  const there = user === undefined ? address : `${user}@${address}`
  return `ssh -L ${port}:${hostname}:${port} ${there}`
}

const quoted = (path: string): string =>
  /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`
