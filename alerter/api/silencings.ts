// When did silences hold alerts, by whom, and until when? Of all silences of a time those that concern an alert or an
// incident, as facts among the others. Called by the routes that show facts.
import type { Labels } from '#core/model.ts'
import type { Fact } from '../fact.ts'
import { labelMatcher, matchAll } from '../matcher.ts'
import type { SilenceFact } from '../silences/silence-facts.ts'
import type { AlerterView } from './view.ts'

// A silence that is older is not looked for. People make few.
const lookBackMs = 90 * 86_400_000
const silencesMax = 1_000

type Concerned = Readonly<{ labels: readonly Labels[]; fromMs: number; toMs: number }>

export async function silencingsOf(
  view: Pick<AlerterView, 'silenceFacts'>,
  concerned: Concerned,
): Promise<readonly Fact[]> {
  if (concerned.labels.length === 0) return []
  const sinceMs = concerned.fromMs - lookBackMs
  return silencings(await view.silenceFacts({ sinceMs, limit: silencesMax }), concerned)
}

export function silencings(
  found: readonly SilenceFact[],
  { labels, fromMs, toMs }: Concerned,
): readonly Fact[] {
  const byId = Map.groupBy(found, ({ details }) => details.id)
  return [...byId.values()].flatMap(ofOne => {
    const [newest] = ofOne
    const matchers = newest!.details.matchers.map(labelMatcher)
    if (!labels.some(each => matchAll(matchers, each))) return []
    const life = lifeOf(ofOne, toMs).filter(({ atMs }) => atMs <= toMs)
    const isBefore = life[0]?.kind === 'unsilenced' && life[0].atMs < fromMs
    return isBefore ? [] : life
  })
}

// When it began to hold, what was changed, and when it ended; nothing where it never held anything, or not any more.
function lifeOf(newestFirst: readonly SilenceFact[], nowMs: number): readonly Fact[] {
  const [last] = newestFirst
  const { startsAtMs, endsAtMs } = last!.details
  if (endsAtMs <= startsAtMs) return []
  const begins = newestFirst
    .filter(({ kind }) => kind === 'silenced')
    .map(fact => ({ ...fact, atMs: Math.max(fact.atMs, startsAtMs) }))
  if (last!.kind === 'unsilenced') return [last!, ...begins]
  if (endsAtMs > nowMs) return begins
  const ended: Fact = { ...last!, id: `${last!.id}/end`, kind: 'unsilenced', atMs: endsAtMs, who: '' }
  return [ended, ...begins]
}

// Labels of those that are named there.
export const labelsIn = (facts: readonly Fact[]): readonly Labels[] =>
  facts.flatMap(({ kind, details }) =>
    kind === 'fired' ? [(details as Readonly<{ labels: Labels }>).labels] : [],
  )

// Newest first; of one moment as they were. An end that nobody told is written when it is found, with its own time.
export const together = (own: readonly Fact[], others: readonly Fact[]): readonly Fact[] =>
  [...own, ...others].toSorted((one, other) => other.atMs - one.atMs)
