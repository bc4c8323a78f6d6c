// How many units each pool needs, by when and why: the words of a plan. planning.ts makes it of forecasts; requests,
// reports and samples are made of it.
import type { Short } from './coming.ts'
import type { Forecast } from './forecast.ts'
import type { Days } from './history.ts'
import type { Line, Pool } from './pool.ts'

export type Plan = Readonly<{
  // The last whole day that it saw, and how far it looks.
  asOfDay: number
  madeAtMs: number
  // The month that it orders for: 2026-12.
  month: string
  pools: readonly PoolPlan[]
  // Of the orders that it stands on; left out: nobody will ask whether they are still so.
  ordersVersion?: number
}>

export type PoolPlan = Readonly<{
  pool: Pool
  // The end of next month plus the lead time.
  targetDay: number
  // The resource that decides: it needs most units, or is full first. Null where nothing is known.
  binding: string | null
  // More than 0: to order; less: may be given back.
  units: number
  cost: number | null
  lines: readonly LinePlan[]
  // The requests that were on order when it was made, by number.
  ordersSeen: readonly number[]
}>

export type LinePlan = Readonly<{
  line: Line
  demand: Days
  supply: Days
  // The demand of the last whole day, and what there is, in the resource's unit; NaN where it is not known.
  usedNow: number
  supplyNow: number
  // usedNow / supplyNow.
  level: number
  // What a unit to order has.
  unitCapacity: number
  // What a unit has that is there, on order or kept spare: another one where new units are supposed to be larger.
  presentCapacity: number
  waterline: number
  // On order and due by the day that decides, without what is promised back: below 0 where more leaves than comes.
  onOrderUnits: number
  spareUnits: number
  // Null where there is nothing to forecast from; `why` says it. Without supply there is one, and no units.
  forecast: Forecast | null
  why: 'no_history' | 'no_supply' | null
  // The forecast on the day that decides, with its band.
  target: Readonly<{ day: number; likely: number; low: number; high: number }> | null
  units: number
  // Null where nothing is on order: the dates of the forecast are those.
  short: Short | null
  // What was said of today when it was asked last month, and what came.
  past: PastForecast | null
}>

export type PastForecast = Readonly<{
  madeDay: number
  ofDay: number
  likely: number
  low: number
  high: number
  actual: number
}>

// What is asked otherwise than configured: each left out is as it is.
export type WhatIf = Readonly<{
  pools?: readonly string[]
  // Demand is multiplied from tomorrow on: 1.2.
  growth?: number
  events?: readonly Readonly<{ name: string; fromDay: number; toDay: number; factor: number }>[]
  waterline?: number
  leadDays?: number
  // By resource, the size of a unit.
  unitCapacity?: Readonly<Record<string, number>>
}>
