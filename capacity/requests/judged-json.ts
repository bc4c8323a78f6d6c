// How right requests were, as programs read it: days as 2026-12-31. Called by the routes.
import { dayText } from '../days.ts'
import type { Judged, Judgement } from './judged.ts'

export type JudgedJson = Readonly<Omit<Judged, 'ofDay'> & { of: string }>

export const judgementJson = ({ requests, pools, planners }: Judgement) => ({
  requests: requests.map(({ ofDay, ...rest }): JudgedJson => ({ ...rest, of: dayText(ofDay) })),
  pools,
  planners,
})
