// How much room there is for young objects, in this thread and in others. Called once each: by main.ts when it begins, and
// by serve.ts when the service is there.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Clock } from '#core/clock.ts'

// The launcher's flag is for this thread, but V8 would give as much to every other one, whatever limits that one states.
export function leaveRoomToThreads(): void {
  setFlagsFromString('--max-semi-space-size=0')
}

// Gives back what the start took: rooms for young objects are as large by then as if it went on like that, and V8 keeps
// them. Later it makes them large again only while there is much to do.
export function tidyHeap(): void {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as typeof globalThis.gc
  collect?.({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}

const lookMs = 1000
const littleToDo = 0.3

type Work = Readonly<{ busyShare(): number; tidy(): void }>

// It takes 0.1 s, in which nobody else has the thread: so not while the service starts, nor in a storm right behind it.
export function tidyOnceIdle(
  clock: Clock,
  { busyShare, tidy }: Work = { busyShare: openMeter(), tidy: tidyHeap },
): Disposable {
  const look = (): void => {
    if (busyShare() < littleToDo) tidy()
    else timer = clock.after(lookMs, look)
  }
  let timer = clock.after(lookMs, look)
  return { [Symbol.dispose]: () => timer.cancel() }
}

// Answers which share of the time this thread was busy since it was asked last.
function openMeter(): () => number {
  let last = performance.eventLoopUtilization()
  return () => {
    const now = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(now, last)
    last = now
    return utilization
  }
}
