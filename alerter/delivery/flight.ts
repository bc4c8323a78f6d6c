// What happens to entries from the moment they are taken until it is written down what became of them. Called by
// loop.ts, which decides when and by which way.
import { Breath } from '#core/breath.ts'
import type { Verdict } from '../channel.ts'
import type { Fact } from '../fact.ts'
import type { Message } from '../message.ts'
import type { OutboxEntry } from '../outbox-entry.ts'
import { settingsDigest } from '../settings-digest.ts'
import { isPlace, placesFor, textsFor } from '../template/texts.ts'
import type { Templates } from '../template.ts'
import { type Budgets, isShort } from './budget.ts'
import { type Composer, type Part, shortened } from './compose.ts'
import type { Item } from './item.ts'
import { type Landing, type LandingOptions, Landings } from './landing.ts'
import type { Lane } from './lane.ts'
import { mention, note } from './note.ts'
import { noteFailed, type Pictured } from './pictured.ts'
import { refusalOf, whenMended } from './refusal.ts'
import type { Sender } from './sender.ts'
import { settledOf, withSettled } from './settled.ts'
import { failedFact } from './told-facts.ts'
import type { Departure } from './traffic.ts'
import { hasTaken, type Result, receiptsIn, resultOf } from './verdicts.ts'
import { asksApart } from './ways.ts'

// Where tests end the process, or wait.
export type Point = 'before_send' | 'after_send' | 'after_done'

export type FlightOptions = LandingOptions &
  Readonly<{
    sender: Sender
    budgets: Budgets
    composer: Composer
    isHeld(): boolean
    // Those of now.
    templates?: (() => Templates) | undefined
    pictured: Pictured
    reach(point: Point): void | Promise<void>
  }>

export type Flights = Readonly<{
  // By its one message; the answer is in the order of the items. `answered` is called when its service has it.
  fly(departure: Departure, answered: () => void): Promise<readonly Landing[]>
  // Nobody will be told.
  fail(item: Item, reason: string): Promise<Landing>
  // It was told before.
  end(item: Item, facts: readonly Fact[]): Promise<Landing>
}>

export function openFlights(options: FlightOptions): Flights {
  const { outbox, composer, numbers, clock } = options
  const landings = new Landings(options)
  const fail = (item: Item, reason: string): Promise<Landing> => {
    const way = item.way ?? item.entry.integration
    numbers.failed(way.split('/').at(-2) ?? way, item)
    const about = { entry: item.entry, way, atMs: clock.nowMs() }
    return landings.end(item, [failedFact(about, { reason, isFinal: true })])
  }
  return {
    async fly({ lane, items, room }, answered) {
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
      const message = await options.pictured(bare, lane.way, items[0]!)
      await options.reach('before_send')
      const beganMs = clock.monotonicMs()
      const { heard, isRestLeft } = await tell(options, { lane, items, room, message })
      const result = heard[0]?.result
      const isTold = heard.some(each => each.result.kind === 'told')
      const isTaken = isTold || (result?.kind === 'later' && result.told === 'now')
      await options.reach('after_send')
      if (result === undefined || (options.signal.aborted && !isTaken))
        return items.map(() => ({ kind: 'stopped' }))
      // Whoever has lost the turn has asked nobody.
      if (isTaken || options.isHeld()) {
        note(options, { lane, items, result, tookMs: clock.monotonicMs() - beganMs })
        mention(options, lane, result)
        noteFailed(items[0]!, { message, way: lane.way, result })
      } else lane.breaker.giveBack()
      if (isTold) answered()
      // One for all: by it a digest is known as one message.
      const atMs = clock.nowMs()
      const common = { lane, message, atMs, groups: items.length, isRestLeft }
      const landed = await Promise.all(
        items.map((item, nth) => landings.land({ ...common, item, ...heard[nth]! })),
      )
      await options.reach('after_done')
      return landed
    },
    fail,
    end: (item, facts) => landings.end(item, facts),
  }
}

type Sent = Departure & Readonly<{ message: Message }>

// In the order of the items: those that miss the same may have heard the rest from other messages.
type Heard = Readonly<{
  heard: readonly Readonly<{ result: Result; settled: OutboxEntry['settled'] }>[]
  isRestLeft: boolean
}>

const noRoom: Verdict = { kind: 'later', reason: 'its budget is used up' }

async function tell(options: FlightOptions, { lane, items, room, message }: Sent): Promise<Heard> {
  // Another one after a reload.
  const { way } = lane
  const texts = rendered(options, lane, message, textsFor)
  const places = Object.entries(texts ?? {}).filter(([name]) => isPlace(way.channel, name))
  const isPlaced = places.length > 0
  const digest = isPlaced ? settingsDigest([way.digest, places]) : way.digest
  const address = { way: lane.id, digest, who: way.who }
  const entries = items.map(({ entry }) => entry)
  const common = settledOf(entries, address)
  // Also those who were told with other settings: they may be somebody else by now.
  const isFull = (nth: number): boolean => !common.has(nth) && !room.includes(nth)
  const full = asksApart(way) ? [...way.budgets.keys()].filter(isFull) : []
  const known = full.length === 0 ? common : new Map([...common, ...full.map(nth => [nth, noRoom] as const)])
  const { verdicts: found, isBrief } = await ask(options, { lane, items, room, message }, { texts, known })
  const verdicts = whenMended(found, known, { entries, nowMs: options.clock.nowMs() })
  const heard = items.map(item => {
    const before = settledOf([item.entry], address)
    const own = verdicts.map((verdict, nth) => before.get(nth) ?? verdict)
    const asked = own.filter(verdict => verdict !== noRoom)
    const result = blamed(resultOf(asked, before), { isPlaced, groups: items.length })
    const hasIt = (nth: number): boolean =>
      asksApart(way) ? !before.has(nth) && hasTaken(own[nth]) : result.kind === 'told'
    item.took = room.filter(hasIt).map(nth => ({ nth, receipts: receiptsIn(own[nth]) }))
    const isLeft = result.kind === 'later' || full.length > 0
    item.tooMuchFor = isBrief && isLeft ? tooMuchIn(lane) : undefined
    // Who may take it later is asked again, whoever else has no room.
    const isOpen = result.kind === 'refused' && refusalOf(result) !== undefined
    return { result, settled: isOpen ? item.entry.settled : withSettled(item.entry, address, own) }
  })
  return { heard, isRestLeft: full.length > 0 }
}

type Asked = Readonly<{
  texts: ReturnType<typeof rendered>
  // Of those who are not asked.
  known: ReadonlyMap<number, Verdict>
}>

const tooMuchIn = ({ id, way }: Lane): string => `${id} ${way.digest}`

// Whole, and in short where that was too much. `isBrief`: it has to be short.
async function ask(options: FlightOptions, { lane, items, message }: Sent, { texts, known }: Asked) {
  const { sender, threads, random, signal } = options
  const { way } = lane
  const thread = threads.get(`${message.incident} ${lane.id}`)
  const around = { random, ...(thread === undefined ? {} : { before: thread }) }
  const send = (which: Message, shown: Asked['texts'], settled: Asked['known']) =>
    sender.send(way, which, {
      around: { ...around, ...(shown === undefined ? {} : { texts: shown }) },
      settled,
      signal,
    })
  const isKnown = items.some(({ tooMuchFor }) => tooMuchFor === tooMuchIn(lane))
  const verdicts: readonly Verdict[] = isKnown ? [] : await send(message, texts, known)
  if (!isKnown && !verdicts.some(isTooMuch)) return { verdicts, isBrief: false }
  if (!hasRoom(options, { lane, message, verdicts }))
    return { verdicts: verdicts.map(whenRoom), isBrief: true }
  const fitting = new Map([...verdicts.entries()].filter(([, each]) => !isTooMuch(each)))
  const short = shortened(message)
  const shortTexts = rendered(options, lane, short, placesFor)
  return { verdicts: await send(short, shortTexts, isKnown ? known : fitting), isBrief: true }
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
  const short = lane.way.budgets.flat().filter(isShort)
  if (budgets.waitMs(short, { urgency, times: 1, nowMs }) > 0) return false
  budgets.spend(short, urgency, nowMs)
  return true
}

// It waits in its lane like all others.
const whenRoom = (verdict: Verdict): Verdict =>
  isTooMuch(verdict) ? { kind: 'later', reason: verdict.reason, afterMs: 1, isLimit: true } : verdict

type Blame = Readonly<{ isPlaced: boolean; groups: number }>

// Another message goes elsewhere, and in a digest each of its groups may be to blame. What is said of all is not told apart:
// each then finds that out by itself.
function blamed(result: Result, { isPlaced, groups }: Blame): Result {
  if (result.kind !== 'refused' || (result.because === 'settings' && !isPlaced)) return result
  const isOfPlace = result.because === 'settings'
  return { ...result, ...(isOfPlace && { isOfPlace }), ...(groups > 1 && { isOfDigest: true }) }
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
