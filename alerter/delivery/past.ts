// What the facts still tell of the last day when a process begins: what has left by which way, so that budgets go on
// where they were, and which receipts are still to come. Read by bin/ before delivery opens, used by delivery.
import type { State } from '#core/state.ts'
import { textIn, textsIn } from '../api/fact-details.ts'
import type { Fact } from '../fact.ts'
import { readDelivered } from '../facts.ts'
import type { Integration } from '../route.ts'
import { isLong } from './budget.ts'
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
}>

export type Past = Readonly<{
  // For so long before now, all that was told by ways of which this must be known is in it.
  knownMs: number
  // The oldest first.
  told: readonly ToldBefore[]
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
): Promise<Past> {
  const ways = openWays(() => integrations)
  ways.refresh()
  const whose = [...ways.all()].filter(isAsked).map(({ id }) => id)
  if (whose.length === 0) return { ...noPast, knownMs: dayMs }
  const facts = await readDelivered(db, { ways: whose, sinceMs: nowMs - dayMs, limit: factsMax })
  const isWhole = facts.length < factsMax
  return pastOf(facts.toReversed(), isWhole ? dayMs : nowMs - facts.at(-1)!.atMs)
}

// Of robots and mail nobody asks later what they have told.
const isAsked = ({ channel, budgets }: Way): boolean =>
  channel.hears !== undefined || channel.phones !== undefined || budgets.some(isLong)

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
  return [{ way, atMs, incident, group, telling, message, isUrgent, receipts }]
}

// Each message once, urgent if anything in it was.
export function messagesOf({ told }: Past): readonly Pick<ToldBefore, 'way' | 'atMs' | 'isUrgent'>[] {
  const messages = new Map<string, ToldBefore>()
  for (const each of told) {
    const key = `${each.way}\n${each.message}\n${each.atMs}`
    const known = messages.get(key)
    messages.set(key, known?.isUrgent === true ? known : each)
  }
  return [...messages.values()].toSorted((one, other) => one.atMs - other.atMs)
}
