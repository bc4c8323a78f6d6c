// How many requests may be on their way to one host: what is more waits for its turn, but not for ever. Urgent ones are
// next, then the way that has the fewest there; and a few places are for ways that have none, so that one whose requests
// hang does not keep the others of its host waiting. Called by exit.ts.
import type { Clock } from '#core/clock.ts'

const atOnceMax = 16
const firstsOnly = 4

export interface HostPlaces {
  // Resolves with what gives the place back; nothing: none was free in time.
  enter(host: string, asked: Asked): Promise<(() => void) | undefined>
}

export type Asked = Readonly<{ way: string; isUrgent: boolean; patienceMs: number }>

// What waits of one way, urgent or not.
type Line = Readonly<{ way: string; isUrgent: boolean; waiting: Set<() => void> }>
type Place = { busy: number; readonly busyBy: Map<string, number>; readonly lines: Map<string, Line> }

export function openHostPlaces(clock: Clock): HostPlaces {
  const places = new Map<string, Place>()

  const inTime = (line: Line, patienceMs: number): Promise<boolean> =>
    new Promise(resolve => {
      const enter = (): void => {
        line.waiting.delete(enter)
        timer.cancel()
        resolve(true)
      }
      const timer = clock.after(patienceMs, () => {
        line.waiting.delete(enter)
        resolve(false)
      })
      line.waiting.add(enter)
    })
  return {
    async enter(host, { way, isUrgent, patienceMs }) {
      const place = places.get(host) ?? { busy: 0, busyBy: new Map(), lines: new Map() }
      places.set(host, place)
      if (mayEnter(place, { way, isUrgent })) take(place, way)
      else if (!(await inTime(lineOf(place, { way, isUrgent }), patienceMs))) return undefined
      return () => {
        leave(place, way)
        for (let next = nextOf(place); next !== undefined; next = nextOf(place)) {
          take(place, next.way)
          const [enter] = next.waiting
          enter?.()
        }
        if (place.busy === 0) places.delete(host)
      }
    },
  }
}

type Who = Pick<Asked, 'way' | 'isUrgent'>

const busyOf = ({ busyBy }: Place, way: string): number => busyBy.get(way) ?? 0

const mayEnter = (place: Place, { way, isUrgent }: Who): boolean =>
  place.busy < atOnceMax - firstsOnly || (place.busy < atOnceMax && (isUrgent || busyOf(place, way) === 0))

function take(place: Place, way: string): void {
  place.busy += 1
  place.busyBy.set(way, busyOf(place, way) + 1)
}

function leave(place: Place, way: string): void {
  place.busy -= 1
  const left = busyOf(place, way) - 1
  if (left === 0) place.busyBy.delete(way)
  else place.busyBy.set(way, left)
}

function lineOf({ lines }: Place, { way, isUrgent }: Who): Line {
  const key = `${isUrgent} ${way}`
  const line = lines.get(key) ?? { way, isUrgent, waiting: new Set() }
  lines.set(key, line)
  return line
}

function nextOf(place: Place): Line | undefined {
  let best: Line | undefined
  for (const [key, line] of place.lines) {
    if (line.waiting.size === 0) place.lines.delete(key)
    else if (mayEnter(place, line) && (best === undefined || isBefore(place, line, best))) best = line
  }
  return best
}

const isBefore = (place: Place, one: Line, other: Line): boolean =>
  one.isUrgent === other.isUrgent ? busyOf(place, one.way) < busyOf(place, other.way) : one.isUrgent
