// What waits for the bus: chunks of rows, oldest first. Never more than its limit; the oldest are forgotten,
// because a monitor that falls behind should know the present rather than the past. Called by outbox.ts.
import type { NoteRow, RowBuffer, Rows } from '#core/batch.ts'

export type Chunk = Readonly<{
  receivedAtMs: number
  rows: Rows
  notes: readonly NoteRow[]
  // Rows and notes.
  size: number
}>

export type Waiting = Readonly<{
  size(): number
  add(chunk: Chunk): void
  // The oldest, for sending; they are not forgotten meanwhile.
  take(count: number): readonly Chunk[]
  // What could not be sent, to the front again.
  giveBack(chunks: readonly Chunk[]): void
}>

export function openWaiting(max: number, forgotten: (size: number) => void): Waiting {
  let chunks: Chunk[] = []
  let size = 0
  const forget = (): void => {
    while (size > max) {
      const oldest = chunks.shift()?.size ?? 0
      size -= oldest
      forgotten(oldest)
    }
  }
  return {
    size: () => size,
    add(chunk) {
      chunks.push(chunk)
      size += chunk.size
      forget()
    },
    take(count) {
      const taken = chunks.splice(0, count)
      size -= sizeOf(taken)
      return taken
    },
    giveBack(taken) {
      chunks = [...taken, ...chunks]
      size += sizeOf(taken)
      forget()
    },
  }
}

export const sizeOf = (chunks: readonly Chunk[]): number => chunks.reduce((sum, { size }) => sum + size, 0)

// As small as what it holds: it may have to wait for hours.
export function chunkOf(open: RowBuffer, notes: readonly NoteRow[], receivedAtMs: number): Chunk {
  const { series, tMs, values, length } = open
  const rows = {
    series: series.slice(0, length),
    tMs: tMs.slice(0, length),
    values: values.slice(0, length),
  }
  return { receivedAtMs, rows, notes, size: length + notes.length }
}
