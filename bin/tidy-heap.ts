// How much room there is for young objects, in this thread and in others. Called once each: by main.ts when it begins, and
// when the service is there.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

// The launcher's flag is for this thread, but V8 would give as much to every other one, whatever limits that one states.
export function leaveRoomToThreads(): void {
  setFlagsFromString('--max-semi-space-size=0')
}

// Gives back what the start took: rooms for young objects are as large by then as if it went on like that, and V8 keeps
// them. Later it makes them large again only while there is much to do. Takes 0.1 s, in which nobody else has the thread.
export function tidyHeap(): void {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as typeof globalThis.gc
  collect?.({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}
