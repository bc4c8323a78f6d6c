// InfluxDB gives the rows of a field up to where a later shard has it in another type, and says nothing of the rest.
// Who compares the newest row that it gave with the newest that there is knows that there are more. The type is that of
// the shard in which the range begins, so the next question begins with the next shard. Called by read.ts and readers.ts.
import type { Source } from '../../line-protocol/names.ts'
import type { Found } from './tables.ts'

type Run = { source: Source; endMs: number; newestMs: number }

// Series that were not read to their end, and the first time of which that is so.
export type Rest = Readonly<{ sources: readonly Source[]; endMs: number }>

const notYet = Number.NEGATIVE_INFINITY

export class Runs {
  readonly #runs = new Map<string, Run>()

  at({ key, source }: Found): Run {
    const known = this.#runs.get(key)
    if (known !== undefined) return known
    const run = { source, endMs: notYet, newestMs: notYet }
    this.#runs.set(key, run)
    return run
  }

  // What must still be asked for; undefined when all rows are there.
  rest(): Rest | undefined {
    // One that has no rows at all began while we asked.
    const broken = [...this.#runs.values()].filter(
      ({ endMs, newestMs }) => endMs < newestMs && endMs > notYet,
    )
    if (broken.length === 0) return undefined
    const sources = new Map(broken.map(({ source }) => [JSON.stringify(source), source]))
    const endMs = broken.reduce((first, run) => Math.min(first, run.endMs), Number.POSITIVE_INFINITY)
    return { sources: [...sources.values()], endMs }
  }
}

const hourMs = 3_600_000
const dayMs = 24 * hourMs
// Shards of a week begin on Mondays.
const mondayMs = 4 * dayMs

// Where the shard after this time may begin: InfluxDB makes them an hour, a day or a week long, or as many days as it
// was told. Tried in this order, none of them beyond the right one.
export function nextShard(endMs: number, attempt: number): number {
  const day = Math.floor(endMs / dayMs) * dayMs + dayMs
  if (attempt === 0) return Math.floor(endMs / hourMs) * hourMs + hourMs
  return attempt === 1 ? day : day + nextDays(day, attempt)
}

// The days to the next Monday at once, further ones singly.
function nextDays(day: number, attempt: number): number {
  const week = 7 * dayMs
  const toMonday = (week - ((((day - mondayMs) % week) + week) % week)) % week
  return toMonday + (attempt - 2) * dayMs
}
