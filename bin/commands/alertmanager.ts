// `plimsoll alertmanager`: starts the alerter by itself, in Alertmanager's place and by its flags. Called by run.ts; what
// runs is in ../start.ts.
import { hostname } from 'node:os'
import { elapsedMs } from '#core/clock.ts'
import { addressText, type Config } from '#core/config.ts'
import type { Log } from '#core/log.ts'
import { alertmanagerFlags } from '../alertmanager-flags.ts'
import type { Command } from '../command.ts'
import { helpText } from '../help.ts'
import { readKingpin } from '../kingpin.ts'
import { paintFor } from '../paint.ts'
import type { Roles } from '../roles.ts'
import { type StandIn, standInOf } from '../stand-in.ts'
import { startAgainCompiled } from '../start-again.ts'
import { version } from '../versions.ts'

const roles: Roles = new Set(['alerter'])

export const command: Command = async ({ row, args, io }) => {
  const given = readKingpin(args, alertmanagerFlags)
  if (given.has('help')) {
    io.out(helpText([row], paintFor(io)))
    return 0
  }
  if (given.get('version')?.at(-1) === 'true') {
    io.out(`plimsoll ${version()}, in the place of alertmanager 0.31\n`)
    return 0
  }
  const standIn = standInOf(given, { hostname: hostname(), cwd: io.cwd })
  // All that a service is made of: help needs none of it.
  const [{ liveOf, serve }, { roomSchemas }, { openConfig }] = await Promise.all([
    import('../serve.ts'),
    import('../room-schemas.ts'),
    import('#core/config/open.ts'),
  ])
  await startAgainCompiled()
  const beganMs = elapsedMs()
  const live = liveOf(openConfig({ env: io.env, cwd: io.cwd, tree: standIn.tree, rooms: roomSchemas }))
  const config = live.current()
  const welcome = (_: unknown, log: Log): void => logReady(log, config, standIn, elapsedMs() - beganMs)
  await serve({ live, roles, io, reloadScope: 'operate', welcome })
  return 0
}

function logReady(log: Log, config: Config, { missed, peers }: StandIn, tookMs: number): void {
  const { listen, alsoListen, externalUrl, routePrefix, data } = config
  log.info('alertmanager', 'ready', {
    listen: [listen, ...alsoListen].map(addressText),
    externalUrl,
    ...(routePrefix === '' ? {} : { routePrefix }),
    data,
    version: version(),
    tookMs: Math.round(tookMs),
  })
  log.warn(
    'alertmanager',
    'open to everyone without a token, as Alertmanager is: keep it in a closed network',
  )
  if (missed.length > 0) log.warn('alertmanager', 'these have no effect here', { flags: missed })
  if (peers.length > 0)
    log.warn(
      'alertmanager',
      'there is no cluster to join: while its peers run too, people are told by each of them',
      { peers },
    )
}
