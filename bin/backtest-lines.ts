// What the service answers to `plimsoll backtest`, line by line as JSON. Written by backtest-routes.ts, read by the command
// `backtest`.
import type { AlertReport, Progress, Report } from '../rules/backtest.ts'

export type BacktestLine =
  | Readonly<{ progress: Progress }>
  // The noisiest first.
  | Readonly<{ alert: AlertReport }>
  | Readonly<{ done: Omit<Report, 'alerts'> }>
  | Readonly<{ error: Readonly<{ code: string; detail: string }> }>

export type RuleText = Readonly<{ file: string; text: string }>

export type BacktestAsked = Readonly<{
  rules: readonly RuleText[]
  against?: readonly RuleText[]
  fromMs: number
  toMs: number
  stepMs?: number
  timezone?: string
}>
