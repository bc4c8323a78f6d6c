// Advice on its way out: a notice for the receiver that the pool names, which the alerter's webhook sends with its
// signature and its retries. The same advice has the same id, however often it is said. Called by ../advice.ts.
import type { Language } from '#core/http/language.ts'
import type { Notice } from '#core/model.ts'
import type { AdvisedPool, Judged } from './judged.ts'
import { placedLines, reasonText, titleText } from './words.ts'

// A notice carries 64 KiB of data, and people read no more lines than this.
const placesMax = 150
const linesMax = 100

export const noticeIdOf = (pool: string, id: string): string => `capacity/advice/${pool}/${id}`

// Nothing where there is no advice, or nobody to be told.
export function noticeOf(pool: AdvisedPool, judged: Judged, language: Language): Notice | undefined {
  const { advice, placed } = judged
  const receiver = pool.advice.webhook
  if (advice === null || receiver === undefined) return undefined
  const { id, way, from, to, busySeconds, atMs } = advice
  const lines = placed === null ? [] : placedLines(way, placed, language)
  const data = {
    kind: 'capacity_advice',
    // Whoever has followed it need not again.
    key: noticeIdOf(pool.name, id),
    ...{ pool: pool.name, labels: pool.labels, way, from, to, busySeconds, atMs },
    share: judged.share,
    places: placed?.places.slice(0, placesMax) ?? [],
    // How many places are not listed.
    morePlaces: Math.max(0, (placed?.places.length ?? 0) - placesMax),
    left: placed?.left ?? 0,
  }
  return {
    v: 1,
    id: noticeIdOf(pool.name, id),
    atMs,
    receiver,
    title: titleText(pool.name, from, to, language),
    text: [reasonText(pool, judged, language), ...lines.slice(0, linesMax)].join('\n'),
    path: null,
    urgency: 'normal',
    picture: null,
    data,
  }
}
