// Web push of a process: its addresses for people, and the table of channels with the one that knows the devices. Called
// by alerter.ts.
import type { Clock } from '#core/clock.ts'
import type { Config } from '#core/config.ts'
import type { Route } from '#core/http/route.ts'
import type { Log } from '#core/log.ts'
import type { OwnMetrics } from '#core/own-metrics.ts'
import type { State } from '#core/state.ts'
import { pushRoutes } from '../alerter/api/push-routes.ts'
import type { Channel } from '../alerter/channel.ts'
import { channels } from '../alerter/channels/index.ts'
import { type WebPushSettings, webPush, whomOf } from '../alerter/channels/web-push/index.ts'
import { failoverOf } from '../alerter/failover.ts'
import { openPost, usualTransport } from '../alerter/post.ts'
import type { Integration, Receiver } from '../alerter/route.ts'
import { openPush } from '../alerter/web-push/push.ts'

export type Pushing = Disposable &
  Readonly<{ routes: readonly Route[]; channels: Readonly<Record<string, Channel>> }>

type Options = Readonly<{
  config: Config
  state: State
  clock: Clock
  log: Log
  own: OwnMetrics
  receivers(): ReadonlyMap<string, Receiver>
}>

export function openPushing(options: Options): Pushing {
  const { config, clock, receivers } = options
  const post = openPost({ clock, environment: process.env })
  const push = openPush({ ...options, post, externalUrl: config.externalUrl })
  return {
    channels: { ...channels, 'web-push': webPush(push) as Channel },
    routes: pushRoutes({
      ...{ push, clock, language: config.language },
      receiversOf: user =>
        [...receivers().values()]
          .filter(each => settingsIn(each).some(found => isTold(user, found)))
          .map(({ name }) => name),
      way() {
        const [first] = [...receivers().values()].flatMap(settingsIn)
        return { transport: first?.http_config.transport ?? usualTransport, contact: first?.contact }
      },
    }),
    [Symbol.dispose]: () => post.close(),
  }
}

function isTold(user: string, found: WebPushSettings): boolean {
  const whom = whomOf(found)
  return whom === 'everyone' || whom.users.includes(user)
}

const settingsIn = ({ integrations }: Receiver): WebPushSettings[] =>
  integrations
    .flatMap((each): readonly Integration[] => failoverOf(each)?.order ?? [each])
    .filter(({ channel }) => channel === 'web-push')
    .map(({ settings }) => settings as WebPushSettings)
