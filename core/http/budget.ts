// How much memory the bodies under way may take together, and who has to wait. Called by body.ts, which asks
// before it reads.
import { Failure } from '../errors.ts'

export interface Budget {
  // Bytes set aside just now.
  readonly bytes: number
  // For one body, which begins with nothing and is being read.
  open(): Share
  // Throws `overloaded` where a whole body of this length has no room just now. Sets nothing aside.
  checkRoom(bytes: number): void
  // For one whose length is known already. The answer gives it back, once.
  take(bytes: number): () => void
}

// What one body takes.
export interface Share {
  // Sets more aside, or throws `overloaded`.
  take(bytes: number): void
  // The body is read: it grows no more, and others may get their turn.
  complete(): void
  // All of it, when the answer is made; again does nothing.
  giveBack(): void
}

// Together they take `maxBytes` and one body at most. At the bound whoever holds most gets its turn: were each refused
// that comes next, many large ones that try again would all be refused before they are done.
export function openBudget(maxBytes: number, shed: () => void = () => {}): Budget {
  const reading = new Set<Holding>()
  let taken = 0
  const refuse = (): never => {
    shed()
    throw new Failure('overloaded', `bodies of ${taken} bytes are being worked on already`)
  }
  const isTurnOf = (one: Holding): boolean =>
    // One at a time: another that has had its turn may be waiting for its answer still.
    one.bytes > 0 && taken - one.bytes <= maxBytes && largest(reading) === one
  const open = (): Share => {
    const own: Holding = { bytes: 0 }
    reading.add(own)
    return {
      take(bytes) {
        // Who is alone always gets its turn: its own limit has been checked.
        if (taken > own.bytes && taken + bytes > maxBytes && !isTurnOf(own)) refuse()
        taken += bytes
        own.bytes += bytes
      },
      complete() {
        reading.delete(own)
      },
      giveBack() {
        reading.delete(own)
        taken -= own.bytes
        own.bytes = 0
      },
    }
  }
  return {
    get bytes() {
      return taken
    },
    open,
    checkRoom(bytes) {
      if (taken > 0 && taken + bytes > maxBytes) refuse()
    },
    take(bytes) {
      const share = open()
      share.complete()
      share.take(bytes)
      return () => share.giveBack()
    },
  }
}

type Holding = { bytes: number }

// Of two that hold the same, the one that came first.
function largest(all: Iterable<Holding>): Holding | undefined {
  let most: Holding | undefined
  for (const each of all) if (most === undefined || each.bytes > most.bytes) most = each
  return most
}
