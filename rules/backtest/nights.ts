// When is it night, from 22 to 8 o'clock as the clocks of a time zone show it, those that are put forward or back
// included? Found once for the whole time that is replayed. Called by tally.ts.

export type Nights = Readonly<{
  has(tMs: number): boolean
  // How much of it lies between the two.
  between(fromMs: number, toMs: number): number
}>

const hour = 3_600_000
// Every zone is some quarters of an hour away from UTC.
const quarter = hour / 4
const [eveningHour, morningHour] = [22, 8]

export function openNights(fromMs: number, toMs: number, timeZone: string): Nights {
  const format = new Intl.DateTimeFormat('en', { timeZone, hour: '2-digit', hourCycle: 'h23' })
  const isNight = (tMs: number): boolean => {
    const shown = Number(format.format(tMs))
    return shown >= eveningHour || shown < morningHour
  }
  // Where night and day change, in turn, and how much night there was up to then.
  const turns: number[] = []
  const before: number[] = []
  const beginMs = Math.floor(fromMs / hour) * hour
  const begins = isNight(beginMs)
  let [was, sum, sinceMs] = [begins, 0, beginMs]
  const turn = (tMs: number): void => {
    if (was) sum += tMs - sinceMs
    turns.push(tMs)
    before.push(sum)
    was = !was
    sinceMs = tMs
  }
  for (let tMs = beginMs; tMs <= toMs; tMs += hour) {
    if (isNight(tMs + hour) === was) continue
    let atMs = tMs + quarter
    while (isNight(atMs) === was) atMs += quarter
    turn(atMs)
  }
  const place = (tMs: number): number => {
    let [low, high] = [0, turns.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (turns[middle]! <= tMs) low = middle + 1
      else high = middle
    }
    return low
  }
  const isIn = (at: number): boolean => (at % 2 === 0) === begins
  const upTo = (tMs: number): number => {
    const at = place(tMs)
    const known = before[at - 1] ?? 0
    return isIn(at) ? known + tMs - (turns[at - 1] ?? beginMs) : known
  }
  return {
    has: tMs => isIn(place(tMs)),
    between: (fromMs, toMs) => Math.max(0, upTo(toMs) - upTo(fromMs)),
  }
}
