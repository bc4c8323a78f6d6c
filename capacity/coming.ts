// What requests bring to a pool or take from it, as long as its supply does not show it: approved, ordered, or delivered so
// lately that nobody has measured it. Nothing counts twice, and nothing is lost in between. Pure; called by planning.ts.
//
// An order counts from the day on which it is expected: its due day or, where nobody has said one, the pool's lead time
// after it was ordered, as if it were ordered today as long as it is only approved. What is promised back counts as gone at
// once, so that nobody promises it twice; for when a waterline is met, from the day on which it goes. A delivery goes on counting until the supply of a day from it on is known. Where the supply is measured, until it
// has risen by the delivery: against a week before it, as machines may live before somebody says so, and for two weeks at
// most, as they may never.
import type { Forecast } from './forecast.ts'
import type { Days } from './history.ts'
import type { Pool, Resource } from './pool.ts'

export type Coming = Readonly<{
  request: number
  // Less than 0: given back, or a delivery that was put right.
  units: number
  // On which it is expected, or was delivered.
  day: number
  isDelivered: boolean
  // Nobody has said the day: it is by the lead time.
  isAssumed?: boolean
}>

// As requests know it: without a due day the day on which it was ordered, null where it is not yet.
export type Promised = Omit<Coming, 'day' | 'isAssumed'> &
  Readonly<{ day: number | null; orderedDay?: number | null }>

type Ordering = Readonly<{ leadDays: number; today: number }>

export function comingOf({ day, orderedDay, ...rest }: Promised, { leadDays, today }: Ordering): Coming {
  if (day !== null) return { ...rest, day }
  return { ...rest, day: (orderedDay ?? today) + leadDays, isAssumed: true }
}

// What counts beside the supply: all of it from its day on, and what leaves at once.
export type Expected = Omit<Coming, 'request'>

type Seen = Readonly<{ pool: Pool; resource: Resource; supply: Days }>

const riseDaysMax = 14
const beforeDays = 7

export function expectedOf(coming: readonly Coming[], seen: Seen): readonly Expected[] {
  if (coming.length === 0) return coming
  const { pool, resource, supply } = seen
  const open = coming.filter(each => !each.isDelivered)
  const delivered = coming.filter(each => each.isDelivered)
  if (resource.supply.kind !== 'stated') return [...open, ...notRisen(delivered, seen)]
  const shownDay = dayOf(supply, supply.values.findLastIndex(isKnown))
  const { countedDay = 0 } = pool
  return [...open, ...delivered.filter(({ day }) => day > shownDay && day >= countedDay)]
}

export const netBy = (expected: readonly Expected[], untilDay: number): number =>
  expected.reduce((all, { units, day }) => (units < 0 || day <= untilDay ? all + units : all), 0)

// What is there on a day: what leaves on a day that somebody has said is there until then.
const netOn = (expected: readonly Expected[], onDay: number): number =>
  expected.reduce(
    (all, { units, day, isAssumed }) => (day <= onDay || (units < 0 && isAssumed) ? all + units : all),
    0,
  )

const isKnown = (value: number): boolean => !Number.isNaN(value)
const dayOf = ({ firstDay }: Days, at: number): number => (at < 0 ? Number.NEGATIVE_INFINITY : firstDay + at)

function notRisen(delivered: readonly Coming[], { resource, supply }: Seen): readonly Expected[] {
  const lastDay = supply.firstDay + supply.values.length - 1
  const unit = resource.supply.unitCapacity ?? 1
  // What was put right is of the day on which it was said wrongly.
  const whole = [...Map.groupBy(delivered, ({ request }) => request).values()].map(some => ({
    units: some.reduce((all, { units }) => all + units, 0),
    day: Math.min(...some.map(({ day }) => day)),
  }))
  const late = whole.filter(({ units, day }) => units !== 0 && day > lastDay + 1 - riseDaysMax)
  return [1, -1].flatMap(sign => {
    const some = late.filter(({ units }) => Math.sign(units) === sign).toSorted((a, b) => b.day - a.day)
    let [together, missing] = [0, 0]
    for (const { units, day } of some) {
      together += Math.abs(units)
      missing = Math.max(missing, together - Math.floor(risen(supply, day, sign) / unit + 1e-9))
    }
    return missing > 0 ? [{ units: sign * missing, day: some.at(-1)!.day, isDelivered: true }] : []
  })
}

// The most that it has risen (sign 1) or fallen (-1) since a week before the day.
function risen({ firstDay, values }: Days, day: number, sign: number): number {
  const at = day - firstDay
  const before = values.slice(0, Math.max(0, at))
  const early = before.slice(0, Math.max(0, at - beforeDays + 1)).findLast(isKnown)
  const base = early ?? before.find(isKnown)
  if (base === undefined) return 0
  const since = values.slice(Math.max(0, at - 1)).filter(isKnown)
  return Math.max(0, ...since.map(value => sign * (value - base)))
}

// When a waterline is met in spite of what is on order, of which the last comes on `dueDay`; null: it is not, as far as is
// forecast. What should have come already may come on any day, so that it is of no help here.
export type Short = Readonly<{
  earlyDay: number | null
  likelyDay: number | null
  dueDay: number | null
  // By the lead time.
  isDueAssumed?: boolean
}>

type Limits = Readonly<{ supplyNow: number; waterline: number; unitCapacity: number }>

// Null: nothing is to come and nothing promised back, so that the forecast's own dates say it.
export function shortOf(
  { firstDay, likely, high }: Pick<Forecast, 'firstDay' | 'likely' | 'high'>,
  expected: readonly Expected[],
  { supplyNow, waterline, unitCapacity }: Limits,
): Short | null {
  const sure = expected.filter(({ units, day, isDelivered }) => units < 0 || isDelivered || day >= firstDay)
  if (sure.length === 0) return null
  const meets = (edge: Float64Array): number | null => {
    const at = edge.findIndex(
      (value, ahead) =>
        value > 0 && value >= (supplyNow + netOn(sure, firstDay + ahead) * unitCapacity) * waterline,
    )
    return at < 0 ? null : firstDay + at
  }
  const earlyDay = meets(high)
  const due = sure.filter(({ units }) => units > 0)
  const lastDay = due.length === 0 ? null : Math.max(...due.map(({ day }) => day))
  const isDueAssumed = due.some(({ day, isAssumed }) => day === lastDay && isAssumed)
  return { earlyDay, likelyDay: meets(likely), dueDay: lastDay, ...(isDueAssumed && { isDueAssumed }) }
}
