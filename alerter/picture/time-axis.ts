// Which round times a picture names, as clocks show them in a time zone. Called by picture.ts.
import { madeOnce } from '#core/made-once.ts'

export type TimeTick = Readonly<{ tMs: number; text: string }>

const minuteMs = 60_000
const steps = [1, 2, 5, 10, 15, 20, 30, 60, 120, 180, 360, 720, 1_440]
const ticksMax = 4
const looksMax = 400

// Making one takes longer than a picture may.
const formatsMax = 100
const formatOf = madeOnce(
  formatsMax,
  (timeZone: string) =>
    new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }),
)

export const timeText = (tMs: number, timeZone: string): string => formatOf(timeZone).format(tMs)

export function timeTicks(fromMs: number, toMs: number, timeZone: string): readonly TimeTick[] {
  const minutes = (toMs - fromMs) / minuteMs
  const step = steps.find(each => minutes / each <= ticksMax + 0.5)
  if (step === undefined || !(minutes > 0)) return []
  // Zones differ by quarters of an hour, and may change their mind on the way.
  const gridMs = gcd(step, 15) * minuteMs
  const found: TimeTick[] = []
  for (let tMs = Math.ceil(fromMs / gridMs) * gridMs, looks = 0; tMs <= toMs && looks < looksMax; looks++) {
    const text = timeText(tMs, timeZone)
    const [hour, minute] = text.split(':').map(Number)
    if ((hour! * 60 + minute!) % step === 0) found.push({ tMs, text })
    tMs += gridMs
  }
  return found
}

const gcd = (one: number, other: number): number => (other === 0 ? one : gcd(other, one % other))
