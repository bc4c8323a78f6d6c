// The embedded store against the simplest thing that could be it: a map. Random appends, flushes, merges and
// crashes; after each, both must hold the same.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { labelsOf } from '#core/labels.ts'
import { Engine } from '#core/store/embedded/engine.ts'
import type { Definition } from '#core/store/embedded/journal.ts'
import { runs } from '../../runs.ts'

const startMs = Date.UTC(2026, 10, 20, 22)
const hourMs = 3_600_000
const seriesMax = 300

type Step =
  | { do: 'append'; rows: readonly (readonly [series: number, minute: number, value: number])[] }
  | { do: 'flush' | 'merge' | 'compact' | 'crash' | 'close' | 'wait' | 'flushAndCrash' }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .array(
        fc.tuple(
          fc.nat(seriesMax - 1),
          fc.integer({ min: -2_000, max: 300 }),
          fc.integer({ min: -5, max: 5 }),
        ),
        {
          minLength: 1,
          maxLength: 60,
        },
      )
      .map(rows => ({ do: 'append' as const, rows })),
  },
  {
    weight: 4,
    arbitrary: fc
      .constantFrom('flush', 'merge', 'compact', 'crash', 'close', 'wait', 'flushAndCrash')
      .map(name => ({ do: name }) as Step),
  },
)

class World {
  readonly folder = mkdtempSync(join(tmpdir(), 'plimsoll-engine-'))
  readonly model = new Map<number, Map<number, number>>()
  readonly #known = new Map<number, string>()
  nowMs = startMs
  engine = this.#open()

  #open(): Engine {
    const define = ([id, name]: Definition): void => void this.#known.set(id, name)
    this.#known.clear()
    return new Engine(
      { folder: this.folder, keepMs: 400 * 24 * hourMs, recentBytes: 1 << 20, flushMs: hourMs },
      define,
      this.nowMs,
    )
  }

  async take(one: Step): Promise<void> {
    const { engine, nowMs } = this
    if (one.do === 'append') this.#append(one.rows)
    else if (one.do === 'flush') await engine.flush(nowMs)
    else if (one.do === 'merge') while (await engine.mergeIfDue(nowMs));
    else if (one.do === 'compact') await engine.compact(nowMs)
    else if (one.do === 'wait') this.nowMs += 3 * hourMs
    else if (one.do === 'close') await engine.close(nowMs)
    // The old engine writes on while the new one opens, as a process that dies in the middle leaves files.
    else if (one.do === 'flushAndCrash') await engine.flush(nowMs)
    if (one.do === 'crash' || one.do === 'close' || one.do === 'flushAndCrash') this.engine = this.#open()
  }

  #append(rows: readonly (readonly [number, number, number])[]): void {
    const fresh = new Set(rows.map(([series]) => series).filter(series => !this.#known.has(series)))
    const definitions = [...fresh].map((id): Definition => [id, `m${id}`, labelsOf([['n', String(id)]])])
    for (const [id, name] of definitions) this.#known.set(id, name)
    const columns = {
      series: Uint32Array.from(rows, ([series]) => series),
      tMs: Float64Array.from(rows, ([, minute]) => startMs + minute * 60_000),
      values: Float64Array.from(rows, ([, , value]) => value),
    }
    this.engine.append({ definitions, rows: columns, notes: [] }, this.nowMs)
    for (const [at, series] of columns.series.entries()) {
      const points = this.model.get(series) ?? new Map()
      this.model.set(series, points.set(columns.tMs[at], columns.values[at]))
    }
  }

  async check(): Promise<void> {
    const ids = Uint32Array.from({ length: seriesMax }, (_, at) => at)
    const pages = await this.engine.select({ ids, fromMs: 0, toMs: 4e12, maxSamples: 1e6 })
    const have = pages.flatMap(found =>
      [...found.ids].map((id, at) => {
        const [from, to] = [found.starts[at], found.starts[at + 1]]
        const values = found.values.subarray(from, to)
        return [id, [...found.tMs.subarray(from, to)].map((tMs, each) => [tMs, values[each]])]
      }),
    )
    const wanted = [...this.model]
      .sort(([a], [b]) => a - b)
      .map(([id, points]) => [id, [...points].sort(([a], [b]) => a - b)])
    expect(have).toEqual(wanted)
  }
}

test('whatever happens in whatever order, it holds what was appended, the last written of each time', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async steps => {
      const world = new World()
      try {
        for (const one of steps) {
          await world.take(one)
          await world.check()
        }
      } finally {
        rmSync(world.folder, { recursive: true })
      }
    }),
    { numRuns: runs(10) },
  )
})

test('a writer that is faster than the disk finds room for two lots and no more', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-engine-'))
  const rows = 1_000
  const recentBytes = 20 * 5 * rows
  const options = { folder, keepMs: 400 * 24 * hourMs, recentBytes, flushMs: hourMs }
  const engine = new Engine(options, () => {}, startMs)
  const inBackground: Promise<unknown>[] = []
  let most = 0
  for (let each = 0; each < 60; each++) {
    await engine.untilRoom(startMs)
    const definitions = each === 0 ? [[0, 'm', labelsOf([])] as const] : []
    const times = Float64Array.from({ length: rows }, (_, at) => startMs + each * rows + at)
    const columns = { series: new Uint32Array(rows), tMs: times, values: times }
    engine.append({ definitions, rows: columns, notes: [] }, startMs)
    most = Math.max(most, engine.size().recentBytes)
    inBackground.push(engine.flushIfDue(startMs))
  }
  expect(await Promise.all(inBackground)).toContain(true)
  expect(most).toBeLessThanOrEqual(2 * recentBytes)
  const [found] = await engine.select({ ids: Uint32Array.of(0), fromMs: 0, toMs: 4e12, maxSamples: 1e6 })
  expect(found?.starts.at(-1)).toBe(60 * rows)
  // Nor are lots cut into crumbs.
  expect(engine.size().segments).toBeLessThanOrEqual(12)
  await engine.close(startMs)
  rmSync(folder, { recursive: true })
})

test('starts that came to nothing leave no journal each', async () => {
  const world = new World()
  for (let start = 0; start < 5; start++) await world.take({ do: 'crash' })
  expect(readdirSync(join(world.folder, 'journal'))).toHaveLength(1)
  await world.take({ do: 'append', rows: [[1, 1, 1]] })
  for (let start = 0; start < 5; start++) await world.take({ do: 'crash' })
  await world.check()
  expect(readdirSync(join(world.folder, 'journal'))).toHaveLength(2)
  await world.take({ do: 'close' })
  rmSync(world.folder, { recursive: true })
})
