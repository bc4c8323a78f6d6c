// Who sends, and who has fallen silent? Pure: time is an argument. The engine hands it every batch, asks it when
// nextDueMs() has come (with the present time, not with the due one), and records the answers as agent_up.
// Hearing costs about 3 ns a row (its test holds a bound): the inner loop looks up the host of a series by its number.
import type { Rows } from '#core/batch.ts'
import type { SeriesTable } from '#core/series.ts'
import { Rhythm } from './agents/rhythm.ts'

// What agent_up becomes: 1, 0, or the stale marker; and after how much silence it would be down, where that is known.
export type Told = Readonly<{ host: string; state: 'up' | 'down' | 'gone'; silentMs: number | undefined }>

// `awaited` has its time to speak; until then nothing is said of it.
type Host = {
  readonly name: string
  readonly number: number
  state: Told['state'] | 'awaited'
  told: Told['state']
  // Its silence was told as well.
  isKnown: boolean
  heardMs: number
  isExpected: boolean
  rhythm: Rhythm
}

type Options = Readonly<{
  table: SeriesTable
  // Who says nothing for so long, and for longer than it usually does, is down; for so long, without being expected, is
  // forgotten.
  silentMs: number
  forgetMs: number
}>

// Of the time before, as agent_up and agent_silent_after_seconds tell it.
export type Known = Readonly<{ host: string; up: boolean; silentMs: number | undefined }>

// Instead of a host's number, beside a series that was not looked at yet, and beside one without a host.
const [unknown, nobody] = [0, 1]

const repeatMs = 60_000
// A fleet that falls silent together is looked through ten times a second, not once for each host.
const apartMs = 100
// Whoever is asked so late was not listening either: the process slept, or the clock has jumped.
const lateMs = 5_000
// Nobody's clock is so wrong: what is older is not said now, but filled in.
const pastMs = 86_400_000
// What the server says of hosts is not said by them.
const ours = new Set(['agent_up', 'agent_silent_after_seconds', 'ALERTS', 'ALERTS_FOR_STATE'])

export class Agents {
  readonly #options: Options
  readonly #byName = new Map<string, Host>()
  readonly #hosts: (Host | undefined)[] = [undefined, undefined]
  #recorded: ReadonlySet<string> = new Set()
  // The host's number by the series'.
  #hostOf = new Uint32Array(1_024)
  readonly #changed = new Set<Host>()
  #nowMs = Number.NEGATIVE_INFINITY
  // When somebody may have fallen silent, and when everything is said again.
  #lookMs = Number.POSITIVE_INFINITY
  #repeatMs = Number.NEGATIVE_INFINITY

  constructor(options: Options) {
    if (options.forgetMs < options.silentMs) throw new Error('who is forgotten must have been silent before')
    this.#options = options
  }

  // Replaces the names that rules record: their samples carry the labels of hosts that may long be silent.
  ignore(recorded: Iterable<string>): void {
    this.#recorded = new Set(recorded)
    this.#hostOf.fill(unknown)
  }

  // Replaces who must send. Who is new here has silentMs from now to speak.
  expect(names: readonly string[], nowMs: number): void {
    for (const host of this.#byName.values()) host.isExpected = false
    for (const name of names) {
      const host = this.#host(name)
      host.isExpected = true
      if (host.state === 'gone') this.#set(host, 'awaited', nowMs)
    }
    // Who is not expected any more may be due to be forgotten.
    this.#lookMs = Math.min(this.#lookMs, nowMs)
  }

  // Somebody has set the clock: nobody has spoken earlier or later for that. Everything is said again.
  shift(byMs: number): void {
    for (const host of this.#byName.values()) {
      host.heardMs += byMs
      host.rhythm.shift(byMs)
    }
    this.#lookMs += byMs
    this.#nowMs += byMs
    this.#repeatMs = Number.NEGATIVE_INFINITY
  }

  // Hosts known from before, by the last value of their agent_up. Who was up has silentMs from now to speak; who was
  // down stays down until it speaks.
  remember(known: readonly Known[], nowMs: number): void {
    for (const { host: name, up, silentMs } of known) {
      const host = this.#host(name)
      if (silentMs !== undefined) host.rhythm.remember(silentMs)
      this.#lookMs = Math.min(this.#lookMs, nowMs + this.#options.silentMs)
      if (host.state === 'gone' || host.state === 'awaited') this.#set(host, up ? 'awaited' : 'down', nowMs)
    }
  }

  // The rows of one host come together, so most need one look.
  hear({ series, tMs }: Rows, nowMs: number): void {
    this.#excuse(nowMs)
    if (this.#hostOf.length < this.#options.table.size) this.#widen()
    const hostOf = this.#hostOf
    let last = nobody
    const fromMs = nowMs - pastMs
    for (let at = 0; at < series.length; at++) {
      let host = hostOf[series[at]!]!
      if (host === last || tMs[at]! < fromMs) continue
      if (host === unknown) host = this.#senderOf(series[at]!)
      if (host !== nobody && host !== last) this.#speaks(this.#hosts[host]!, nowMs)
      last = host
    }
  }

  // What has changed since the last call, and once a minute everything.
  tell(nowMs: number): readonly Told[] {
    this.#excuse(nowMs)
    if (nowMs >= this.#lookMs) this.#lookThrough(nowMs)
    const isAll = nowMs >= this.#repeatMs
    if (isAll) this.#repeatMs = nowMs + repeatMs
    const told: Told[] = []
    for (const host of isAll ? this.#byName.values() : this.#changed) {
      const { name, state } = host
      const silentMs = this.#silentMsOf(host)
      const isNews = state !== host.told || (silentMs !== undefined && !host.isKnown)
      if (state === 'awaited' || (!isNews && (!isAll || state === 'gone'))) continue
      told.push({ host: name, state, silentMs })
      host.told = state
      host.isKnown = silentMs !== undefined
    }
    this.#changed.clear()
    return told
  }

  nextDueMs(): number {
    const changedMs = this.#changed.size > 0 ? this.#nowMs : Number.POSITIVE_INFINITY
    return Math.min(this.#lookMs, this.#repeatMs, changedMs)
  }

  // Who does not listen cannot say that nobody spoke: the time since the last call does not count as silence.
  #excuse(nowMs: number): void {
    const missedMs = nowMs - this.#nowMs
    if (missedMs > lateMs && Number.isFinite(this.#repeatMs) && nowMs - this.nextDueMs() > lateMs) {
      for (const host of this.#byName.values()) host.heardMs += missedMs
      this.#lookMs += missedMs
    }
    this.#nowMs = Math.max(this.#nowMs, nowMs)
  }

  #speaks(host: Host, nowMs: number): void {
    if (host.rhythm.heard(nowMs, host.heardMs)) {
      this.#lookMs = Math.min(this.#lookMs, nowMs + this.#options.silentMs)
      // Whoever begins anew right after this must know it.
      if (!host.isKnown) this.#changed.add(host)
    }
    if (host.state === 'up') host.heardMs = Math.max(host.heardMs, nowMs)
    else this.#set(host, 'up', nowMs)
  }

  #set(host: Host, state: Host['state'], nowMs: number): void {
    host.state = state
    host.heardMs = nowMs
    if (state !== 'awaited') this.#changed.add(host)
    this.#lookMs = Math.min(this.#lookMs, nowMs + this.#options.silentMs)
  }

  // All are looked at, because who speaks does not take the time to move its own deadline.
  #lookThrough(nowMs: number): void {
    let nextMs = Number.POSITIVE_INFINITY
    for (const host of this.#byName.values()) {
      if (host.state === 'gone') continue
      const [downMs, goneMs] = [this.#silentMsOf(host) ?? Number.POSITIVE_INFINITY, this.#goneMsOf(host)]
      const quietMs = nowMs - host.heardMs
      const state = quietMs >= goneMs ? 'gone' : quietMs >= downMs ? 'down' : host.state
      if (state !== host.state) this.#changed.add(host)
      host.state = state
      const leftMs = state === 'down' ? goneMs : Math.min(downMs, goneMs)
      if (state !== 'gone') nextMs = Math.min(nextMs, host.heardMs + leftMs)
    }
    this.#lookMs = Math.max(nextMs, nowMs + apartMs)
  }

  // Undefined: it may be no agent at all.
  #silentMsOf({ rhythm, isExpected }: Host): number | undefined {
    return rhythm.silentMs ?? (isExpected ? this.#options.silentMs : undefined)
  }

  // Who was no agent leaves without a word.
  #goneMsOf(host: Host): number {
    const { forgetMs } = this.#options
    if (host.isExpected) return Number.POSITIVE_INFINITY
    const silentMs = this.#silentMsOf(host)
    // Nobody is forgotten before it was missed.
    if (silentMs !== undefined) return Math.max(forgetMs, silentMs + 1)
    return host.state === 'down' ? forgetMs : Math.min(host.rhythm.strangerMs, forgetMs)
  }

  #senderOf(series: number): number {
    const { name, labels } = this.#options.table.get(series)
    const isSaid = labels['host'] !== undefined && !ours.has(name) && !this.#recorded.has(name)
    const number = isSaid ? this.#host(labels['host']!).number : nobody
    this.#hostOf[series] = number
    return number
  }

  // There are no more of them than label sets, hosts expected and hosts remembered; who is gone keeps its number.
  #host(name: string): Host {
    const known = this.#byName.get(name)
    if (known !== undefined) return known
    const number = this.#hosts.length
    const rhythm = new Rhythm(this.#options.silentMs)
    const unheard = { heardMs: Number.NEGATIVE_INFINITY, isExpected: false, rhythm }
    const host: Host = { name, number, state: 'gone', told: 'gone', isKnown: false, ...unheard }
    this.#byName.set(name, host)
    this.#hosts.push(host)
    return host
  }

  #widen(): void {
    const wider = new Uint32Array(Math.max(this.#options.table.size, this.#hostOf.length * 2))
    wider.set(this.#hostOf)
    this.#hostOf = wider
  }
}
