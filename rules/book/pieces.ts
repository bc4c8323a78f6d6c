// How much is saved or kept at a time: large pages are cut into pieces, and what piles up while the state or the bus is
// away is thinned. Pure. Called by scribe.ts and teller.ts.
import type { AlertTransition } from '#core/model.ts'
import { type Entry, type Page, rowsMax } from '../book.ts'

// 50 ms of SQLite's thread, in which others wait.
export const pieceMax = 5_000
// Of one alert, while nobody can be told. Whoever hears of it later hears how it ended, and that it came and went.
const perAlertMax = 16

export const sizeOf = ({ entries, transitions, places }: Page): number =>
  entries.length + transitions.length + (places?.size ?? 0)

// Nothing for an empty page. A large one is dealt out by fingerprint, so that an alert is saved with what is said of it:
// neighbours come together, which are written in half the time. With places it stays whole as long as one save takes it:
// who died in between would judge samples again that some of its alerts have seen. A larger one begins with the places:
// whoever goes on from there finds what was not saved by what holds then.
export function piecesOf(page: Page): Page[] {
  const size = sizeOf(page)
  const isPlaced = (page.places?.size ?? 0) > 0
  if (size <= (isPlaced ? rowsMax : pieceMax)) return size === 0 ? [] : [page]
  const { part, places, entries, transitions } = page
  const keys = [...entries.map(each => each.fingerprint), ...transitions.map(each => each.alert.fingerprint)]
  // Numbers, because sorting texts would hold everybody up for 0.1 s.
  const heads = Uint32Array.from(keys, each => Number.parseInt(each.slice(0, 8), 16))
  const bounds = boundsOf(heads, Math.ceil(size / pieceMax))
  const pieces = [...bounds, 0].map(() => ({
    part,
    entries: [] as Entry[],
    transitions: [] as AlertTransition[],
  }))
  const pieceFor = (row: number) => pieces[placeIn(bounds, heads[row]!)]!
  for (const [at, each] of entries.entries()) pieceFor(at).entries.push(each)
  for (const [at, each] of transitions.entries()) pieceFor(entries.length + at).transitions.push(each)
  return pieces.with(0, { ...pieces[0]!, ...(places === undefined ? {} : { places }) })
}

// Where so many pieces of one size begin, but for the first.
function boundsOf(heads: Uint32Array, pieces: number): number[] {
  const sorted = heads.toSorted()
  return Array.from(
    { length: pieces - 1 },
    (_, at) => sorted[Math.floor(((at + 1) * sorted.length) / pieces)]!,
  )
}

// How many of the bounds are not above it.
function placeIn(bounds: readonly number[], head: number): number {
  let at = 0
  while (at < bounds.length && bounds[at]! <= head) at += 1
  return at
}

export type Thinned = Readonly<{ kept: AlertTransition[]; left: AlertTransition[] }>

// Keeps the newest of each alert, in their order. Where two rules find the same, the end of one is not lost for what the other
// does: whoever hears of them waits for both.
export function thinned(transitions: readonly AlertTransition[]): Thinned {
  const counts = new Map<string, number>()
  const kept: AlertTransition[] = []
  const left: AlertTransition[] = []
  for (const each of transitions.toReversed()) {
    const { fingerprint, rule } = each.alert
    const key = `${rule.id} ${fingerprint}`
    const count = counts.get(key) ?? 0
    counts.set(key, count + 1)
    if (count < perAlertMax) kept.push(each)
    else left.push(each)
  }
  return { kept: kept.reverse(), left: left.reverse() }
}

// One page for each part, so that what cannot be saved for hours takes no more place than there are alerts.
export function merged(pages: readonly Page[]): Readonly<{ pages: Page[]; left: AlertTransition[] }> {
  const left: AlertTransition[] = []
  const parts = Map.groupBy(pages, each => each.part)
  const one = ([part, own]: [string, Page[]]): Page => {
    const last = new Map(
      own.flatMap(page => page.entries.map(each => [`${each.rule} ${each.fingerprint}`, each])),
    )
    const thin = thinned(own.flatMap(each => each.transitions))
    left.push(...thin.left)
    const places = new Map(own.flatMap(each => [...(each.places ?? [])]))
    return { part, entries: [...last.values()], transitions: thin.kept, places }
  }
  return { pages: [...parts].map(one), left }
}
