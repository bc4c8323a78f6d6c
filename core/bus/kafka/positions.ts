// Where does a reader begin that keeps its own position, and where is it now? kafkajs lets nobody choose his partitions,
// so such a reader is a group of its own, which commits nothing and is told at each join where to go on. Made by
// reader.ts.
import type { Start } from '../../bus.ts'
import type { Asking } from './asking.ts'

export type Ends = ReadonlyMap<number, Readonly<{ low: number; high: number }>>

export type Begun = Readonly<{ positions: Map<number, number>; lost: readonly number[] }>

export type OwnStart = Exclude<Start, 'committed'>

export async function endsOf(asking: Asking, topic: string): Promise<Ends> {
  const found = await asking.ask(`asking where ${topic} ends`, admin => admin.fetchTopicOffsets(topic))
  return new Map(
    found.map(({ partition, low, high }) => [partition, { low: Number(low), high: Number(high) }]),
  )
}

export async function beginAt(from: OwnStart, asking: Asking, topic: string): Promise<Begun> {
  const ends = await endsOf(asking, topic)
  if (from === 'beginning') return begin(new Map(), ends)
  if ('positions' in from) return begin(from.positions, ends)
  const found = await asking.ask(`asking what ${topic} held at a time`, admin =>
    admin.fetchTopicOffsetsByTimestamp(topic, from.atMs),
  )
  const positions = new Map(found.map(({ partition, offset }) => [partition, Number(offset)]))
  // What came in between the two questions lies behind the end that was told first.
  const until = new Map([...ends].map(([at, { low }]) => [at, { low, high: Number.POSITIVE_INFINITY }]))
  return begin(positions, until)
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
