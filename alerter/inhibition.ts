// Which alerts are not worth telling while others fire: Alertmanager's inhibit_rules, over the alerts that there are now.
// Called by the timeline, which sets every alert that it hears of.
import type { Labels } from '#core/model.ts'
import type { KnownAlert } from './alert.ts'
import { type LabelMatcher, matchAll } from './matcher.ts'
import { openMatcherIndex } from './matcher-index.ts'

// While a source fires, targets with the same values of `equal` are held.
export type Inhibition = Readonly<{
  name: string
  sources: readonly LabelMatcher[]
  targets: readonly LabelMatcher[]
  equal: readonly string[]
}>

export type Inhibitor = Readonly<{
  // Also with what ended, so that it no longer counts.
  set(alert: KnownAlert): void
  delete(fingerprint: string): void
  // The fingerprint of an alert that stands in front of one with these labels. `nowMs` does not go back but
  // where whatever has ended since is set again.
  inhibitedBy(labels: Labels, nowMs: number): string | undefined
}>

// Of one rule and one set of equal values: until when each source fires. What matches both sides holds no other that
// does, least of all itself.
type Sources = Readonly<{ oneSided: Map<string, number>; twoSided: Map<string, number> }>
type Rule = Inhibition & Readonly<{ byEqual: Map<string, Sources> }>
type Place = Readonly<{ rule: Rule; key: string; side: keyof Sources }>

export function openInhibitor(inhibitions: readonly Inhibition[]): Inhibitor {
  const rules: readonly Rule[] = inhibitions.map(each => ({ ...each, byEqual: new Map() }))
  const bySource = openMatcherIndex(rules.map(item => ({ matchers: item.sources, item })))
  const byTarget = openMatcherIndex(rules.map(item => ({ matchers: item.targets, item })))
  // Where each source stands, so that to hear of it again costs next to nothing.
  const known = new Map<string, readonly Place[]>()

  return {
    set({ fingerprint, labels, endsAtMs }) {
      const before = known.get(fingerprint)
      const places = before ?? bySource(labels).map(rule => placeIn(rule, labels))
      if (places.length === 0) return
      if (before === undefined) known.set(fingerprint, places)
      for (const { rule, key, side } of places)
        sourcesOf(rule, key)[side].set(fingerprint, endsAtMs ?? Number.POSITIVE_INFINITY)
    },
    delete(fingerprint) {
      for (const { rule, key, side } of known.get(fingerprint) ?? []) {
        const sources = sourcesOf(rule, key)
        sources[side].delete(fingerprint)
        if (sources.oneSided.size + sources.twoSided.size === 0) rule.byEqual.delete(key)
      }
      known.delete(fingerprint)
    },
    inhibitedBy(labels, nowMs) {
      for (const rule of byTarget(labels)) {
        const sources = rule.byEqual.get(equalKey(rule, labels))
        if (sources === undefined) continue
        const found =
          firing(sources.oneSided, nowMs) ??
          (matchAll(rule.sources, labels) ? undefined : firing(sources.twoSided, nowMs))
        if (found !== undefined) return found
      }
      return undefined
    },
  }
}

const placeIn = (rule: Rule, labels: Labels): Place => ({
  rule,
  key: equalKey(rule, labels),
  side: matchAll(rule.targets, labels) ? 'twoSided' : 'oneSided',
})

function sourcesOf({ byEqual }: Rule, key: string): Sources {
  const sources = byEqual.get(key) ?? { oneSided: new Map(), twoSided: new Map() }
  byEqual.set(key, sources)
  return sources
}

// Half a surrogate pair stands in no label.
const equalKey = ({ equal }: Rule, labels: Labels): string =>
  equal.map(name => labels[name] ?? '').join('\ud800')

// What ended is passed over once and then forgotten; whoever sets it again brings it back.
function firing(sources: Map<string, number>, nowMs: number): string | undefined {
  for (const [fingerprint, endsAtMs] of sources) {
    if (endsAtMs > nowMs) return fingerprint
    sources.delete(fingerprint)
  }
  return undefined
}
