// The last hour of what alerts are about, as a picture: from the expressions in their links and the samples of the store.
// Whoever asks waits a moment and no longer, and gets nothing rather than late. Opened by bin/, called by delivery and by
// the page of an incident.
import type { Clock } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import type { Log } from '#core/log.ts'
import type { OwnMetrics } from '#core/own-metrics.ts'
import type { Source } from '#promql/source.ts'
import { exprIn } from './delivery/threshold.ts'
import { type DrawnExpr, drawnExpr } from './last-hour/drawn-expr.ts'
import { linesOf, stepMsFor } from './last-hour/lines.ts'
import type { ToldAlert } from './message.ts'
import { pictureOf } from './picture.ts'
import { unitOf } from './words/title.ts'

export type LastHourOf = Readonly<{
  // The most important ones first.
  alerts: readonly Shown[]
  // Where the hour ends.
  atMs: number
  timeZone: string
}>

type Shown = Pick<ToldAlert, 'fingerprint' | 'labels' | 'annotations' | 'generatorUrl' | 'startsAtMs'>

export interface LastHour {
  // Null where there is nothing to show, or no time for it.
  pictureOf(asked: LastHourOf): Promise<Uint8Array | null>
}

export type LastHourOptions = Readonly<{ source: Source; clock: Clock; log: Log; own: OwnMetrics }>

const hourMs = 3_600_000
const patienceMs = 300
// Of different ones: so many at once, and so many a second.
const burst = 5
const perSecond = 2
// The channels of one telling ask one after the other.
const keptMs = 5_000
const keptMax = 20
const alertsMax = 20

type Outcome = 'drawn' | 'empty' | 'late' | 'failed' | 'over_budget'

export function openLastHour({ source, clock, log, own }: LastHourOptions): LastHour {
  const counted = own.counter('plimsoll_alerter_pictures_total')
  const kept = new Map<string, Readonly<{ untilMs: number; picture: Promise<Uint8Array | null> }>>()
  let [tokens, filledMs] = [burst, clock.monotonicMs()]

  const mayDraw = (nowMs: number): boolean => {
    tokens = Math.min(burst, tokens + ((nowMs - filledMs) / 1_000) * perSecond)
    filledMs = nowMs
    if (tokens < 1) return false
    tokens -= 1
    return true
  }
  // Whatever goes wrong, nobody is told less because of it.
  const failed = (error: unknown): Drawing => {
    if (!(error instanceof Failure)) log.error('alerter', 'a picture could not be drawn', { error })
    return { outcome: 'failed', picture: null }
  }
  const inTime = async (plan: Plan, asked: LastHourOf): Promise<Uint8Array | null> => {
    const late = new AbortController()
    const timeUp = Promise.withResolvers<Drawing>()
    const timer = clock.after(patienceMs, () => {
      late.abort()
      timeUp.resolve(tooLate)
    })
    const drawing = draw(plan, asked, { source, signal: late.signal }).catch(error =>
      late.signal.aborted ? tooLate : failed(error),
    )
    const { outcome, picture } = await Promise.race([drawing, timeUp.promise])
    timer.cancel()
    counted.inc(1, { outcome })
    return picture
  }
  const none = (outcome: Outcome): null => {
    counted.inc(1, { outcome })
    return null
  }
  return {
    async pictureOf(asked) {
      const nowMs = clock.monotonicMs()
      for (const [key, { untilMs }] of kept) if (untilMs <= nowMs || kept.size > keptMax) kept.delete(key)
      const key = keyOf(asked)
      const known = kept.get(key)
      if (known !== undefined) return known.picture
      const plan = planOf(asked)
      if (plan === undefined) return none('empty')
      if (!mayDraw(nowMs)) return none('over_budget')
      const picture = inTime(plan, asked)
      kept.set(key, { untilMs: nowMs + keptMs, picture })
      return picture
    },
  }
}

const keyOf = ({ alerts, atMs, timeZone }: LastHourOf): string =>
  [Math.floor(atMs / keptMs), timeZone, ...alerts.slice(0, alertsMax).map(each => each.fingerprint)].join(' ')

type Drawing = Readonly<{ outcome: Outcome; picture: Uint8Array | null }>

const tooLate: Drawing = { outcome: 'late', picture: null }

type Plan = DrawnExpr & Readonly<{ alerts: readonly [Shown, ...Shown[]] }>

// One picture is of one rule: that of the first alert.
function planOf({ alerts }: LastHourOf): Plan | undefined {
  const [first] = alerts
  const rule = first && exprIn(first.generatorUrl)
  const shown = rule && drawnExpr(rule)
  if (first === undefined || shown === undefined) return undefined
  const others = alerts.slice(1).filter(each => each.generatorUrl === first.generatorUrl)
  return { ...shown, alerts: [first, ...others.slice(0, alertsMax - 1)] }
}

type From = Readonly<{ source: Source; signal: AbortSignal }>

async function draw(plan: Plan, { atMs, timeZone }: LastHourOf, from: From): Promise<Drawing> {
  const { alerts, threshold } = plan
  const fromMs = atMs - hourMs
  const stepMs = stepMsFor(alerts.length)
  const question = { startMs: fromMs, endMs: atMs, stepMs }
  const asked = { ...from, question, hasAll: threshold !== undefined }
  const lines = await linesOf(plan.expr, { ...asked, alerts: alerts.map(({ labels }) => labels) })
  if (lines.length === 0 || from.signal.aborted) return { outcome: 'empty', picture: null }
  const picture = pictureOf({
    lines,
    threshold,
    unit: unitOf(alerts[0]),
    fromMs,
    toMs: atMs,
    timeZone,
    firingSinceMs: Math.min(...alerts.map(({ startsAtMs }) => startsAtMs)),
    gapMs: 2.5 * stepMs,
  })
  return { outcome: 'drawn', picture }
}
