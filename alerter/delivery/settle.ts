// What is written down of an entry after its message was sent, and what becomes of it then: it is told, tried again, or
// told by the next way. Called by flight.ts for each entry of a message.
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
import { asksApart, type Course } from './ways.ts'

// What becomes of an entry: it is gone, or looked at again after so long; stopped: nothing was written, so it is still to
// be told after a restart.
export type Landing = Readonly<{ kind: 'done' } | { kind: 'again'; waitMs: number } | { kind: 'stopped' }>

export type SettleOptions = Readonly<{
  outbox: Outbox
  receipts: Receipts
  // The receipt of the first message about an incident by a way.
  threads: Remembered<string>
  numbers: Numbers
  clock: Clock
  random: () => number
  courseOf(integration: string, telling: OutboxEntry['telling']): Course | undefined
}>

type WriterOptions = Readonly<{ clock: Clock; log: Log; random: () => number; signal: AbortSignal }>

// False: the process stops, and it is not written.
export type Write = (work: () => Promise<void>) => Promise<boolean>

// What was sent is not sent again because it cannot be written down: that is tried until it can, or the process stops.
export const writer =
  ({ clock, log, random, signal }: WriterOptions): Write =>
  async work => {
    for (let tries = 0; ; tries++) {
      try {
        await work()
        return true
      } catch (error) {
        // Another process has the turn, and tells it.
        if (signal.aborted || (error instanceof Failure && error.code === 'lease_lost')) return false
        log.warn('alerter', 'cannot write down what was told; it is tried again', { error })
        await clock.sleep(backoffMs(tries, random), signal).catch(() => {})
        if (signal.aborted) return false
      }
    }
  }

// `settled`: of several, whom nobody has to tell again. `isRestLeft`: there was no room in the budgets of some numbers, so
// the result is of the others.
type Settling = Readonly<{
  lane: Lane
  item: Item
  message: Message
  atMs: number
  result: Result
  groups: number
  settled: OutboxEntry['settled']
  isRestLeft: boolean
}>

// `others` are the ways that are left for it.
type Case<R extends Result = Result> = Settling &
  Readonly<{
    result: R
    about: About
    course: Course | undefined
    others: readonly string[]
    done(facts: readonly Fact[]): Promise<Landing>
    again(waitMs: number, facts: readonly Fact[]): Promise<Landing>
  }>

export function settle(
  options: SettleOptions & Readonly<{ write: Write }>,
  settling: Settling,
): Promise<Landing> {
  const { outbox, courseOf, write } = options
  const { lane, item, result, atMs } = settling
  const { id, integration, telling } = item.entry
  const course = courseOf(integration, telling)
  const base = {
    ...settling,
    about: { entry: item.entry, way: lane.id, atMs },
    course,
    others: course === undefined ? [] : openWaysOf(item, course).filter(way => way !== lane.id),
    done: async (facts: readonly Fact[]): Promise<Landing> =>
      (await write(() => outbox.done(id, facts))) ? { kind: 'done' } : { kind: 'stopped' },
    again: async (waitMs: number, facts: readonly Fact[]): Promise<Landing> =>
      (await write(() => outbox.again(id, atMs + waitMs, facts, settling.settled)))
        ? { kind: 'again', waitMs }
        : { kind: 'stopped' },
  }
  const isSettled =
    result.kind === 'told' ||
    (result.kind === 'refused' && refusalOf(result) === undefined && base.others.length === 0)
  // The others hear of it when there is room.
  if (settling.isRestLeft && isSettled) return base.again(0, partFacts(options, base))
  if (result.kind === 'told') return wasTold(options, { ...base, result })
  item.isRefused = false
  item.isRecalled = false
  const reason = `${lane.id} ${result.reason}`
  // Told once for each reason, since it may go on for days.
  const isNews = item.reason !== reason
  item.reason = reason
  if (result.kind === 'refused') return wasRefused(options, { ...base, result }, isNews)
  return wasPutOff(options, { ...base, result }, isNews)
}

// Those that took it now, where each is asked for itself; nothing where that is all of them.
function takersOf({ lane, item }: Pick<Case, 'lane' | 'item'>): readonly string[] | undefined {
  const { budgets } = lane.way
  if (item.took.length === budgets.length) return undefined
  return item.took.flatMap(({ nth }) => budgets[nth]?.[0]?.key ?? [])
}

// They are not told again, also after a restart.
function partFacts(
  { receipts: expected }: Pick<SettleOptions, 'receipts'>,
  part: Pick<Case, 'lane' | 'item' | 'message' | 'about'>,
): readonly Fact[] {
  const { lane, item, message, about } = part
  const { took } = item
  if (!asksApart(lane.way) || took.length === 0) return []
  const receipts = took.flatMap(each => each.receipts)
  const takenBy = takersOf(part) ?? []
  expected.expect(receipts, about, message.id)
  return [
    toldFact(about, { message: message.id, isCertain: false, receipts, lost: [], takenBy, isPart: true }),
  ]
}

function wasTold(
  { numbers, receipts, threads }: SettleOptions,
  told: Case<Result & { kind: 'told' }>,
): Promise<Landing> {
  const { lane, item, message, result, groups, about, course, others } = told
  const { isCertain, lost } = result
  const how = { message: message.id, isCertain, receipts: result.receipts, lost }
  const takenBy = takersOf(told)
  const fact = toldFact(about, { ...how, ...(takenBy !== undefined && { takenBy }) })
  const facts = groups === 1 ? [fact] : [digestedFact(about, message.id, groups), fact]
  numbers.told(about.atMs - item.entry.sinceMs)
  item.awaits = receipts.expect(result.receipts, about, message.id)
  const { incident } = item.entry
  const thread = `${incident} ${lane.id}`
  const [first] = result.receipts
  const isFirst = groups === 1 && incident !== null && threads.get(thread) === undefined
  if (isFirst && first !== undefined) threads.set(thread, first)

  const waitMs = course?.receiptMs ?? null
  const isAwaited = item.entry.telling.urgency === 'page' && !isCertain && item.awaits.length > 0
  if (waitMs === null || !isAwaited || others.length === 0) return told.done(facts)
  item.told = [...item.told, lane.id]
  return told.again(waitMs, facts)
}

function wasRefused(
  { numbers }: SettleOptions,
  { lane, item, result, about, others, groups, ...refused }: Case<Result & { kind: 'refused' }>,
  isNews: boolean,
): Promise<Landing> {
  const { tries } = item.entry
  const { reason } = result
  const refusal = refusalOf(result)
  const facts = isNews ? [failedFact(about, { reason, isFinal: false, nth: tries })] : []
  const isBack = item.refusals.get(lane.id) === refusal
  item.refusals = new Map(item.refusals).set(lane.id, refusal)
  // The next way may have it whole. Where there is none, or it comes back, the one that it was is found by halves, and the
  // others are told.
  if (refusal === 'digest') {
    if (isBack || others.every(way => item.passed.includes(way)))
      item.groupsMaxBy = new Map(item.groupsMaxBy).set(lane.id, Math.floor(groups / 2))
    item.passed = [...item.passed, lane.id]
    return refused.again(0, facts)
  }
  item.out = [...item.out, lane.id]
  if (others.length > 0) return refused.again(0, facts)
  const again = askAgain(item, about.atMs)
  item.isRefused = again?.isOwn === true
  // Of settings that are no use for anybody the breaker tells.
  if (again?.isOwn !== false) numbers.failed(lane.way.channel.name, item)
  if (again !== undefined) return refused.again(again.waitMs, facts)
  return refused.done([failedFact(about, { reason, isFinal: true })])
}

function wasPutOff(
  { clock, random, receipts }: SettleOptions,
  { lane, item, message, result, about, course, others, again }: Case<Result & { kind: 'later' }>,
  isNews: boolean,
): Promise<Landing> {
  const { tries, telling } = item.entry
  const { reason, afterMs, isLimit } = result
  const failed = isNews ? [failedFact(about, { reason, isFinal: false, nth: tries })] : []
  const facts = [...partFacts({ receipts }, { lane, item, message, about }), ...failed]
  const waitMs = Math.max(afterMs ?? 0, backoffMs(tries, random))
  const leftMs = item.stepSinceMs + (course?.withinMs ?? 0) - clock.monotonicMs()
  // For a limit, only urgent ones go elsewhere.
  const mayGoOn = telling.urgency === 'page' || !isLimit
  if (waitMs <= leftMs || !mayGoOn) return again(waitMs, facts)
  item.passed = [...item.passed, lane.id]
  if (others.some(way => !item.passed.includes(way))) return again(0, facts)
  // Another round, from the first.
  item.passed = []
  item.way = undefined
  return again(waitMs, facts)
}
