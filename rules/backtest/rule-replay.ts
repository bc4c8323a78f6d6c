// One alerting rule through the whole time: what its expression finds in a piece becomes alerts, each walked apart where
// that is sound, together where it is not; and all that it will be told to have done. Called by replay.ts.
import { fingerprint, keyOf, noLabels } from '#core/labels.ts'
import type { Labels, Series } from '#core/model.ts'
import type { SeriesSamples } from '#core/store.ts'
import type { Source } from '#promql/source.ts'
import { atOnce } from '../ask.ts'
import type { RuleSample } from '../evaluate-rule.ts'
import type { World } from '../results.ts'
import type { AlertRule, RuleGroup } from '../rule.ts'
import { alertLabels } from '../wording.ts'
import { atStep, type Piece } from './pieces.ts'
import type { Faults, Tallied, Variant } from './report.ts'
import { openStates, type States } from './states.ts'
import { type Between, Tally } from './tally.ts'
import { type Row, walkApart } from './walk.ts'
import { walkTogether } from './walk-together.ts'

const minute = 60_000
const longer = [2, 5, 10, 15, 30, 60].map(each => each * minute)
const keepMs = 10 * minute
const variantsMax = 4

export type AlertReplay = Readonly<{
  rule: AlertRule
  group: RuleGroup
  take(piece: Piece): Promise<void>
  settle(nowMs: number): void
  readonly firings: number
  close(): AlertResult
}>

export type AlertResult = Readonly<{
  rule: AlertRule
  group: RuleGroup
  tallied: Tallied
  variants: readonly Variant[]
  faults: Faults | null
}>

export type AlertOptions = Readonly<{
  group: RuleGroup
  between: Between
  source: Source
  // Where somebody reads what alerts write.
  write: ((samples: readonly RuleSample[]) => void) | undefined
}>

export function openAlertReplay(
  rule: AlertRule,
  { group, between, source, write }: AlertOptions,
): AlertReplay {
  const tally = new Tally(between)
  const own = openStates(rule, tally, true)
  const variants = variantsOf(rule).map(each => ({ ...each, firings: 0 }))
  const all: States[] = [
    own,
    ...variants.map(each => openStates({ ...rule, ...each }, counting(each), false)),
  ]
  const faults = openFaults()
  const namer = openNamer(rule)
  const world = { source, externalLabels: noLabels, externalUrl: '' }
  const isTogether = group.limit > 0 || write !== undefined || variesWithTime(rule)
  const around = write === undefined ? {} : { written: { series: new Map<string, Series>() } }
  return {
    rule,
    group,
    async take({ steps, found, fault }) {
      if (fault !== undefined) return faults.add(steps.startMs, fault.detail, steps.count)
      const rows = isTogether ? undefined : rowsOf(found, namer)
      if (rows !== undefined) return walkApart(all, rows, steps)
      const fail = (step: number, detail: string): void => faults.add(atStep(steps, step), detail, 1)
      const more = { write: write ?? (() => {}), fail, ...around }
      return walkTogether(found, { all, steps, limit: group.limit, world, ...more })
    },
    settle(nowMs) {
      tally.settle(nowMs)
      namer.forget()
    },
    get firings() {
      return tally.firings
    },
    close: () => ({ rule, group, tallied: tally.close(own.spans), variants, faults: faults.all() }),
  }
}

const counting = (into: { firings: number }) => ({
  begins: () => {
    into.firings += 1
  },
  ends: () => {},
})

function variantsOf({ forMs, keepFiringMs }: AlertRule): Omit<Variant, 'firings'>[] {
  const waits = longer.filter(each => each > forMs).slice(0, variantsMax)
  const all = waits.map(each => ({ forMs: each, keepFiringMs }))
  return keepFiringMs >= keepMs ? all : [...all, { forMs, keepFiringMs: keepMs }]
}

// Whether two evaluations may name the same result differently: an identity that flaps.
export const variesWithTime = ({ labels }: AlertRule): boolean =>
  [...labels.values()].some(({ text, template }) => 'template' in template && varying.test(text))

const varying = /\$value|\.Value\b|\bquery\b|\bnow\b|(?<=[\s({|])\.(?=[\s)}|])/

// Nothing when two of them would be one alert.
function rowsOf(found: readonly SeriesSamples[], namer: Namer): Row[] | undefined {
  const seen = new Set<string>()
  const rows: Row[] = []
  for (const { series, tMs, values } of found) {
    const { key, labels } = namer.of(series)
    if (seen.has(key)) return undefined
    seen.add(key)
    rows.push({ key, labels, tMs, values })
  }
  return rows
}

type Named = Readonly<{ key: string; labels: Labels }>
type Namer = Readonly<{ of(series: Series): Named; forget(): void }>

const namesMax = 5_000

// Labels are made once for each series that is found, unless those are many.
function openNamer(rule: AlertRule): Namer {
  const known = new Map<string, Named>()
  const world: World = { nowMs: 0, source: { select: () => [] }, externalLabels: noLabels, externalUrl: '' }
  return {
    of(series) {
      const from = keyOf(series)
      const has = known.get(from)
      if (has !== undefined) return has
      const labels = atOnce(alertLabels(rule, { series, value: 0 }, world))
      const named = { key: fingerprint(labels), labels }
      known.set(from, named)
      return named
    },
    forget() {
      if (known.size > namesMax) known.clear()
    },
  }
}

export type OpenFaults = Readonly<{
  add(tMs: number, detail: string, count: number): void
  all(): Faults | null
}>

export function openFaults(): OpenFaults {
  let faults: Faults | null = null
  return {
    add(tMs, detail, count) {
      const was = faults ?? { count: 0, isRough: false, firstMs: tMs, detail }
      faults = { ...was, count: was.count + count, isRough: was.isRough || count > 1 }
    },
    all: () => faults,
  }
}

// Of an alert without the labels that its rule sets: the same in another version of the rule.
export const identityOf = (labels: Labels, { labels: set }: AlertRule): string =>
  fingerprint(
    Object.fromEntries(Object.entries(labels).filter(([name]) => name !== 'alertname' && !set.has(name))),
  )
