// Gives back what the start took: rooms for young objects are as large by then as if it went on like that, and V8 keeps
// them. Later it makes them large again only while there is much to do. Called once, when the service is there.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

// Takes 0.1 s, in which nobody else has the thread.
export function tidyHeap(): void {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as typeof globalThis.gc
  collect?.({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}
