// What becomes of two reports of one alert? As Alertmanager: where their times overlap they are one, from the earliest
// beginning; else the new one stands alone. One that our own rules find goes on until the last of them has ended it,
// since none of them says again that it still finds it. Called for each alert that is taken.
import { type Finder, isEndByTime, isResolved, type KnownAlert } from '../alert.ts'

// The later report is the one that comes later, whatever its times say: a clock may have been set back in between.
export function mergeAlerts(known: KnownAlert | undefined, taken: KnownAlert, nowMs: number): KnownAlert {
  if (known === undefined) return taken
  if (isOld(known, taken, nowMs)) return known
  const others = otherFinders(known, taken, nowMs)
  if (others.length > 0 && isResolved(taken, nowMs)) return { ...known, finders: others }
  const finders = others.length === 0 ? {} : { finders: [...others, ...(taken.finders ?? [])] }
  if (!overlap(known, taken)) return { ...taken, ...finders }
  const startsAtMs = Math.min(known.startsAtMs, taken.startsAtMs)
  const { endsAtMs, isEndAssumed = false } = reportOfEnd(known, taken, nowMs)
  return { ...taken, ...finders, startsAtMs, endsAtMs, isEndAssumed }
}

// Who finds it, whatever is reported now: by one of our own rules, or by somebody who posts. A beginning replaces that of
// its rule; an end is that of its own beginning only.
function otherFinders(known: KnownAlert, taken: KnownAlert, nowMs: number): readonly Finder[] {
  const { finders: found = [] } = known
  const { finders: own = [] } = taken
  if (isResolved(known, nowMs)) return []
  const isEnd = isResolved(taken, nowMs)
  const isOwn = ({ rule, sinceMs }: Finder): boolean =>
    own.some(each => each.rule === rule && (!isEnd || each.sinceMs === sinceMs))
  return found.filter(each => !isOwn(each))
}

// It comes again, from a bus that delivers at least once: of a time before this one, or the beginning of what has ended
// since. Alertmanager would take it for the present.
function isOld(known: KnownAlert, taken: KnownAlert, nowMs: number): boolean {
  // Whoever posts an end ahead and no beginning is given that end for the beginning: what comes before it is no old news.
  const sinceMs = Math.min(known.startsAtMs, known.updatedAtMs)
  if (taken.startsAtMs < known.startsAtMs) return endOf(taken) <= sinceMs
  const isSame = taken.startsAtMs === known.startsAtMs && taken.updatedAtMs < known.updatedAtMs
  return isSame && isResolved(known, nowMs) && !isResolved(taken, nowMs)
}

// An end that has come counts at once, and of two that have come the later one. Of those ahead the later one, too, but
// what was only assumed gives way. A report that is heard after it has run out ends nothing that goes on: whoever posted
// it could have posted it again, and that may be heard next.
function reportOfEnd(known: KnownAlert, taken: KnownAlert, nowMs: number): KnownAlert {
  if (endOf(known) <= endOf(taken)) return taken
  if (isResolved(taken, nowMs)) return isResolved(known, nowMs) || isEndByTime(taken) ? known : taken
  return known.isEndAssumed ? taken : known
}

const endOf = ({ endsAtMs }: KnownAlert): number => endsAtMs ?? Number.POSITIVE_INFINITY

function overlap(known: KnownAlert, taken: KnownAlert): boolean {
  const isWithin = (atMs: number): boolean => atMs > known.startsAtMs && atMs < endOf(known)
  return isWithin(endOf(taken)) || isWithin(taken.startsAtMs)
}
