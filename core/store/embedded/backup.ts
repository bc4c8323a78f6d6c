// Puts a copy of the segments and of series.log into another folder, while writes go on. Segments never change, so
// a link is a copy; on another disk they are copied beside the store's thread. Called by engine.ts.
import { copyFile, link, mkdir, open } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Segment } from './catalogue.ts'

export type Copied = Readonly<{ seriesLog: string; segments: readonly Segment[] }>

// What is forgotten meanwhile is left out. series.log comes last: it then names at least every series of the segments.
export async function copyStore(
  { seriesLog, segments }: Copied,
  into: string,
  signal: AbortSignal,
): Promise<void> {
  await mkdir(join(into, 'segments'), { recursive: true })
  await mkdir(join(into, 'journal'), { recursive: true })
  for (const segment of segments) {
    signal.throwIfAborted()
    const { path } = segment.reader
    try {
      await linkOrCopy(path, join(into, 'segments', basename(path)))
    } catch (error) {
      if (!segment.isGone) throw error
    }
  }
  const copy = join(into, 'series.log')
  await copyFile(seriesLog, copy)
  for (const path of [copy, join(into, 'segments'), join(into, 'journal'), into]) await sync(path)
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to)
  } catch {
    await copyFile(from, to)
    await sync(to)
  }
}

async function sync(path: string): Promise<void> {
  await using file = await open(path, 'r')
  await file.sync()
}
