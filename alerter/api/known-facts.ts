// What facts name by a number only: alerts, which have labels in the facts of their beginning, and silences. Called by
// why-routes.ts and by the page of an incident.
import type { Labels } from '#core/model.ts'
import type { Fact } from '../fact.ts'
import { detailsOf, holdIn } from '../fact-details.ts'
import type { Silence } from '../silences/silence.ts'
import type { AlerterView } from './view.ts'

export type Known = Readonly<{
  labelsOf(fingerprint: string): Labels | undefined
  silence(id: string): Silence | undefined
}>

// The newest facts come first.
export function knownIn(facts: readonly Fact[]): Known {
  const labels = new Map<string, Labels>()
  const silences = new Map<string, Silence>()
  for (const fact of facts) {
    const { fingerprint, kind, details } = fact
    const { labels: found } = detailsOf(fact) as { labels?: Labels }
    if (fingerprint !== null && found !== undefined && !labels.has(fingerprint))
      labels.set(fingerprint, found)
    if (kind !== 'silenced' && kind !== 'unsilenced') continue
    const silence = details as Silence
    if (!silences.has(silence.id)) silences.set(silence.id, silence)
  }
  return { labelsOf: print => labels.get(print), silence: id => silences.get(id) }
}

type Held = ReturnType<typeof holdIn>

const inhibitorsMax = 20
const lookBackMs = 30 * 86_400_000

// They are told elsewhere: the beginnings of those that keep alerts from being told.
export async function inhibitorsOf(
  { readFacts }: Pick<AlerterView, 'readFacts'>,
  held: readonly Held[],
  nowMs: number,
): Promise<readonly Fact[]> {
  const prints = new Set(held.flatMap(each => (each?.kind === 'inhibited' ? each.by : [])))
  const asked = { kind: 'fired', sinceMs: nowMs - lookBackMs, limit: 1 } as const
  const found = await Promise.all(
    [...prints].slice(0, inhibitorsMax).map(fingerprint => readFacts({ ...asked, fingerprint })),
  )
  return found.flat()
}

export const holdsIn = (facts: readonly Fact[]): readonly Held[] =>
  facts.flatMap(fact => (fact.kind === 'held' ? holdIn(fact) : []))
