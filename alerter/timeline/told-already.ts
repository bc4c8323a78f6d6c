// Has this integration anything new to hear? The last question before a message, asked for each integration, and the one
// that makes repeats rare. Alerts are compared by their labels only, as Alertmanager does: one that ended and came back
// between two flushes still fires for whoever was told. Called by flush.ts.
import type { Telling } from './outcome.ts'
import { hasHeard, hasSurelyHeard, type Sight, wasMissed } from './sight.ts'
import type { Seat, Told } from './state.ts'

export type Listener = Readonly<{
  told: Told | undefined
  tellsEnds: boolean
  // Infinite where no route leads to the group any more.
  repeatMs: number
}>

export type News = Readonly<{ reason: Telling['reason']; resolved: readonly Seat[]; begun: readonly Seat[] }>

export function newsFor(
  { told, tellsEnds, repeatMs }: Listener,
  sight: Sight,
  nowMs: number,
): News | undefined {
  const { firing } = sight
  const begun = firing.filter(seat => !hasSurelyHeard(told, seat))
  const heard = tellsEnds ? sight.ended.filter(seat => hasHeard(told, seat)) : []
  const brief = tellsEnds ? sight.brief.filter(seat => !hasHeard(told, seat)) : []
  const news = { resolved: [...heard, ...brief], begun: [...begun, ...brief] }
  if (begun.length > 0)
    return { ...news, reason: told === undefined || told.firing.size === 0 ? 'first' : 'more' }
  if (heard.length > 0) return { ...news, reason: 'resolved' }
  // What came and went unheard is worth a message only while the group has others, as with Alertmanager, unless that
  // was our fault.
  const isWorthIt = firing.length > 0 || brief.some(wasMissed)
  if (brief.length > 0 && isWorthIt) return { ...news, reason: 'resolved' }
  // At the interval itself, as its manual says. Alertmanager notes the time a little after the flush, so that the same
  // file repeats one group_interval later there.
  if (firing.length > 0 && told !== undefined && told.atMs + repeatMs <= nowMs)
    return { ...news, reason: 'repeat' }
  return undefined
}
