// A run and what it came to as programs read it: days as 2026-12-31. Called by the routes and by notices.
import { dayText } from '../days.ts'
import type { Run } from './run-rows.ts'
import type { Risk, RunSummary, TopDraft } from './summary.ts'

export type RunJson = Readonly<Omit<Run, 'asOfDay' | 'summary'> & { asOf: string; summary: RunSummaryJson }>
// `drafts`: what the run did to how many.
export type RunMadeJson = Readonly<{ run: RunJson; drafts: Readonly<Record<string, number>> }>

export type RunSummaryJson = Readonly<
  Omit<RunSummary, 'asOfDay' | 'top' | 'risks'> & {
    asOf: string
    top: readonly TopJson[]
    risks: readonly RiskJson[]
  }
>
type TopJson = Readonly<Omit<TopDraft, 'neededDay' | 'likelyDay'> & { needed: string; likely: string | null }>
// `serves`: the day of an order of then, or of what was on order and came too late.
type RiskJson = Readonly<Omit<Risk, 'earlyDay' | 'servesDay'> & { early: string; serves: string }>

export const runJson = ({ asOfDay, summary, ...rest }: Run): RunJson => ({
  ...{ ...rest, asOf: dayText(asOfDay) },
  summary: summaryJson(summary),
})

export function summaryJson({ asOfDay, top, risks, ...rest }: RunSummary): RunSummaryJson {
  return {
    ...{ ...rest, asOf: dayText(asOfDay) },
    top: top.map(({ neededDay, likelyDay, ...each }) => ({
      ...each,
      ...{ needed: dayText(neededDay), likely: likelyDay === null ? null : dayText(likelyDay) },
    })),
    risks: risks.map(({ earlyDay, servesDay, ...each }) => ({
      ...each,
      ...{ early: dayText(earlyDay), serves: dayText(servesDay) },
    })),
  }
}
