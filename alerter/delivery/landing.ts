// What becomes of an entry after its message was sent: it is told, tried again, or told by the next way; and what is
// written down of that. Called by flight.ts for each entry of a message.
import type { Clock } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import type { Log } from '#core/log.ts'
import type { Fact } from '../fact.ts'
import type { Message } from '../message.ts'
import type { Outbox, OutboxEntry } from '../outbox-entry.ts'
import { backoffMs } from './backoff.ts'
import type { Item } from './item.ts'
import type { Lane } from './lane.ts'
import type { Numbers } from './numbers.ts'
import type { Receipts } from './receipts.ts'
import { askAgain, refusalOf } from './refusal.ts'
import type { Remembered } from './remembered.ts'
import { type About, digestedFact, failedFact, toldFact } from './told-facts.ts'
import { openWaysOf } from './turn.ts'
import type { Result } from './verdicts.ts'
import { asksApart, type Course, type Ways } from './ways.ts'

// It is gone, or looked at again after so long; stopped: nothing was written, so it is still to be told after a restart.
export type Landing = Readonly<{ kind: 'done' } | { kind: 'again'; waitMs: number } | { kind: 'stopped' }>

export type LandingOptions = Readonly<{
  outbox: Outbox
  receipts: Receipts
  // The receipt of the first message about an incident by a way.
  threads: Remembered<string>
  numbers: Numbers
  clock: Clock
  log: Log
  random: () => number
  signal: AbortSignal
  ways: Ways
}>

// `groups`: so many entries had the one message. `settled`: of several, whom nobody has to tell again. `isRestLeft`: there
// was no room in the budgets of some numbers, so the result is of the others.
type Flown = Readonly<{
  lane: Lane
  item: Item
  message: Message
  atMs: number
  result: Result
  groups: number
  settled: OutboxEntry['settled']
  isRestLeft: boolean
}>

// Once the state is back: a way waits for what it has sent to be written down, and tells nobody meanwhile.
const writeAgainMs = 5_000

// Its integration is gone.
const noCourse: Course = { ways: [], withinMs: 0, receiptMs: null }

type Of<K extends Result['kind']> = Result & Readonly<{ kind: K }>

export class Landings {
  readonly #options: LandingOptions

  constructor(options: LandingOptions) {
    this.#options = options
  }

  land(flown: Flown): Promise<Landing> {
    const { lane, item, result, isRestLeft } = flown
    const { integration, telling } = item.entry
    const course = this.#options.ways.course(integration, telling) ?? noCourse
    const rest = { ...course, ways: openWaysOf(item, course).filter(way => way !== lane.id) }
    const isLost = result.kind === 'refused' && refusalOf(result) === undefined && rest.ways.length === 0
    // The others hear of it when there is room.
    if (isRestLeft && (isLost || result.kind === 'told')) return this.#again(flown, 0, this.#partFacts(flown))
    if (result.kind === 'told') return this.#told(flown, result, rest)
    item.isRefused = false
    item.isRecalled = false
    if (result.kind === 'refused') return this.#refused(flown, result, rest)
    return this.#putOff(flown, result, rest)
  }

  // Nobody is told of it any more.
  async end({ entry: { id } }: Item, facts: readonly Fact[]): Promise<Landing> {
    return (await this.#write(() => this.#options.outbox.done(id, facts)))
      ? { kind: 'done' }
      : { kind: 'stopped' }
  }

  async #again({ item, atMs, settled }: Flown, waitMs: number, facts: readonly Fact[]): Promise<Landing> {
    const { id } = item.entry
    return (await this.#write(() => this.#options.outbox.again(id, atMs + waitMs, facts, settled)))
      ? { kind: 'again', waitMs }
      : { kind: 'stopped' }
  }

  // What was sent is not sent again because it cannot be written down: that is tried until it can, or the process stops.
  // False: the process stops, and it is not written.
  async #write(work: () => Promise<void>): Promise<boolean> {
    const { clock, log, random, signal } = this.#options
    for (let tries = 0; ; tries++) {
      try {
        await work()
        return true
      } catch (error) {
        // Another process has the turn, and tells it.
        if (signal.aborted || (error instanceof Failure && error.code === 'lease_lost')) return false
        log.warn('alerter', 'cannot write down what was told; it is tried again', { error })
        await clock.sleep(Math.min(writeAgainMs, backoffMs(tries, random)), signal).catch(() => {})
        if (signal.aborted) return false
      }
    }
  }

  #told(
    flown: Flown,
    { isCertain, receipts, lost }: Of<'told'>,
    { receiptMs, ways: others }: Course,
  ): Promise<Landing> {
    const { lane, item, message, groups, atMs } = flown
    const { numbers, receipts: expected } = this.#options
    const about = aboutOf(flown)
    const takenBy = takersOf(flown)
    const how = { message: message.id, isCertain, receipts, lost }
    const fact = toldFact(about, { ...how, ...(takenBy !== undefined && { takenBy }) })
    const facts = groups === 1 ? [fact] : [digestedFact(about, message.id, groups), fact]
    numbers.told(atMs - item.entry.sinceMs)
    item.awaits = expected.expect(receipts, about, message.id)
    this.#beginThread(flown, receipts)
    const isAwaited = item.entry.telling.urgency === 'page' && !isCertain && item.awaits.length > 0
    if (receiptMs === null || !isAwaited || others.length === 0) return this.end(item, facts)
    item.told = [...item.told, lane.id]
    return this.#again(flown, receiptMs, facts)
  }

  #beginThread({ lane, item, groups }: Flown, [first]: readonly string[]): void {
    const { threads } = this.#options
    const { incident } = item.entry
    if (groups > 1 || incident === null || first === undefined) return
    const thread = `${incident} ${lane.id}`
    if (threads.get(thread) === undefined) threads.set(thread, first)
  }

  // They are not told again, also after a restart.
  #partFacts(flown: Flown): readonly Fact[] {
    const { lane, item, message } = flown
    if (!asksApart(lane.way) || item.took.length === 0) return []
    const about = aboutOf(flown)
    const receipts = item.took.flatMap(each => each.receipts)
    const how = { message: message.id, isCertain: false, receipts, lost: [] }
    this.#options.receipts.expect(receipts, about, message.id)
    return [toldFact(about, { ...how, takenBy: takersOf(flown) ?? [], isPart: true })]
  }

  #refused(flown: Flown, result: Of<'refused'>, { ways: others }: Course): Promise<Landing> {
    const { lane, item, groups, atMs } = flown
    const refusal = refusalOf(result)
    const facts = newsOf(flown, result.reason)
    const isBack = item.refusals.get(lane.id) === refusal
    item.refusals = new Map(item.refusals).set(lane.id, refusal)
    // The next way may have it whole. Where there is none, or it comes back, the one that it was is found by halves, and the
    // others are told.
    if (refusal === 'digest') {
      if (isBack || others.every(way => item.passed.includes(way)))
        item.groupsMaxBy = new Map(item.groupsMaxBy).set(lane.id, Math.floor(groups / 2))
      item.passed = [...item.passed, lane.id]
      return this.#again(flown, 0, facts)
    }
    item.out = [...item.out, lane.id]
    if (others.length > 0) return this.#again(flown, 0, facts)
    const again = askAgain(item, atMs)
    item.isRefused = again?.isOwn === true
    // Of settings that are no use for anybody the breaker tells.
    if (again?.isOwn !== false) this.#options.numbers.failed(lane.way.channel.name, item)
    if (again !== undefined) return this.#again(flown, again.waitMs, facts)
    return this.end(item, [failedFact(aboutOf(flown), { reason: result.reason, isFinal: true })])
  }

  #putOff(
    flown: Flown,
    { reason, afterMs, isLimit }: Of<'later'>,
    { withinMs, ways: others }: Course,
  ): Promise<Landing> {
    const { lane, item } = flown
    const { clock, random } = this.#options
    const { tries, telling } = item.entry
    const facts = [...this.#partFacts(flown), ...newsOf(flown, reason)]
    const waitMs = Math.max(afterMs ?? 0, backoffMs(tries, random))
    const leftMs = item.stepSinceMs + withinMs - clock.monotonicMs()
    // For a limit, only urgent ones go elsewhere.
    const mayGoOn = telling.urgency === 'page' || !isLimit
    if (waitMs <= leftMs || !mayGoOn) return this.#again(flown, waitMs, facts)
    item.passed = [...item.passed, lane.id]
    if (others.some(way => !item.passed.includes(way))) return this.#again(flown, 0, facts)
    // Another round, from the first.
    item.passed = []
    item.way = undefined
    return this.#again(flown, waitMs, facts)
  }
}

const aboutOf = ({ lane, item, atMs }: Flown): About => ({ entry: item.entry, way: lane.id, atMs })

// Told once for each reason, since it may go on for days.
function newsOf(flown: Flown, why: string): readonly Fact[] {
  const { lane, item } = flown
  const reason = `${lane.id} ${why}`
  if (item.reason === reason) return []
  item.reason = reason
  return [failedFact(aboutOf(flown), { reason: why, isFinal: false, nth: item.entry.tries })]
}

// Those that took it now, where each is asked for itself; nothing where that is all of them.
function takersOf({ lane, item }: Flown): readonly string[] | undefined {
  const { budgets } = lane.way
  if (item.took.length === budgets.length) return undefined
  return item.took.flatMap(({ nth }) => budgets[nth]?.[0]?.key ?? [])
}
