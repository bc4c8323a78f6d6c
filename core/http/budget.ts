// How much memory the bodies under way may take together, and who has to wait. Called by body.ts, which asks
// before it reads.
import { Failure } from '../errors.ts'

export interface Budget {
  // Bytes set aside just now.
  readonly bytes: number
  // Sets more aside, or throws `overloaded`. The answer gives it back, once.
  take(bytes: number): () => void
}

export function openBudget(maxBytes: number, shed: () => void = () => {}): Budget {
  let taken = 0
  return {
    get bytes() {
      return taken
    },
    take(bytes) {
      // The first one always gets its turn: its own limit has been checked.
      if (taken > 0 && taken + bytes > maxBytes) {
        shed()
        throw new Failure('overloaded', `bodies of ${taken} bytes are being worked on already`)
      }
      taken += bytes
      let back = false
      return () => {
        if (!back) taken -= bytes
        back = true
      }
    },
  }
}
