// What a room keeps in the state as JSON, read again; what cannot be read is told by its key. Called by the books of
// rules/ and alerter/.
import { Failure } from '../errors.ts'

// `at` says whose it is, for whoever has to mend it.
export type Wanted<T> = Readonly<{ at: string; wanted: string; isWhole(found: Partial<T>): boolean }>

export function readSaved<T>(text: string, { at, wanted, isWhole }: Wanted<T>): T {
  try {
    const found = JSON.parse(text) as T
    if (isWhole(found as Partial<T>)) return found
  } catch {
    // The text itself says more than what went wrong with it.
  }
  throw new Failure(
    'state_corrupt',
    `${at}: wanted ${wanted} as JSON, found ${JSON.stringify(text.slice(0, 80))}`,
  )
}
