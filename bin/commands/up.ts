// `plimsoll up`: starts the service, says where it is, and stops it when asked. Called by run.ts; what runs is in
// ../start.ts.
import { elapsedMs } from '#core/clock.ts'
import { openConfig } from '#core/config/open.ts'
import type { Config } from '#core/config.ts'
import type { Log } from '#core/log.ts'
import { bannerText } from '../banner.ts'
import type { Command } from '../command.ts'
import { type Roles, readRoles } from '../roles.ts'
import { roomSchemas } from '../room-schemas.ts'
import { liveOf, serve } from '../serve.ts'
import type { Service } from '../start.ts'
import { startAgainCompiled } from '../start-again.ts'
import { version } from '../versions.ts'

export const command: Command = async ({ text, io }) => {
  await startAgainCompiled()
  const beganMs = elapsedMs()
  const roles = readRoles(text['roles'])
  const overrides = { listen: text['listen'], data: text['data'] }
  const source = { path: text['config'], env: io.env, cwd: io.cwd, overrides, rooms: roomSchemas }
  const live = liveOf(openConfig(source))
  const config = live.current()
  await serve({
    live,
    roles,
    io,
    welcome(service, log) {
      const tookMs = elapsedMs() - beganMs
      if (!io.isTerminal) return logReady(log, { config, roles, service, tookMs })
      const { origin } = service
      const welcome = service.welcome?.reveal()
      io.out(bannerText({ config, roles, origin, welcome, tookMs, version: version() }, io))
    },
  })
  return 0
}

type Ready = Readonly<{ config: Config; roles: Roles; service: Service; tookMs: number }>

function logReady(log: Log, { config, roles, service, tookMs }: Ready): void {
  const { origin, welcome } = service
  const { data, auth } = config
  log.info('up', 'ready', {
    origin,
    roles: [...roles],
    data,
    version: version(),
    tookMs: Math.round(tookMs),
  })
  if (auth.anonymous.length > 0)
    log.warn('up', 'open to everyone without a token', { scopes: auth.anonymous })
  if (welcome !== undefined)
    log.info('up', 'this link makes the administrator', { link: origin + welcome.reveal() })
}
