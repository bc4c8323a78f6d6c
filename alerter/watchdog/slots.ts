// When is the next test message due? At a time of day, or every so often: always the same moments, so that a restart neither
// leaves one out nor sends it again. Called by watchdog.ts.
import { offsetMs } from '#core/zone.ts'

export type Slots = Readonly<{ everyMs: number; at: string | undefined }>

const dayMs = 86_400_000
// Whoever wants them at a time of day does not want them much later.
const lateMaxMs = 3_600_000

// The last moment that was due and is worth its message now; nothing where that is long ago. Receivers differ, so that not
// all hear at once.
export function slotMs(
  { everyMs, at }: Slots,
  name: string,
  zone: string,
  nowMs: number,
): number | undefined {
  if (at === undefined) {
    const shiftMs = shiftOf(name) % everyMs
    return Math.floor((nowMs - shiftMs) / everyMs) * everyMs + shiftMs
  }
  const [hours = 0, minutes = 0] = at.split(':').map(Number)
  const localMs = nowMs + offsetMs(zone, nowMs)
  const ofDayMs = (hours * 60 + minutes) * 60_000
  const day = Math.floor((localMs - ofDayMs) / dayMs)
  if (day % (everyMs / dayMs) !== 0) return undefined
  // By the name of the day, which is the same however the clocks are changed on it.
  const sinceMs = localMs - ofDayMs - day * dayMs
  return sinceMs < lateMaxMs ? day * dayMs + ofDayMs : undefined
}

function shiftOf(name: string): number {
  let shift = 0
  for (const each of name) shift = (shift * 31 + each.codePointAt(0)!) % 4_294_967_291
  return shift
}
