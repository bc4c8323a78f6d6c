// How much memory the bodies under way may take together, and who has to wait. Called by body.ts, which asks
// before it reads.
import { Failure } from '../errors.ts'

export interface Budget {
  // Bytes set aside just now.
  readonly bytes: number
  // For one body, which begins with nothing.
  open(): Share
  // For one whose length is known already. The answer gives it back, once.
  take(bytes: number): () => void
}

// What one body takes.
export interface Share {
  // Sets more aside, or throws `overloaded`.
  take(bytes: number): void
  // All of it, when the answer is made; again does nothing.
  giveBack(): void
}

export function openBudget(maxBytes: number, shed: () => void = () => {}): Budget {
  let taken = 0
  const open = (): Share => {
    let own = 0
    return {
      take(bytes) {
        // Who is alone always gets its turn: its own limit has been checked.
        if (taken > own && taken + bytes > maxBytes) {
          shed()
          throw new Failure('overloaded', `bodies of ${taken} bytes are being worked on already`)
        }
        taken += bytes
        own += bytes
      },
      giveBack() {
        taken -= own
        own = 0
      },
    }
  }
  return {
    get bytes() {
      return taken
    },
    open,
    take(bytes) {
      const share = open()
      share.take(bytes)
      return () => share.giveBack()
    },
  }
}
