// Tells people without bus, state and outbox, because these may be what is broken: what was begun is tried until a service
// takes it, and its end is told to whoever was told of it, also before a restart. Called by watchdog.ts.
import type { Clock, Timer } from '#core/clock.ts'
import { fingerprint, labelsOf } from '#core/labels.ts'
import type { Log } from '#core/log.ts'
import type { OwnMetrics } from '#core/own-metrics.ts'
import type { Channel } from '../channel.ts'
import { channels as allChannels } from '../channels/index.ts'
import { backoffMs } from '../delivery/backoff.ts'
import { whenMended } from '../delivery/refusal.ts'
import { openSender, type Sender } from '../delivery/sender.ts'
import { type Settled, settledOf, withSettled } from '../delivery/settled.ts'
import type { Voice } from '../delivery/spoken.ts'
import { resultOf } from '../delivery/verdicts.ts'
import { wayOf } from '../delivery/ways.ts'
import { failoverOf } from '../failover.ts'
import type { Post } from '../post.ts'
import type { Integration, Receiver } from '../route.ts'
import { channelOf } from '../unready.ts'
import { alarmMessage, type How, type Said } from './alarm-message.ts'
import { type Alarm, keyOf, type Road } from './watch.ts'
import type { Words } from './words.ts'

export type DirectOptions = Readonly<{
  // Those who are told, as they are now.
  receivers(): readonly Receiver[]
  voice: Voice
  post: Post
  clock: Clock
  log: Log
  own: OwnMetrics
  random?: () => number
  channels?: Readonly<Record<string, Channel>> | undefined
  // Called once for each message that somebody has.
  onTold?(told: Told): void
}>

// What somebody was told, by this message; or not told, because he does not want to hear of it any more.
export type Told = Alarm & Readonly<{ kind: 'told' | 'held'; how: How; message: string }> & Whom

export type Whom = Readonly<{ receiver: string; integration: string }>

// Otherwise until it may be tried again, as far as is known.
type Sent = Told['kind'] | Readonly<{ afterMs: number }>

// The configuration may be another one by then.
const afterMaxMs = 300_000

// An integration, and what it is to hear of one thing.
type Target = {
  readonly receiver: string
  readonly integration: string
  said: Said
  // Somebody has heard that it began.
  isTold: boolean
  // The last of what is said that somebody has.
  heard: string | undefined
  // Who of several has what is said, while others are tried again.
  settled: readonly Settled[] | undefined
  tries: number
  isBusy: boolean
  timer: Timer | undefined
}

export class Direct {
  readonly #options: DirectOptions
  readonly #sender: Sender
  readonly #counted
  readonly #stopping = new AbortController()
  readonly #targets = new Map<string, Target>()
  readonly #underWay = new Set<Promise<void>>()
  #nth = 0

  constructor(options: DirectOptions) {
    this.#options = options
    this.#sender = openSender(options)
    this.#counted = options.own.counter('plimsoll_watchdog_told_total')
  }

  // What was said of the same road before is not said any more.
  say(alarm: Alarm, words: Words, how: How): void {
    const { receivers, clock } = this.#options
    const about = keyOf(alarm.road)
    this.#nth += 1
    const atMs = clock.nowMs()
    const id = fingerprint(labelsOf([['watchdog', `${about} ${this.#nth} ${atMs}`]]))
    const said = { id, alarm, words, how, atMs }
    // An end is for those who heard of the beginning.
    for (const { name: receiver, integrations } of how === 'over' ? [] : receivers())
      for (const { id: integration } of integrations) {
        const key = `${about}\n${integration}`
        if (!this.#targets.has(key)) this.#targets.set(key, targetOf({ receiver, integration, said }))
      }
    for (const [key, target] of this.#targets) {
      if (!key.startsWith(`${about}\n`)) continue
      Object.assign(target, { said, tries: 0 })
      if (!target.isBusy) this.#begin(key, target)
    }
  }

  // Somebody has heard of its beginning before this process was there. False: he is not told of such things any more.
  resume(alarm: Alarm, whom: Whom): boolean {
    const key = `${keyOf(alarm.road)}\n${whom.integration}`
    const id = `${keyOf(alarm.road)} ${alarm.sinceMs}`
    const said = { id, alarm, words: { title: '', text: '' }, how: 'begun', atMs: alarm.sinceMs } as const
    const target = this.#targets.get(key) ?? targetOf({ ...whom, said })
    target.isTold = true
    this.#targets.set(key, target)
    if (this.#waysOf(whom.integration).length > 0) return true
    this.#hold(key, target)
    return false
  }

  async close(): Promise<void> {
    for (const { timer } of this.#targets.values()) timer?.cancel()
    this.#stopping.abort()
    await Promise.all(this.#underWay)
    await this.#sender.close()
  }

  // Not watched any more.
  forget(road: Road): void {
    const about = keyOf(road)
    for (const [key, target] of this.#targets) if (key.startsWith(`${about}\n`)) this.#hold(key, target)
  }

  #begin(key: string, target: Target): void {
    target.timer?.cancel()
    // Nobody was told that it began, or is told of such things any more.
    const isHeard = target.isTold && this.#waysOf(target.integration).length > 0
    if (target.said.how === 'over' && !isHeard) {
      this.#hold(key, target)
      return
    }
    const work = this.#tell(key, target).finally(() => this.#underWay.delete(work))
    this.#underWay.add(work)
  }

  async #tell(key: string, target: Target): Promise<void> {
    const { clock, random = Math.random } = this.#options
    const { said } = target
    target.isBusy = true
    const sent = await this.#send(target)
    target.isBusy = false
    const isMissed = typeof sent === 'object'
    if (sent !== 'held') this.#counted.inc(1, { outcome: isMissed ? 'failed' : 'told' })
    if (!isMissed) this.#note(target, said, sent)
    const isForgotten = this.#targets.get(key) !== target
    if (isForgotten && target.isTold) this.#note(target, { ...said, how: 'over' }, 'held')
    if (this.#stopping.signal.aborted || isForgotten) return
    if (target.said !== said) this.#begin(key, target)
    else if (isMissed) {
      target.tries += 1
      const waitMs = Math.max(sent.afterMs, backoffMs(target.tries, random))
      target.timer = clock.after(waitMs, () => this.#begin(key, target))
    } else if (said.how === 'over') this.#targets.delete(key)
  }

  // Its end is not told.
  #hold(key: string, target: Target): void {
    target.timer?.cancel()
    this.#targets.delete(key)
    if (target.isTold) this.#note(target, { ...target.said, how: 'over' }, 'held')
  }

  #note(target: Target, { id: message, alarm, how }: Said, kind: Told['kind']): void {
    const { receiver, integration } = target
    const heard = `${kind} ${message}`
    if (target.heard !== heard)
      this.#options.onTold?.({ ...alarm, kind, receiver, integration, how, message })
    target.heard = heard
    if (kind === 'told') target.isTold = true
  }

  // By the first of its ways that takes it.
  async #send(target: Target): Promise<Sent> {
    const { receiver, integration, said, tries } = target
    const { id, how, atMs: sinceMs } = said
    const { clock, log, voice, random = Math.random } = this.#options
    const message = alarmMessage(said, { receiver, atMs: clock.nowMs() }, voice)
    let reason = 'it is not configured any more'
    const ways = this.#waysOf(integration)
    // Nobody is called at night to be told that it works again.
    const open = how === 'over' ? ways.filter(each => each.tellsEnds) : ways
    if (ways.length > 0 && open.length === 0) return 'held'
    let afterMs = open.length === 0 ? 0 : afterMaxMs
    for (const way of open) {
      const address = { way: way.id, digest: way.digest, who: way.who }
      const telling = { id, resolved: how === 'over' ? [id] : [] }
      const told = { telling, settled: target.settled, sinceMs, tries }
      const settled = settledOf([told], address)
      const sending = { around: { random }, settled, signal: this.#stopping.signal }
      const found = await this.#sender.send(way, message, sending)
      const verdicts = whenMended(found, settled, { entries: [told], nowMs: clock.nowMs() })
      target.settled = withSettled(told, address, verdicts)
      const result = resultOf(verdicts, settled)
      if (result.kind === 'told') return 'told'
      // Some of several have it, the others are tried again.
      if (result.kind === 'later' && result.told !== 'nobody' && how === 'begun')
        this.#note(target, said, 'told')
      reason = result.reason
      afterMs = Math.min(afterMs, (result.kind === 'later' ? result.afterMs : undefined) ?? 0)
    }
    log.error('watchdog', 'cannot tell that something is missing, and tries again', { integration, reason })
    return { afterMs }
  }

  #waysOf(id: string) {
    const { receivers, channels = allChannels as Readonly<Record<string, Channel>> } = this.#options
    const integration = receivers()
      .flatMap(({ integrations }) => integrations)
      .find(each => each.id === id)
    if (integration === undefined) return []
    const order: readonly Integration[] = failoverOf(integration)?.order ?? [integration]
    return order.flatMap(each => {
      const channel = channelOf(each, channels)
      return channel === undefined ? [] : [wayOf(each, channel)]
    })
  }
}

const targetOf = (of: Pick<Target, 'receiver' | 'integration' | 'said'>): Target => ({
  ...of,
  isTold: false,
  heard: undefined,
  settled: undefined,
  tries: 0,
  isBusy: false,
  timer: undefined,
})
