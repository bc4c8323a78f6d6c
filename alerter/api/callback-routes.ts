// Where services call back: the name of the channel and, where the service signs nothing, a key that only it knows. No
// token is wanted, since the channel knows how its service proves itself. Called by bin/.
import { openLimiter } from '#core/auth/limiter.ts'
import type { Clock } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import type { Language } from '#core/http/language.ts'
import { type Answer, type Call, type Route, route } from '#core/http/route.ts'
import type { Log } from '#core/log.ts'
import type { OwnMetrics } from '#core/own-metrics.ts'
import type { Callback, Channel, Saying } from '../channel.ts'
import { channels as allChannels } from '../channels/index.ts'
import { failoverOf } from '../failover.ts'
import { type Heard, type Hearing, receiverOf } from '../inbound/hearing.ts'
import type { Integration } from '../route.ts'
import { channelOf } from '../unready.ts'

export const callbacksPath = '/api/plimsoll/v1/callbacks'

// Where services reach a way; its receiver names it.
export const callbackUrl = (externalUrl: string, way: string): string =>
  `${externalUrl.replace(/\/+$/, '')}${callbacksPath}/${encodeURIComponent(receiverOf(way))}`

export type CallbackParts = Readonly<{
  hearing: Hearing
  integrations(): ReadonlyMap<string, Integration>
  // As services were told it.
  externalUrl: string
  clock: Clock
  log: Log
  own: OwnMetrics
  language: Language
  channels?: Readonly<Record<string, Channel>>
}>

// Lists of receipts are short.
const bodyMaxBytes = 65_536
const burst = 2_000
const refillMs = 10
// So that somebody who tries does not fill the log.
const silentMs = 60_000

export function callbackRoutes(parts: CallbackParts): readonly Route[] {
  const take = taking(parts)
  const summary = 'Where the service of a channel tells what became of messages, and what people answer.'
  const one = (method: 'GET' | 'POST', path: string): Route =>
    route({
      method,
      path,
      scope: 'open',
      summary,
      ...(method === 'POST' && { body: 'bytes' as const, bodyMaxBytes }),
      handle: call => take(call),
    })
  const [byName, byKey] = [`${callbacksPath}/:channel`, `${callbacksPath}/:channel/:key`]
  return [one('POST', byName), one('GET', byName), one('POST', byKey), one('GET', byKey)]
}

type Way = Readonly<{ id: string; channel: Channel; settings: unknown }>

function taking(parts: CallbackParts): (call: Call) => Promise<Answer> {
  const { hearing, clock, log, own, externalUrl, language, channels = allChannels } = parts
  const counted = own.counter('plimsoll_alerter_callbacks_total')
  const limiter = openLimiter(clock, { burst, refillMs, keysMax: 1_000 })
  const quiet = openLimiter(clock, { burst: 1, refillMs: silentMs, keysMax: 1_000 })
  const waysOf = openWaysThatHear(parts.integrations, channels)

  return async ({ params, url, headers, body }) => {
    const { channel: name = '', key = '' } = params
    const callback: Callback = {
      url: `${externalUrl.replace(/\/+$/, '')}${url}`,
      key,
      headers: Object.fromEntries(Object.entries(headers).map(([field, value]) => [field, String(value)])),
      body: Buffer.isBuffer(body) ? body.toString() : '',
    }
    const ways = waysOf(name)
    const way = ways.find(each => each.channel.hears!.isFrom(callback, each.settings))
    if (way === undefined) {
      // The same for a name that is none, so that nobody learns which there are.
      counted.inc(1, { channel: ways[0]?.channel.name ?? 'none', outcome: 'forged' })
      if (quiet.take(ways.length === 0 ? '' : name) === 0)
        log.warn('alerter', 'a callback did not prove where it came from', {
          channel: name,
          known: ways.length > 0,
        })
      throw new Failure(
        'forged_callback',
        'it does not prove that it comes from the service of a channel of that name',
      )
    }
    const { channel, id } = way
    if (limiter.take(id) > 0) {
      counted.inc(1, { channel: channel.name, outcome: 'too_many' })
      throw new Failure('overloaded', `${name} is called more than ${1_000 / refillMs} times a second`)
    }
    const inbound = channel.hears!.read(callback)
    counted.inc(1, { channel: channel.name, outcome: inbound === undefined ? 'unreadable' : 'taken' })
    if (inbound === undefined) throw new Failure('bad_request', `body: wanted a callback of ${channel.name}`)
    let said: Saying | undefined
    for (const each of inbound) said = saidOf(await hearing.hear(each, id), language) ?? said
    const { type, body: thanks } = channel.hears!.thanks(callback, said)
    return { headers: { 'content-type': type }, body: thanks }
  }
}

// Those of a receiver that hear, also where they stand in a failover only.
function openWaysThatHear(
  integrations: CallbackParts['integrations'],
  channels: Readonly<Record<string, Channel>>,
): (name: string) => readonly Way[] {
  let seen: ReadonlyMap<string, Integration> | undefined
  let ways = new Map<string, Way[]>()
  const read = (): void => {
    const all = new Map<string, Way>()
    for (const integration of seen!.values())
      for (const each of failoverOf(integration)?.order ?? [integration]) {
        const { id, settings } = each
        const channel = channelOf(each, channels)
        if (channel?.hears !== undefined) all.set(id, { id, channel, settings })
      }
    ways = Map.groupBy(all.values(), ({ id }) => receiverOf(id))
  }
  return name => {
    if (integrations() !== seen) {
      seen = integrations()
      read()
    }
    return ways.get(name) ?? []
  }
}

const words = {
  en: {
    acknowledged: (number: number) => `Incident ${number} is yours.`,
    over: (number: number) => `Incident ${number} is over already.`,
    no_incident: (number: number) => `There is no incident ${number}.`,
  },
  zh: {
    acknowledged: (number: number) => `事件 ${number} 已由您认领。`,
    over: (number: number) => `事件 ${number} 已经结束。`,
    no_incident: (number: number) => `没有事件 ${number}。`,
  },
} as const satisfies Record<Language, object>

// Strangers, and texts that may be a machine's, are not answered.
const saidOf = (heard: Heard, language: Language): Saying | undefined =>
  'incident' in heard
    ? { text: words[language][heard.is](heard.incident), isDone: heard.is === 'acknowledged' }
    : undefined
