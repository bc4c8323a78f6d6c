// One reader of all samples, for those who evaluate some partitions: each begins where it left off, and reads what comes.
// Shared by the shares of hosts, which have partitions of their own; each share of groups has one. Called by share.ts.
import type { Batch } from '#core/batch.ts'
import type { Bus, Place, Subscription } from '#core/bus.ts'

export interface Feed {
  // Reads these partitions from there. Nobody else may be reading them here.
  attach(from: ReadonlyMap<number, number>, take: Taker): Attached
  close(): Promise<void>
}

export type Taker = (batches: readonly Batch[], place: Place) => Promise<void>

export interface Attached {
  hold(partition: number): void
  release(partition: number): void
  // Again from there.
  again(partition: number, from: number): void
  // Resolves when what was being taken is done. What is still asked of it then does nothing.
  detach(): Promise<void>
}

export async function openFeed(bus: Bus): Promise<Feed> {
  const takers = new Map<number, Taker>()
  const busy = new Map<number, Promise<void>>()
  const subscription: Subscription = await bus.subscribe(
    'samples',
    'rules',
    async (batches, place) => {
      if (place === undefined) throw new Error('a bus that keeps nothing feeds nobody by position')
      const taking = takers.get(place.partition)?.(batches, place)
      if (taking === undefined) return
      busy.set(place.partition, taking)
      await taking.finally(() => busy.delete(place.partition))
    },
    // Nobody reads from there.
    { from: 'beginning', paused: true },
  )
  return {
    attach(places, take) {
      const mine = [...places.keys()]
      const held = new Set<number>()
      const isMine = (partition: number): boolean => takers.get(partition) === take
      for (const each of mine) takers.set(each, take)
      subscription.seek(places)
      subscription.resume(mine)
      return {
        hold(partition) {
          if (!isMine(partition)) return
          held.add(partition)
          subscription.pause([partition])
        },
        release(partition) {
          if (isMine(partition) && held.delete(partition)) subscription.resume([partition])
        },
        again(partition, place) {
          if (isMine(partition)) subscription.seek(new Map([[partition, place]]))
        },
        async detach() {
          const left = mine.filter(isMine)
          subscription.pause(left)
          for (const each of left) takers.delete(each)
          await Promise.allSettled(mine.flatMap(each => busy.get(each) ?? []))
        },
      }
    },
    close: () => subscription.stop(),
  }
}
