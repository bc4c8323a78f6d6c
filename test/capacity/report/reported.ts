// The report of believable.ts and what a person reads of a page. Used by the tests of this folder.
import { beforeOf, type Report, reportOf } from '../../../capacity/report/report-model.ts'
import { believablePlan, requests } from './believable.ts'

export async function believableReport(): Promise<Report> {
  const plan = await believablePlan()
  const before = beforeOf(plan)
  const then = before.pools.flatMap(each => {
    if (each.name === 'feature-flags') return []
    return [each.name === 'checkout' ? { ...each, units: each.units - 5 } : each]
  })
  const gone = { name: 'old-wiki', unit: 'server', units: 3, likelyDay: null }
  return reportOf({ plan, requests: requests(), before: { month: '2026-11', pools: [...then, gone] } })
}

export const readOf = (page: string): string =>
  page
    .replace(/<style>.*?<\/style>/gs, '')
    .replace(/<(?:title|desc)>.*?<\/(?:title|desc)>/gs, '')
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
    .replaceAll('\u00a0', ' ')
    .replace(/\s+/g, ' ')
