// How many requests may be on their way to one host: what is more waits for its turn. Called by sender.ts.

const atOnceMax = 16

export interface Places {
  // Resolves with what gives the place back.
  enter(host: string): Promise<() => void>
}

type Place = { busy: number; waiting: (() => void)[] }

export function openPlaces(): Places {
  const places = new Map<string, Place>()
  return {
    async enter(host) {
      const place = places.get(host) ?? { busy: 0, waiting: [] }
      places.set(host, place)
      if (place.busy < atOnceMax) place.busy += 1
      // Whoever leaves hands his place over.
      else await new Promise<void>(resolve => place.waiting.push(resolve))
      return () => {
        const next = place.waiting.shift()
        if (next !== undefined) return next()
        place.busy -= 1
        if (place.busy === 0) places.delete(host)
      }
    },
  }
}
