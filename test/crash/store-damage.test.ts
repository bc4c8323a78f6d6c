// Files of the embedded store with a byte that is not what was written: it may refuse by name or leave out and say
// so, but it never answers wrongly, never hangs, and never gives what is damaged to somebody else.
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { labelsOf } from '#core/labels.ts'
import { SeriesTable } from '#core/series.ts'
import { Engine } from '#core/store/embedded/engine.ts'
import type { Definition } from '#core/store/embedded/journal.ts'
import { DamagedFile, SegmentReader } from '#core/store/embedded/segment-read.ts'

// What stands there the disk does not give back.
const disk = vi.hoisted(() => ({ lostAt: -1 }))

// Stores are opened by the hundred here, and no power fails.
vi.mock('node:fs', async importOriginal => {
  const fs = await importOriginal<typeof import('node:fs')>()
  const readSync = (file: number, into: Uint8Array, ...[at, length, from]: number[]): number => {
    if (from === disk.lostAt) throw Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' })
    return fs.readSync(file, into, at!, length!, from!)
  }
  return { ...fs, readSync, fsyncSync: () => {}, fdatasyncSync: () => {} }
})

const nowMs = Date.UTC(2026, 10, 20, 12)
const dayMs = 86_400_000
const always = { fromMs: 0, toMs: 4e12, maxSamples: 1e6 }
// More than one chunk of an index.
const seriesCount = 600

const home = mkdtempSync(join(tmpdir(), 'plimsoll-damage-'))
const whole = join(home, 'whole')
const work = join(home, 'work')
afterAll(() => rmSync(home, { recursive: true }))

type Opened = Readonly<{ engine: Engine; names: Map<number, string>; findings: string[] }>

function open(folder: string): Opened {
  const names = new Map<number, string>()
  const define = ([id, name]: Definition): void => void names.set(id, name)
  const options = { folder, keepMs: 400 * dayMs, recentBytes: 1 << 20, flushMs: dayMs }
  const engine = new Engine(options, define, nowMs)
  return { engine, names, findings: engine.takeFindings() }
}

// Sample n of a series tells which one it belongs to, and when.
const valueAt = (id: number, tMs: number): number => id * 1_000 + ((tMs / 1_000) % 997) / 8

function append({ engine, names }: Opened, ids: readonly number[], tMs: number): void {
  const fresh = ids.filter(id => !names.has(id))
  for (const id of fresh) names.set(id, `m${id}`)
  engine.append(
    {
      definitions: fresh.map((id): Definition => [id, `m${id}`, labelsOf([['n', String(id)]])]),
      rows: {
        series: Uint32Array.from(ids),
        tMs: Float64Array.from(ids, () => tMs),
        values: Float64Array.from(ids, id => valueAt(id, tMs)),
      },
      notes: [[ids[0]!, tMs, `said at ${tMs}`]],
    },
    nowMs,
  )
}

// What is read of every series by its name: `m3 1795176000000`.
async function read({ engine, names }: Opened): Promise<Set<string>> {
  const ids = Uint32Array.from([...names.keys()].sort((a, b) => a - b))
  const have = new Set<string>()
  for (const found of await engine.select({ ids, ...always })) {
    for (const [at, id] of found.ids.entries()) {
      const name = names.get(id)
      if (name === undefined) continue
      for (let row = found.starts[at]!; row < found.starts[at + 1]!; row++) {
        const [tMs, value] = [found.tMs[row]!, found.values[row]]
        if (value !== valueAt(Number(name.slice(1)), tMs)) expect.fail(`${name} has ${value} at ${tMs}`)
        have.add(`${name} ${found.tMs[row]}`)
      }
    }
  }
  for (const { series, tMs, text } of await engine.notes({ ids, ...always }, 1_000))
    if (names.has(series)) expect(text).toBe(`said at ${tMs}`)
  return have
}

let all = new Set<string>()

beforeAll(async () => {
  const before = open(whole)
  append(before, [0], nowMs - 5 * dayMs)
  // Too old to be kept, so that they are forgotten, and series.log begins with its end.
  append(before, [700, 701, 702], nowMs - 500 * dayMs)
  await before.engine.close(nowMs)
  const opened = open(whole)
  expect([opened.engine.forgotten.series, opened.engine.ids]).toEqual([3, 703])
  const ids = Array.from({ length: seriesCount }, (_, at) => at)
  append(opened, ids, nowMs - dayMs)
  append(opened, ids, nowMs - dayMs + 1_000)
  append(opened, [5], nowMs - 1_000)
  await opened.engine.flush(nowMs)
  append(opened, ids.slice(0, 9), nowMs)
  await opened.engine.flush(nowMs)
  // What is left in two journals, with series of their own.
  append(opened, [3, seriesCount], nowMs + 1_000)
  append(opened, [4, seriesCount + 1], nowMs + 2_000)
  all = await read(opened)
  expect(all.size).toBe(2 * seriesCount + 15)
})

const files = (): string[] =>
  readdirSync(whole, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name).slice(whole.length + 1))

// The last file of a day.
const segmentOf = (date: string): string =>
  files()
    .filter(file => file.startsWith(`segments/${date}`))
    .sort()
    .at(-1)!

// Opens a copy in which this was done to one file; answers what was left and what was said.
async function after(file: string, harm: (bytes: Buffer) => Buffer): Promise<{ lost: number; said: string }> {
  rmSync(work, { recursive: true, force: true })
  cpSync(whole, work, { recursive: true })
  const path = join(work, file)
  writeFileSync(path, harm(readFileSync(path)))
  let said = ''
  let have = new Set<string>()
  try {
    const opened = open(work)
    said = opened.findings.join('\n')
    // New series come, and must not be taken for those that were lost.
    const table = new SeriesTable()
    for (const [id, name] of opened.names) table.adopt(id, { name, labels: labelsOf([]) })
    table.giveUpBelow(opened.engine.ids)
    const fresh = [7_001, 7_002].map(n => table.intern(`m${n}`, labelsOf([])))
    for (const [at, id] of fresh.entries()) opened.names.set(id, `m${7_001 + at}`)
    have = await read(opened).finally(() => opened.engine.close(nowMs))
  } catch (error) {
    // An expectation that fails is no damage.
    if (!(error instanceof DamagedFile)) throw error
    said += error.message
  }
  expect([...have.difference(all)]).toEqual([])
  return { lost: all.size - have.size, said }
}

// Every so many bytes, and all of the ends, where headers and footers are.
function places(length: number): number[] {
  const found = new Set<number>()
  for (let at = 0; at < 20; at++) found.add(Math.floor((length * at) / 20))
  for (let at = 0; at < 10; at++) for (const each of [at, length - 1 - 5 * at]) found.add(each)
  return [...found].filter(at => at >= 0 && at < length)
}

test('a byte that has changed, anywhere in any file: nothing wrong is read, and the file is named', async () => {
  let harms = 0
  for (const file of files()) {
    const { length } = readFileSync(join(whole, file))
    for (const [nth, at] of places(length).entries()) {
      const bit = nth % 3 === 0 ? 0xff : 1 << (nth % 8)
      const { lost, said } = await after(file, bytes => {
        bytes[at]! ^= bit
        return bytes
      })
      if (lost > 0) expect(said, `byte ${at} of ${file}`).toMatch(/series\.log|\.seg|journal/)
      harms++
    }
  }
  expect(harms).toBeGreaterThan(150)
}, 120_000)

test('a file that is cut off or empty: nothing wrong is read, and segments and series.log are named', async () => {
  for (const file of files()) {
    for (const share of [0, 0.3, 0.7, 0.99]) {
      const { lost, said } = await after(file, bytes => bytes.subarray(0, Math.floor(bytes.length * share)))
      // A journal that ends early looks as one whose writer was killed.
      if (lost > 0 && !file.startsWith('journal'))
        expect(said, `${share} of ${file}`).toMatch(/series\.log|\.seg/)
    }
  }
})

test('a damaged file keeps its name to itself', async () => {
  rmSync(work, { recursive: true, force: true })
  cpSync(whole, work, { recursive: true })
  const damaged = join(work, segmentOf('2026-11-20'))
  writeFileSync(damaged, 'damaged')
  rmSync(join(work, 'journal'), { recursive: true })
  const opened = open(work)
  // More than a merge needs, beside what lies in front of the damaged one.
  for (let at = 0; at < 10; at++) {
    append(opened, [1, 2], nowMs + at)
    await opened.engine.flush(nowMs)
  }
  await opened.engine.compact(nowMs)
  await opened.engine.close(nowMs)

  expect(readFileSync(damaged, 'utf8')).toBe('damaged')
  cpSync(join(whole, segmentOf('2026-11-20')), damaged)
  const mended = open(work)
  expect((await read(mended)).has(`m8 ${nowMs}`)).toBe(true)
  await mended.engine.close(nowMs)
})

test('a damaged block is left alone by merges, told once, and stops no other merge', async () => {
  rmSync(work, { recursive: true, force: true })
  cpSync(whole, work, { recursive: true })
  writeFileSync(join(work, segmentOf('2026-11-19')), Buffer.from([0xff]), { flag: 'r+' })
  const opened = open(work)
  for (const tMs of [nowMs - dayMs, nowMs, nowMs + 1]) {
    append(opened, [1, 2], tMs)
    await opened.engine.flush(nowMs)
  }
  await opened.engine.compact(nowMs)

  expect(opened.engine.takeFindings()).toEqual([expect.stringContaining(segmentOf('2026-11-19'))])
  expect(readdirSync(join(work, 'segments')).filter(name => name.startsWith('2026-11-20'))).toHaveLength(1)
  expect(readdirSync(work, { recursive: true })).toContain(segmentOf('2026-11-19'))
  await opened.engine.compact(nowMs)
  expect(opened.engine.takeFindings()).toEqual([])
  await opened.engine.close(nowMs)
})

test('an index that the disk does not give back is told, and ends no start', async () => {
  const file = files().find(each => each.endsWith('.seg'))!
  const reader = new SegmentReader(join(whole, file))
  reader.close()
  disk.lostAt = reader.footer.indexAt
  const { lost, said } = await after(file, bytes => bytes)
  disk.lostAt = -1
  expect(said).toContain(`${join(work, file)}: it cannot be read`)
  expect(lost).toBeGreaterThan(0)
})
