// Where do the records of a topic stand, and where does a reader begin that keeps its own positions? Asked by reader.ts,
// lag.ts, and ../kafka.ts for whoever wants to know.
import type { Admin } from 'kafkajs'
import type { At, Start } from '../../bus.ts'
import type { Asking } from './asking.ts'

export type Ends = ReadonlyMap<number, Readonly<{ low: number; high: number }>>

export type Begun = Readonly<{ positions: Map<number, number>; lost: readonly number[] }>

export type OwnStart = Exclude<Start, 'committed'>

export const endsOf = (asking: Asking, topic: string): Promise<Ends> =>
  asking.ask(`asking where ${topic} ends`, ends(topic))

// Who asks has something to do meanwhile, and asks again.
const placesMs = 5_000

export async function placesAt(at: At, asking: Asking, topic: string): Promise<ReadonlyMap<number, number>> {
  const what = `asking where records of ${topic} stand`
  if (typeof at === 'object') return asking.insist(what, youngerThan(at.atMs, topic), placesMs)
  const found = await asking.insist(what, ends(topic), placesMs)
  return new Map([...found].map(([partition, { low, high }]) => [partition, at === 'end' ? high : low]))
}

export async function beginAt(from: OwnStart, asking: Asking, topic: string): Promise<Begun> {
  const ends = await endsOf(asking, topic)
  if (from === 'beginning') return begin(new Map(), ends)
  if ('positions' in from) return begin(from.positions, ends)
  const positions = await asking.ask(`asking what ${topic} held at a time`, youngerThan(from.atMs, topic))
  // What came in between the two questions lies behind the end that was told first.
  const until = new Map([...ends].map(([at, { low }]) => [at, { low, high: Number.POSITIVE_INFINITY }]))
  return begin(positions, until)
}

const ends =
  (topic: string) =>
  async (admin: Admin): Promise<Ends> => {
    const found = await admin.fetchTopicOffsets(topic)
    return new Map(
      found.map(({ partition, low, high }) => [partition, { low: Number(low), high: Number(high) }]),
    )
  }

// kafkajs answers with the end where there is none.
const youngerThan =
  (atMs: number, topic: string) =>
  async (admin: Admin): Promise<ReadonlyMap<number, number>> => {
    const found = await admin.fetchTopicOffsetsByTimestamp(topic, atMs)
    return new Map(found.map(({ partition, offset }) => [partition, Number(offset)]))
  }

// A position that the topic does not have any more, or not yet, is lost: what is there is read from its beginning.
export function begin(wanted: ReadonlyMap<number, number>, ends: Ends): Begun {
  const lost: number[] = []
  const positions = new Map<number, number>()
  for (const [partition, { low, high }] of ends) {
    const position = wanted.get(partition) ?? low
    const isThere = position >= low && position <= high
    if (!isThere) lost.push(partition)
    positions.set(partition, isThere ? position : low)
  }
  return { positions, lost }
}
