// What is planned: a pool of equal units with one resource or several that may run out, as the configuration names it, and
// the lines of numbers that it has. Plain data; pool-settings.ts reads it from the configuration.
import type { Labels } from '#core/model.ts'

export type Pool = Readonly<{
  name: string
  // Of people and places: owner, module, cluster, zone. They stand on every number of the pool that goes out.
  labels: Labels
  // What a unit is called, like `server`.
  unit: string
  resources: readonly [Resource, ...Resource[]]
  // Labels of what the questions answer by which the pool falls into parts, like zone and machine type. Each part is
  // forecast by itself beside the whole.
  by: readonly string[]
  // So many of them at most; what is beyond counts for the whole only.
  partsMax: number
  // How many units there are, where nothing measures it; delivered requests are added.
  units: number | undefined
  // When somebody counted them: deliveries before that day are in the number.
  countedDay?: number | undefined
  spare: Spare
  // Between an order and the day on which it serves.
  leadDays: number
  cost: Cost | undefined
  events: readonly PlannedEvent[]
  method: MethodName | 'auto'
  // What of a day is its demand: its highest five minutes, its 95th percentile, or the mean of its busiest hour.
  daily: DemandOf
  // How many days the fit sees.
  windowDays: number
  advice: AdviceSettings | undefined
}>

export type DemandOf = 'peak' | 'p95' | 'busy_hour'

// What must stay unused beyond the waterline: some units, or the largest zone (the part of label `zone`).
export type Spare = Readonly<{ kind: 'units'; units: number }> | Readonly<{ kind: 'zone' }>

export type Cost = Readonly<{ perUnit: number; currency: string }>

// A promotion: demand is multiplied on these days, both ends included. Past ones are taken out of the fit.
export type PlannedEvent = Readonly<{ name: string; fromDay: number; toDay: number; factor: number }>

export type Resource = Readonly<{
  // cpu, memory, disk …
  name: string
  // PromQL: how much is used.
  usage: string
  supply: Supply
  // What is measured, like `cores`.
  unit: string
  // The share of the supply that may be used: 0.7.
  waterline: number
}>

// How much there is: asked for; or as much as a unit has, for each live unit (PromQL) or for each of `Pool.units`.
export type Supply =
  | Readonly<{
      kind: 'capacity'
      capacity: string
      unitCapacity: number | undefined
      units: string | undefined
    }>
  | Readonly<{ kind: 'live'; units: string; unitCapacity: number }>
  | Readonly<{ kind: 'stated'; unitCapacity: number }>

export const methodNames = [
  'linear',
  'theil_sen',
  'seasonal_linear',
  'damped',
  'mstl',
  'naive',
  'seasonal_naive',
  'combined',
] as const
export type MethodName = (typeof methodNames)[number]

// The rule of the minute: grow when more handling time was spent than the share of what processes could spend.
export type AdviceSettings = Readonly<{
  // PromQL, seconds of handling within the last minute: sum(increase(handling_seconds_sum[1m])).
  busy: string
  // PromQL: how many processes there are.
  processes: string
  // Requests that a process handles at a time.
  concurrency: number
  // 0.6.
  share: number
  // Below this share of it for `shrinkAfterMs`, there are too many.
  shrinkShare: number
  growAfterMs: number
  shrinkAfterMs: number
  // Processes at a time, the first, the second … growth in a row.
  steps: readonly number[]
  least: number
  most: number
  // PromQL with a label `host`: cores of each machine on which processes may be put; and how many run there now.
  cores: string | undefined
  placed: string | undefined
  // The label of `placed` that names the proxy behind which a worker stands.
  proxyLabel: string | undefined
  // The receiver that is told, by name.
  webhook: string | undefined
}>

// One forecast: a resource of a pool, as a whole (no labels) or one of its parts.
export type Line = Readonly<{ pool: string; resource: string; part: Labels }>

// The same for the same line, in maps and in the state.
export const lineKey = ({ pool, resource, part }: Line): string =>
  JSON.stringify([
    pool,
    resource,
    ...Object.entries(part)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flat(),
  ])

export const isWhole = (part: Labels): boolean => Object.keys(part).length === 0

// Not of a time when the pool was divided by something else.
export const isPartOf = (part: Labels, { by }: Pool): boolean =>
  !isWhole(part) && Object.keys(part).every(name => by.includes(name))

// Of a line, whose resource is always one of its pool's.
export function resourceNamed({ name, resources }: Pool, wanted: string): Resource {
  const found = resources.find(each => each.name === wanted)
  if (found === undefined) throw new Error(`pool ${name} has no resource ${wanted}`)
  return found
}
