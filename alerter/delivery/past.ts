// What the facts still tell when a process begins, of the last day and of the month: what has left by which way, so
// that budgets go on where they were, and which receipts are still to come. Read by bin/ before delivery opens, used by
// delivery.
import type { State } from '#core/state.ts'
import { monthOf } from '#core/zone.ts'
import type { Fact } from '../fact.ts'
import { detailsOf, isIn, textIn, textsIn } from '../fact-details.ts'
import { countTold, readDelivered, type ToldTimes } from '../facts.ts'
import type { Integration } from '../route.ts'
import { isLong, isMonthly } from './budget.ts'
import { openWays, type Way } from './ways.ts'

export type ToldBefore = Readonly<{
  way: string
  atMs: number
  incident: number | null
  group: string
  telling: string
  // Several tellings of one message left together.
  message: string
  isUrgent: boolean
  receipts: readonly string[]
  // Of several numbers those that took it, where not all did; and whether others are still to have it.
  takenBy: readonly string[] | undefined
  isPart: boolean
}>

export type Past = Readonly<{
  // For so long before now, all that was told by ways of which this must be known is in it.
  knownMs: number
  // The oldest first.
  told: readonly ToldBefore[]
  // In the calendar month until now, by ways that have a limit of it. Left out: none has.
  month?: readonly ToldTimes[]
  // Receipts that told of a failure.
  failed: ReadonlySet<string>
}>

export const noPast: Past = { knownMs: 0, told: [], failed: new Set() }

const dayMs = 86_400_000
const factsMax = 20_000

export async function readPast(
  db: State['db'],
  integrations: ReadonlyMap<string, Integration>,
  nowMs: number,
  timeZone: string,
): Promise<Past> {
  const ways = openWays(() => integrations)
  ways.refresh()
  const whose = [...ways.all()].filter(isAsked).map(({ id }) => id)
  if (whose.length === 0) return { ...noPast, knownMs: dayMs }
  const limited = [...ways.all()].filter(({ budgets }) => budgets.flat().some(isMonthly)).map(({ id }) => id)
  const { startMs } = monthOf(timeZone, nowMs)
  const month = limited.length === 0 ? [] : await countTold(db, { ways: limited, sinceMs: startMs })
  const facts = await readDelivered(db, { ways: whose, sinceMs: nowMs - dayMs, limit: factsMax })
  const isWhole = facts.length < factsMax
  return { ...pastOf(facts.toReversed(), isWhole ? dayMs : nowMs - facts.at(-1)!.atMs), month }
}

// Of robots and mail nobody asks later what they have told.
const isAsked = ({ channel, budgets }: Way): boolean =>
  channel.hears !== undefined ||
  channel.phones !== undefined ||
  budgets.flat().some(each => isLong(each) || isMonthly(each))

export function pastOf(facts: readonly Fact[], knownMs: number): Past {
  const told = facts.flatMap(fact => (fact.kind === 'told' ? toldBefore(fact) : []))
  const failed = facts.filter(fact => textIn(fact, 'outcome') === 'failed')
  return { knownMs, told, failed: new Set(failed.flatMap(fact => textIn(fact, 'receipt') ?? [])) }
}

function toldBefore(fact: Fact): ToldBefore[] {
  const { who: way, atMs, incident, group } = fact
  const [telling, message] = [textIn(fact, 'telling'), textIn(fact, 'message')]
  if (group === null || telling === undefined || message === undefined) return []
  const isUrgent = textIn(fact, 'urgency') === 'page'
  const receipts = textsIn(fact, 'receipts')
  // An empty one is of nobody: those that have it had it from other messages.
  const takenBy = detailsOf(fact)['takenBy'] !== undefined ? textsIn(fact, 'takenBy') : undefined
  const isPart = isIn(fact, 'isPart')
  return [{ way, atMs, incident, group, telling, message, isUrgent, receipts, takenBy, isPart }]
}

// Each message once, urgent if anything in it was.
export function messagesOf({
  told,
}: Past): readonly Pick<ToldBefore, 'way' | 'atMs' | 'isUrgent' | 'takenBy'>[] {
  const messages = new Map<string, ToldBefore>()
  for (const each of told) {
    const key = `${each.way}\n${each.message}\n${each.atMs}`
    const known = messages.get(key)
    messages.set(key, known?.isUrgent === true ? known : each)
  }
  return [...messages.values()].toSorted((one, other) => one.atMs - other.atMs)
}
