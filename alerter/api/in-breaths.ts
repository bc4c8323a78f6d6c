// Long lists in order while others get their turn, and as text in pieces. Called by alert-routes.ts.
// Hot: in a storm a caller is shown 50 000 alerts.
import { Breath } from '#core/breath.ts'
import { type Pieces, pieceChars } from '#core/http/pieces.ts'

type Compare<T> = (one: T, other: T) => number

// About a millisecond of comparing.
const runLength = 1_000

export async function sorted<T>(items: readonly T[], compare: Compare<T>): Promise<readonly T[]> {
  const breath = new Breath()
  let runs: (readonly T[])[] = []
  for (let at = 0; at < items.length; at += runLength) {
    if (breath.isDue) await breath.taken()
    runs.push(items.slice(at, at + runLength).sort(compare))
  }
  while (runs.length > 1) {
    const merged: (readonly T[])[] = []
    for (let at = 0; at < runs.length; at += 2) {
      if (breath.isDue) await breath.taken()
      merged.push(await merge(runs[at]!, runs[at + 1] ?? [], { compare, breath }))
    }
    runs = merged
  }
  return runs[0] ?? []
}

async function merge<T>(
  some: readonly T[],
  others: readonly T[],
  { compare, breath }: Readonly<{ compare: Compare<T>; breath: Breath }>,
): Promise<readonly T[]> {
  const merged: T[] = []
  let [at, other] = [0, 0]
  while (at < some.length && other < others.length) {
    merged.push(compare(some[at]!, others[other]!) <= 0 ? some[at++]! : others[other++]!)
    if (merged.length % runLength === 0 && breath.isDue) await breath.taken()
  }
  for (; at < some.length; at++) merged.push(some[at]!)
  for (; other < others.length; other++) merged.push(others[other]!)
  return merged
}

// Each piece of what is given may be short: those that go out are as long as one should be.
export function* inPieces(pieces: Pieces): Pieces {
  let text = ''
  for (const each of pieces) {
    text += each
    if (text.length < pieceChars) continue
    yield text
    text = ''
  }
  if (text !== '') yield text
}
