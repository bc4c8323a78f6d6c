// Others that must be heard of: any process takes their beats, and the one that has the alerter's turn says who is missing,
// by the road of all alerts. Opened by bin/.
import type { Clock, Timer } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import type { Log } from '#core/log.ts'
import type { AlertTransition } from '#core/model.ts'
import type { OwnMetrics } from '#core/own-metrics.ts'
import type { State } from '#core/state.ts'
import {
  alertStatement,
  type Beats,
  beatStatement,
  expectStatement,
  failStatement,
  forgetStatement,
  isAhead,
  readBeats,
  setBack,
  setBackStatements,
} from './heartbeats/beats.ts'
import { judge } from './heartbeats/judge.ts'
import type { AllHeartbeats, Heartbeat } from './heartbeats/settings.ts'
import type { Speech } from './heartbeats/words.ts'
import { type Late, openLooks } from './looks.ts'
import { matchAll } from './matcher.ts'

export interface Heartbeats {
  // Durable when it resolves.
  beat(name: string): Promise<void>
  // It says itself that it failed, and why.
  fail(name: string, text: string): Promise<void>
  // Takes the beats among posted alerts. The others are published first: a state that is away keeps them from nobody.
  hear(transitions: readonly AlertTransition[], publish: Publish): Promise<void>
  list(): Promise<readonly Heard[]>
}

// Resolves when they are durable.
export type Publish = (transitions: readonly AlertTransition[]) => Promise<void>

export type Heard = Readonly<{ heartbeat: Heartbeat; beats: Beats | undefined }>

export type HeartbeatsOptions = Readonly<{
  state: State
  clock: Clock
  own: OwnMetrics
  // Those of now.
  heartbeats(): AllHeartbeats
  // Heard here: whoever judges in this process need not wait.
  onBeat(names: readonly string[], outcome: 'beat' | 'failure'): void
}>

const textMax = 1_000

export function openHeartbeats({ state, clock, own, heartbeats, onBeat }: HeartbeatsOptions): Heartbeats {
  const counted = own.counter('plimsoll_heartbeats_total')
  const known = (name: string): void => {
    if (!heartbeats().has(name))
      throw new Failure('not_found', `no heartbeat is called ${JSON.stringify(name)}: see \`heartbeats\``)
  }
  async function beat(names: readonly string[]): Promise<void> {
    if (names.length === 0) return
    await state.write(names.map(name => beatStatement(state.db, name, clock.nowMs())))
    counted.inc(names.length, { outcome: 'beat' })
    onBeat(names, 'beat')
  }
  return {
    async beat(name) {
      known(name)
      await beat([name])
    },
    async fail(name, text) {
      known(name)
      const failed = { atMs: clock.nowMs(), text: text.slice(0, textMax) }
      await state.write([failStatement(state.db, name, failed)])
      counted.inc(1, { outcome: 'failure' })
      onBeat([name], 'failure')
    },
    async hear(transitions, publish) {
      const listening = [...heartbeats().values()].filter(({ alert }) => alert !== undefined)
      const beating = new Set<string>()
      const others = transitions.filter(({ alert }) => {
        const found = listening.filter(each => matchAll(each.alert!, alert.labels))
        // That it ended is no sign of life.
        if (alert.state === 'firing') for (const { name } of found) beating.add(name)
        return found.length === 0
      })
      if (others.length > 0) await publish(others)
      await beat([...beating])
    },
    async list() {
      const rows = new Map((await readBeats(state.db)).map(each => [each.name, each] as const))
      return [...heartbeats().values()].map(heartbeat => ({ heartbeat, beats: rows.get(heartbeat.name) }))
    },
  }
}

export interface Judging {
  // Only what changes an alert is looked at before its time.
  heard: HeartbeatsOptions['onBeat']
  // Looks now, and not only at the next tick; resolves when that is done.
  wake(): Promise<void>
  close(): Promise<void>
}

export type JudgingOptions = Readonly<{
  state: State
  clock: Clock
  log: Log
  own: OwnMetrics
  heartbeats(): AllHeartbeats
  speech: Speech
  publish: Publish
  // That of a lease, where there may be another owner.
  write?: State['write']
}>

const lookMs = 5_000

export function openJudging(options: JudgingOptions): Judging {
  const { state, clock, log, own, heartbeats, speech, publish } = options
  const { write = statements => state.write(statements) } = options
  const looks = openLooks(clock, lookMs)
  // Since when whoever beats is heard.
  let listenedMs = clock.nowMs()
  const missing = own.gauge('plimsoll_heartbeats_missing')
  const firing = new Set<string>()
  let timer: Timer | undefined
  let looking: Promise<void> | undefined
  let isAsked = false
  // Where nobody is waited for, the state is left alone.
  let isEmpty = false
  let isClosed = false

  async function one(beats: Beats, heartbeat: Heartbeat | undefined, nowMs: number): Promise<boolean> {
    const judged = judge(heartbeat, beats, { nowMs, listenedMs, speech })
    // Told first: whoever dies here says it again, under the same id.
    if (judged.transitions.length > 0) await publish(judged.transitions)
    const { db } = state
    if (heartbeat === undefined) await write([forgetStatement(db, beats.name)])
    else if (judged.alert !== beats.alert) await write([alertStatement(db, beats.name, judged.alert)])
    return judged.alert !== null
  }
  async function look(late: Late): Promise<void> {
    const now = heartbeats()
    if (now.size === 0 && isEmpty) return
    // Before the rows: telling takes time, and who beats meanwhile is not in them.
    const nowMs = clock.nowMs()
    const wasAway = late.wallMs > 0 || late.monotonicMs > 0
    listenedMs = wasAway ? nowMs : Math.min(listenedMs, nowMs)
    const rows = await readBeats(state.db)
    isEmpty = rows.length === 0
    const there = new Set(rows.map(({ name }) => name))
    const fresh = [...now.keys()].filter(name => !there.has(name))
    if (fresh.length > 0) await write(fresh.map(name => expectStatement(state.db, name, nowMs)))
    if (rows.some(each => isAhead(each, nowMs))) await write(setBackStatements(state.db, nowMs))
    for (const row of rows) {
      const beats = setBack(row, nowMs)
      if (await one(beats, now.get(beats.name), nowMs)) firing.add(beats.name)
      else firing.delete(beats.name)
    }
    missing.set(firing.size)
  }
  async function run(): Promise<void> {
    timer?.cancel()
    do {
      isAsked = false
      await look(looks.begin()).catch((error: unknown) => {
        if (!(error instanceof Failure)) throw error
        log.warn('heartbeats', 'cannot look who is missing, and tries again', { error })
      })
      looks.end()
    } while (isAsked && !isClosed)
    looking = undefined
    if (!isClosed) timer = clock.after(lookMs, () => void wake())
  }
  async function wake(): Promise<void> {
    isAsked = true
    if (!isClosed) looking ??= run()
    await looking
  }
  void wake()
  return {
    heard(names, outcome) {
      if (outcome === 'failure' || names.some(each => firing.has(each))) void wake()
    },
    wake,
    async close() {
      isClosed = true
      missing.set(0)
      timer?.cancel()
      await looking
    },
  }
}
