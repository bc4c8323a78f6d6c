// One message is told by one way: to whom it misses and has room for, whole, and in short where that is too much. What came
// of it is said for each of its entries. Called by flight.ts.
import type { Clock } from '#core/clock.ts'
import type { Log } from '#core/log.ts'
import type { Verdict } from '../channel.ts'
import type { Message } from '../message.ts'
import type { OutboxEntry } from '../outbox-entry.ts'
import { settingsDigest } from '../settings-digest.ts'
import { isPlace, placesFor, textsFor } from '../template/texts.ts'
import type { Templates } from '../template.ts'
import { type Budgets, isShort } from './budget.ts'
import { shortened } from './compose.ts'
import type { Lane } from './lane.ts'
import type { Numbers } from './numbers.ts'
import { refusalOf, whenMended } from './refusal.ts'
import type { Remembered } from './remembered.ts'
import type { Sender } from './sender.ts'
import { settledOf, withSettled } from './settled.ts'
import type { Departure } from './traffic.ts'
import { hasTaken, type Result, receiptsIn, resultOf } from './verdicts.ts'
import { asksApart } from './ways.ts'

export type TellOptions = Readonly<{
  sender: Sender
  budgets: Budgets
  threads: Remembered<string>
  numbers: Numbers
  clock: Clock
  log: Log
  random: () => number
  signal: AbortSignal
  // Those of now.
  templates?: (() => Templates) | undefined
}>

type Sent = Departure & Readonly<{ message: Message }>

// In the order of the items: those that miss the same may have heard the rest from other messages. `isRestLeft`: there was
// no room in the budgets of some numbers.
type Heard = Readonly<{
  heard: readonly Readonly<{ result: Result; settled: OutboxEntry['settled'] }>[]
  isRestLeft: boolean
}>

const noRoom: Verdict = { kind: 'later', reason: 'its budget is used up' }

export async function tell(options: TellOptions, { lane, items, room, message }: Sent): Promise<Heard> {
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
async function ask(options: TellOptions, { lane, items, message }: Sent, { texts, known }: Asked) {
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
function hasRoom({ budgets, clock }: TellOptions, { lane, message, verdicts }: Second): boolean {
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
  { templates, log, numbers }: TellOptions,
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
