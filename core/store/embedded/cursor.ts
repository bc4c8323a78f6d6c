// Goes along the index of a segment as someone asks for ascending series. Called by read.ts and newest.ts.
import type { Segment } from './catalogue.ts'
import type { Entry } from './segment.ts'

// Every entry before `place` is of a series lower than those to come.
export type Cursor = { readonly segment: Segment; place: number }

export function advance(cursor: Cursor, id: number, kind: Entry['kind']): Entry | undefined {
  const { reader } = cursor.segment
  cursor.place = reader.seek(id, cursor.place)
  for (let place = cursor.place; reader.seriesAt(place) === id; place++) {
    const entry = reader.entry(place)
    if (entry?.kind === kind) return entry
  }
  return undefined
}
