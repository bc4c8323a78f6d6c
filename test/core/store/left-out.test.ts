// Segment files that are left out because they are damaged: their numbers stay theirs, and they go with their day.
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { labelsOf } from '#core/labels.ts'
import { Catalogue, dayMs, dayOf, segmentName } from '#core/store/embedded/catalogue.ts'
import { Engine } from '#core/store/embedded/engine.ts'
import type { Definition } from '#core/store/embedded/journal.ts'
import { entryBytes, footerBytes, sparseBytes } from '#core/store/embedded/segment.ts'
import { SegmentReader } from '#core/store/embedded/segment-read.ts'

const nowMs = Date.UTC(2026, 10, 20, 12)
// Three chunks of an index.
const seriesCount = 600
const chunks = 3
const place = { day: dayOf(nowMs), from: 1, to: 1 }

let folder = ''
let segment = ''
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-left-out-'))
  segment = join(folder, 'segments', segmentName(place))
  const engine = open()
  const ids = Uint32Array.from({ length: seriesCount }, (_, at) => at)
  const definitions = [...ids].map((id): Definition => [id, `m${id}`, labelsOf([])])
  const rows = { series: ids, tMs: new Float64Array(seriesCount).fill(nowMs), values: new Float64Array(ids) }
  engine.append({ definitions, rows, notes: [] }, nowMs)
  await engine.close(nowMs)
  expect(readdirSync(join(folder, 'segments'))).toEqual([segmentName(place)])
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

const open = (): Engine =>
  new Engine({ folder, keepMs: 400 * dayMs, recentBytes: 1 << 20, flushMs: dayMs }, () => {}, nowMs)

function indexAt(): number {
  const reader = new SegmentReader(segment)
  reader.close()
  expect(reader.footer.entries).toBe(seriesCount)
  expect(reader.sizeBytes).toBe(
    reader.footer.indexAt + seriesCount * entryBytes + chunks * sparseBytes + footerBytes,
  )
  return reader.footer.indexAt
}

test('the numbers in a file left out for its index are given to no other series', async () => {
  const at = indexAt()
  truncateSync(join(folder, 'series.log'), 300)
  const bytes = readFileSync(segment)
  bytes[at]! ^= 1
  writeFileSync(segment, bytes)
  const engine = open()
  expect(engine.ids).toBe(seriesCount)
  expect(engine.takeFindings()).toContainEqual(
    expect.stringMatching(/series\.log: the series \d+ to 599 are/),
  )
  await engine.close(nowMs)
})

test('what was left out goes when its day has gone, and not before', () => {
  const [old, young] = [join(folder, 'segments', segmentName({ ...place, day: place.day - 9 })), segment]
  for (const path of [old, young]) writeFileSync(path, 'damaged')
  const catalogue = new Catalogue(join(folder, 'segments'))
  expect(catalogue.findings).toHaveLength(2)
  const ended = (place.day - 8) * dayMs
  expect(catalogue.dropBefore(ended - 1)).toBe(0)
  expect(catalogue.dropBefore(ended)).toBe(1)
  expect(readdirSync(join(folder, 'segments'))).toEqual([segmentName(place)])
  expect(catalogue.dropBefore(ended)).toBe(0)
  catalogue.close()
})
