// What happens to entries from the moment they are taken until it is written down what became of them. Called by
// delivery.ts, which decides when and by which way.
import { Breath } from '#core/breath.ts'
import type { Log } from '#core/log.ts'
import type { Verdict } from '../channel.ts'
import type { Fact } from '../fact.ts'
import type { Message } from '../message.ts'
import { settingsDigest } from '../settings-digest.ts'
import { isPlace, placesFor, textsFor } from '../template/texts.ts'
import type { Templates } from '../template.ts'
import { type Budgets, isLong } from './budget.ts'
import { type Composer, type Part, shortened } from './compose.ts'
import type { Item } from './item.ts'
import { type Lane, putOff } from './lane.ts'
import type { Pictured } from './pictured.ts'
import type { Sender } from './sender.ts'
import { type Landing, type SettleOptions, settle, writer } from './settle.ts'
import { settledOf, withSettled } from './settled.ts'
import { failedFact } from './told-facts.ts'
import { type Result, resultOf } from './verdicts.ts'

// Where tests end the process, or wait.
export type Point = 'before_send' | 'after_send' | 'after_done'

export type FlightOptions = SettleOptions &
  Readonly<{
    sender: Sender
    budgets: Budgets
    composer: Composer
    log: Log
    signal: AbortSignal
    isHeld(): boolean
    // Those of now.
    templates?: (() => Templates) | undefined
    pictured: Pictured
    reach(point: Point): void | Promise<void>
  }>

export type Flights = Readonly<{
  // By its one message; the answer is in the order of the items. `answered` is called when its service has it.
  fly(lane: Lane, items: readonly Item[], answered: () => void): Promise<readonly Landing[]>
  // Nobody will be told.
  fail(item: Item, reason: string): Promise<Landing>
  // It was told before.
  end(item: Item, facts: readonly Fact[]): Promise<Landing>
}>

export function openFlights(options: FlightOptions): Flights {
  const { outbox, composer, numbers, clock } = options
  const write = writer(options)

  const end = async ({ entry }: Item, facts: readonly Fact[]): Promise<Landing> =>
    (await write(() => outbox.done(entry.id, facts))) ? { kind: 'done' } : { kind: 'stopped' }
  const fail = (item: Item, reason: string): Promise<Landing> => {
    const way = item.way ?? item.entry.integration
    numbers.failed(way.split('/').at(-2) ?? way, item)
    const about = { entry: item.entry, way, atMs: clock.nowMs() }
    return end(item, [failedFact(about, { reason, isFinal: true })])
  }
  return {
    async fly(lane, items, answered) {
      const breath = new Breath()
      const parts = items.map(({ entry }): Part => ({ entry, alerts: outbox.alertsOf(entry) }))
      const nowMs = clock.nowMs()
      if (parts.every(({ entry, alerts }) => entry.said === undefined && alerts.length === 0)) {
        lane.breaker.giveBack()
        const reason = 'nothing is known of its alerts any more'
        return Promise.all(items.map(item => fail(item, reason)))
      }
      const [first] = parts
      const bare = parts.length === 1 ? composer.message(first!, nowMs) : composer.digest(parts, nowMs)
      // Very large groups take a while.
      if (breath.isDue) await breath.taken()
      const message = await options.pictured(bare, lane.way)
      await options.reach('before_send')
      const beganMs = clock.monotonicMs()
      const { result, verdicts, place } = await tell(options, { lane, items, message })
      await options.reach('after_send')
      const isTold = result.kind === 'told' || (result.kind === 'later' && result.told === 'now')
      if (options.signal.aborted && !isTold) return items.map(() => ({ kind: 'stopped' }))
      // Whoever has lost the turn has asked nobody.
      if (isTold || options.isHeld()) {
        note(options, { lane, items, result, tookMs: clock.monotonicMs() - beganMs })
        mention(options, lane, result)
      } else lane.breaker.giveBack()
      if (result.kind === 'told') answered()
      const landings = await Promise.all(
        items.map(item => {
          const settled = withSettled(item.entry, place, verdicts)
          return settle({ ...options, write }, { lane, item, message, result, groups: items.length, settled })
        }),
      )
      await options.reach('after_done')
      return landings
    },
    fail,
    end,
  }
}

type Sent = Readonly<{ lane: Lane; items: readonly Item[]; message: Message }>

async function tell(options: FlightOptions, { lane, items, message }: Sent) {
  const { sender, threads, random, signal } = options
  // Another one after a reload.
  const { way } = lane
  const before = threads.get(`${message.incident} ${lane.id}`)
  const around = { random, ...(before === undefined ? {} : { before }) }
  const texts = rendered(options, lane, message, textsFor)
  const places = Object.entries(texts ?? {}).filter(([name]) => isPlace(way.channel, name))
  const isPlaced = places.length > 0
  const place = { way: lane.id, digest: isPlaced ? settingsDigest([way.digest, places]) : way.digest }
  const known = settledOf(
    items.map(({ entry }) => entry),
    place,
  )
  const whole = { ...around, ...(texts === undefined ? {} : { texts }) }
  const here = `${lane.id} ${way.digest}`
  const isKnown = items.some(({ tooMuchFor }) => tooMuchFor === here)
  let verdicts: readonly Verdict[] = isKnown
    ? []
    : await sender.send(way, message, { around: whole, settled: known, signal })
  const isShort = isKnown || verdicts.some(isTooMuch)
  if (isShort && !hasRoom(options, { lane, message, verdicts })) verdicts = verdicts.map(whenRoom)
  else if (isShort) {
    const fitting = new Map([...verdicts.entries()].filter(([, each]) => !isTooMuch(each)))
    const settled = isKnown ? known : fitting
    const short = shortened(message)
    const shortTexts = rendered(options, lane, short, placesFor)
    const bare = { ...around, ...(shortTexts === undefined ? {} : { texts: shortTexts }) }
    verdicts = await sender.send(way, short, { around: bare, settled, signal })
  }
  const result = ofPlace(resultOf(verdicts, known), isPlaced)
  for (const item of items) {
    item.isTold = result.kind === 'told'
    item.tooMuchFor = isShort && result.kind === 'later' ? here : undefined
  }
  return { result, verdicts, place }
}

type TooMuch = Extract<Verdict, { kind: 'refused' }>

const isTooMuch = (verdict: Verdict): verdict is TooMuch =>
  verdict.kind === 'refused' && verdict.because === 'message'

type Second = Pick<Sent, 'lane' | 'message'> & Readonly<{ verdicts: readonly Verdict[] }>

// Whoever was asked once is not asked again beyond the budget of what is asked; of long ones only what was told counts.
function hasRoom({ budgets, clock }: FlightOptions, { lane, message, verdicts }: Second): boolean {
  if (!verdicts.some(each => isTooMuch(each) && each.isOurs !== true)) return true
  const { urgency } = message
  const nowMs = clock.monotonicMs()
  const short = lane.way.budgets.filter(each => !isLong(each))
  if (budgets.waitMs(short, { urgency, times: 1, nowMs }) > 0) return false
  budgets.spend(short, urgency, nowMs)
  return true
}

// It waits in its lane like all others.
const whenRoom = (verdict: Verdict): Verdict =>
  isTooMuch(verdict) ? { kind: 'later', reason: verdict.reason, afterMs: 1, isLimit: true } : verdict

// Another message goes elsewhere. What is said of all is not told apart: each then finds that out by itself.
function ofPlace(result: Result, isPlaced: boolean): Result {
  const isOfPlace = isPlaced && result.kind === 'refused' && result.because === 'settings'
  return isOfPlace ? { ...result, isOfPlace } : result
}

// Without them a channel has words of its own.
function rendered(
  { templates, log, numbers }: FlightOptions,
  { id, way }: Lane,
  message: Message,
  render: typeof textsFor,
) {
  if (templates === undefined || way.channel.texts === undefined) return undefined
  const { texts, failures, isLost } = render(templates(), way.channel, way.settings, message)
  if (failures.length > 0) {
    numbers.textFailed(way.channel.name)
    const what = isLost
      ? 'nothing was sent: a template that says where it goes failed'
      : 'a template failed; our own words were sent'
    log.warn('alerter', what, { integration: id, failures })
  }
  return Object.keys(texts).length === 0 ? undefined : texts
}

// What it says about the way itself.
function note(
  { clock, numbers }: FlightOptions,
  { lane, items, result, tookMs }: Omit<Sent, 'message'> & Readonly<{ result: Result; tookMs: number }>,
): void {
  const nowMs = clock.monotonicMs()
  numbers.sent(
    lane.way.channel.name,
    ({ told: 'told', later: 'later', refused: 'failed' } as const)[result.kind],
    tookMs,
  )
  if (result.kind === 'later') putOff(lane, { ...result, sinceMs: triedSinceMs(items, nowMs) }, nowMs)
  else if (result.kind === 'refused' && result.because === 'settings') {
    if (result.isOfPlace === true) lane.breaker.worked(nowMs)
    else lane.breaker.refused(nowMs, result.reason)
  } else lane.breaker.worked(nowMs)
}

const triedSinceMs = (items: readonly Item[], nowMs: number): number =>
  items.reduce(
    (latestMs, { entry, stepSinceMs }) => Math.max(latestMs, entry.tries === 0 ? nowMs : stepSinceMs),
    Number.NEGATIVE_INFINITY,
  )

// For whoever reads the log: that it fails is said once, and so is that it works again. Each by its own code, or several
// that go at once would be one line.
function mention({ log }: FlightOptions, lane: Lane, result: Result): void {
  const code = lane.id
  if (result.kind === 'refused') {
    const { because, reason } = result
    if (because === 'settings')
      log.error('alerter', 'a service refuses the settings of a channel', { code, reason })
    return
  }
  // Of one number of several the facts tell.
  if (result.kind === 'later' && result.told !== 'nobody') return
  const isFailing = result.kind === 'later'
  if (isFailing === lane.isFailing) return
  lane.isFailing = isFailing
  if (isFailing) {
    const { reason } = result
    log.warn('alerter', 'a message did not get through; what is for there waits and is tried again', {
      code,
      reason,
    })
  } else log.info('alerter', 'messages get through again', { code })
}
