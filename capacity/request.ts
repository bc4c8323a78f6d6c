// What a planner signs: a request for units, or to give some back, its life and who did what to it. Plain data, and
// the sign of its units; requests/life.ts decides what may follow what.
import type { Labels } from '#core/model.ts'
import type { FindingKind } from './forecast.ts'

export const requestStates = [
  'draft',
  'submitted',
  'approved',
  'rejected',
  'ordered',
  'delivered',
  'closed',
  'withdrawn',
] as const
export type RequestState = (typeof requestStates)[number]

export type Request = Readonly<{
  // Short, for people: 17.
  number: number
  // The month that it is for: 2026-12.
  month: string
  pool: string
  part: Labels
  kind: 'expand' | 'reclaim'
  // Made of a forecast, or filed by a person for an application.
  source: 'forecast' | 'person'
  application: string | null
  state: RequestState
  // Always more than 0.
  units: number
  unit: string
  deliveredUnits: number
  cost: Readonly<{ amount: number; currency: string }> | null
  // The day on which it must serve, and that on which it is expected.
  neededDay: number
  dueDay: number | null
  // As somebody typed it. Empty where a run made it: requests/words.ts says in the reader's language what `basis` knows.
  why: string
  // What the forecast said when it was made; it never changes, so that it can be judged later. Pieces keep that of what
  // they were split from, which is judged once, in the one that kept the number.
  basis: Basis | null
  // Into which of the month's it went, or from which it was split.
  mergedInto: number | null
  splitFrom: number | null
  by: string
  madeAtMs: number
  changedAtMs: number
  // One more with each change: whoever changes it names the one that he saw.
  version: number
}>

export type Basis = Readonly<{
  resource: string
  // What the resource is measured in.
  resourceUnit: string
  asOfDay: number
  targetDay: number
  likely: number
  low: number
  high: number
  supply: number
  waterline: number
  unitCapacity: number
  spareUnits: number
  onOrderUnits: number
  method: string
  smape: number | null
  earlyDay: number | null
  likelyDay: number | null
  lateDay: number | null
  findings: readonly FindingKind[]
  // Where it is needed most.
  parts: readonly Readonly<{ part: Labels; units: number }>[]
  // The pool may be short before new units can be there, which speaks against giving any back.
  isAtRisk: boolean
  // What the formula gave, before anybody changed it.
  units: number
}>

// Only ever added to.
export type RequestFact = Readonly<{
  id: string
  request: number
  atMs: number
  who: string
  // `noted`: a later run says another number of what somebody has changed already.
  what: 'made' | 'edited' | 'split' | 'merged' | 'noted' | RequestState
  // As somebody typed it; what a run took back says in `details` as `reason` why it did.
  why: string
  details: Readonly<Record<string, unknown>>
}>

// Its units, or some of them, where those of several are added: less than 0 to give back.
export const signed = ({ kind, units }: Pick<Request, 'kind' | 'units'>, some = units): number =>
  kind === 'expand' ? some : 0 - some
