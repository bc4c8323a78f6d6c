// Series whose samples retention has dropped are forgotten at the start of the store, and nothing else is, whatever
// happens in between.
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { labelsOf } from '#core/labels.ts'
import { SeriesTable } from '#core/series.ts'
import { Engine } from '#core/store/embedded/engine.ts'
import type { Definition } from '#core/store/embedded/journal.ts'
import { runs } from '../../runs.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const startMs = Date.UTC(2026, 10, 20, 12)
const keepMs = 2 * dayMs

// A store with the table of its process: who comes again after it was forgotten comes under another number.
class World {
  readonly folder = mkdtempSync(join(tmpdir(), 'plimsoll-forget-'))
  // Times by name, of all that were ever acknowledged.
  readonly sent = new Map<string, Set<number>>()
  nowMs = startMs
  table = new SeriesTable()
  #defined = 0
  ids = 0
  engine = this.open()

  open(): Engine {
    this.table = new SeriesTable()
    const definitions: Definition[] = []
    const options = { folder: this.folder, keepMs, recentBytes: 1 << 20, flushMs: 1_000 * dayMs }
    this.engine = new Engine(options, each => definitions.push(each), this.nowMs)
    for (const [id, name, labels] of definitions) {
      expect(this.table.find({ name, labels }), `${name} has one number`).toBeUndefined()
      this.table.adopt(id, { name, labels })
    }
    expect(this.engine.ids).toBeGreaterThanOrEqual(this.ids)
    this.table.giveUpBelow(this.engine.ids)
    this.#defined = this.engine.ids
    return this.engine
  }

  async openAgain(): Promise<void> {
    await this.engine.close(this.nowMs)
    this.open()
  }

  // Every series that the table has got meanwhile is defined, with samples or without.
  append(names: readonly string[], tMs = this.nowMs): void {
    const numbers = names.map(name => this.table.intern(name, labelsOf([])))
    const definitions: Definition[] = []
    for (; this.#defined < this.table.size; this.#defined++) {
      const { name, labels } = this.table.get(this.#defined)
      definitions.push([this.#defined, name, labels])
    }
    this.ids = Math.max(this.ids, this.table.size)
    const rows = {
      series: Uint32Array.from(numbers),
      tMs: Float64Array.from(names, () => tMs),
      values: Float64Array.from(names, name => Number(name.slice(1))),
    }
    this.engine.append({ definitions, rows, notes: [] }, this.nowMs)
    for (const name of names) this.sent.set(name, (this.sent.get(name) ?? new Set()).add(tMs))
  }

  // A day, by the hour, as the clock passes while the store runs.
  async passDay(): Promise<void> {
    for (let hour = 0; hour < 24; hour++) {
      this.nowMs += hourMs
      await this.engine.tend(this.nowMs)
    }
  }

  get known(): string[] {
    return this.table.select([]).map(id => this.table.get(id).name)
  }

  async check(): Promise<void> {
    const have = await this.read()
    const keptFrom = Math.floor((this.nowMs - keepMs) / dayMs) * dayMs
    for (const [name, times] of this.sent) {
      for (const tMs of times)
        if (tMs >= keptFrom) expect(have, `${name} at ${tMs}`).toContain(`${name} ${tMs}`)
    }
  }

  async read(): Promise<Set<string>> {
    const ids = Uint32Array.from(this.table.select([]))
    const have = new Set<string>()
    for (const found of await this.engine.select({ ids, fromMs: 0, toMs: 4e12, maxSamples: 1e6 })) {
      for (const [at, id] of found.ids.entries()) {
        const { name } = this.table.get(id)
        for (let row = found.starts[at]!; row < found.starts[at + 1]!; row++) {
          expect(found.values[row]).toBe(Number(name.slice(1)))
          expect(this.sent.get(name)).toContain(found.tMs[row])
          have.add(`${name} ${found.tMs[row]}`)
        }
      }
    }
    return have
  }
}

const worlds: World[] = []
const newWorld = (): World => {
  const world = new World()
  worlds.push(world)
  return world
}
afterEach(() => {
  for (const { folder } of worlds.splice(0)) rmSync(folder, { recursive: true })
})

const names = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, at) => `m${from + at}`)
const linesOf = ({ folder }: World): string[] =>
  readFileSync(join(folder, 'series.log'), 'utf8').trimEnd().split('\n')

// Three live, and ninety-seven that retention has dropped: those with the highest numbers.
async function churned(): Promise<World> {
  const w = newWorld()
  w.append(names(0, 3))
  w.append(names(3, 100))
  for (let day = 0; day < 4; day++) {
    await w.engine.flush(w.nowMs)
    await w.passDay()
    w.append(names(0, 3))
  }
  return w
}

test('what has no samples any more is forgotten at the start, and its number stands for nothing else', async () => {
  const w = await churned()
  expect(linesOf(w)).toHaveLength(100)
  expect(w.engine.forgotten).toEqual({ series: 0 })

  await w.openAgain()
  expect(w.engine.forgotten).toEqual({ series: 97 })
  expect(w.known).toEqual(names(0, 3))
  expect([linesOf(w).length, linesOf(w)[0]]).toEqual([4, expect.stringContaining('{"end":100}')])
  expect(readdirSync(w.folder).sort()).toEqual(['journal', 'segments', 'series.log'])
  await w.check()

  // Whoever comes again is new.
  w.append(['m50', 'm1'])
  expect(w.table.find({ name: 'm50', labels: {} })).toBe(100)
  await w.openAgain()
  expect([w.engine.forgotten.series, w.engine.ids, w.known]).toEqual([0, 101, [...names(0, 3), 'm50']])
  await w.check()
  await w.engine.close(w.nowMs)
})

test('the end is kept from one forgetting to the next', async () => {
  const w = await churned()
  for (let round = 1; round < 4; round++) {
    await w.openAgain()
    expect([w.known, w.engine.ids]).toEqual([names(0, 3), 100 * round])
    w.append(names(1_000 * round, 1_000 * round + 100))
    for (let day = 0; day < 4; day++) {
      await w.engine.flush(w.nowMs)
      await w.passDay()
      w.append(names(0, 3))
    }
  }
  await w.engine.close(w.nowMs)
})

test('what only a journal has, or only the log and then a journal, is no less known', async () => {
  const w = await churned()
  // Defined before its samples come: by a flush into the log, and in no segment.
  w.table.intern('m200', labelsOf([]))
  w.append(['m0'])
  await w.engine.flush(w.nowMs)
  w.append(['m200', 'm201'])
  w.engine.append(
    {
      definitions: [],
      rows: { series: new Uint32Array(), tMs: new Float64Array(), values: new Float64Array() },
      notes: [[50, w.nowMs, 'said']],
    },
    w.nowMs,
  )
  // Killed.
  w.open()
  expect(w.engine.forgotten).toEqual({ series: 96 })
  expect(w.known).toEqual([...names(0, 3), 'm50', 'm200', 'm201'])
  await w.check()
  w.open()
  expect(w.known).toEqual([...names(0, 3), 'm50', 'm200', 'm201'])
  await w.engine.close(w.nowMs)
})

test('what a journal still defines is not forgotten: it would be defined again', async () => {
  const w = await churned()
  await w.engine.flush(w.nowMs)
  w.table.intern('m200', labelsOf([]))
  w.append(['m0'])
  const [segments, away] = [join(w.folder, 'segments'), join(w.folder, 'away')]
  renameSync(segments, away)
  await expect(w.engine.flush(w.nowMs)).rejects.toThrow('ENOENT')
  renameSync(away, segments)
  expect(linesOf(w).at(-1)).toContain('"m200"')
  // Killed, and killed again.
  w.open()
  expect(w.engine.forgotten).toEqual({ series: 97 })
  w.append(['m200'])
  w.open()
  await w.check()
  await w.engine.close(w.nowMs)
})

test('for a few the log is not written anew, and they stay known', async () => {
  const w = newWorld()
  w.append(['m0'])
  for (let day = 0; day < 4; day++) {
    await w.engine.flush(w.nowMs)
    await w.passDay()
    w.append(names(1, 17))
  }
  await w.openAgain()
  expect([w.engine.forgotten.series, w.known]).toEqual([0, names(0, 17)])
  w.append(['m0'])
  expect(w.table.size).toBe(17)
  await w.engine.close(w.nowMs)
})

test('nothing is forgotten while something is damaged, or where there is no segment', async () => {
  const t = async (harm: (folder: string) => () => void, left = 100): Promise<void> => {
    const w = await churned()
    await w.engine.close(w.nowMs)
    const mend = harm(w.folder)
    w.open()
    expect([w.engine.forgotten.series, w.known.length]).toEqual([0, left])
    // A damaged journal goes with the next flush.
    w.append(['m0'])
    await w.engine.close(w.nowMs)
    mend()
    w.open()
    expect([w.engine.forgotten.series, w.known.length]).toEqual([97, 3])
    await w.check()
    await w.engine.close(w.nowMs)
  }
  const segment = (folder: string): string => {
    const [name] = readdirSync(join(folder, 'segments')).sort()
    return join(folder, 'segments', name!)
  }
  await t(folder => {
    const path = segment(folder)
    const bytes = readFileSync(path)
    writeFileSync(path, bytes.subarray(0, bytes.length - 1))
    return () => writeFileSync(path, bytes)
  })
  await t(folder => {
    for (const name of readdirSync(join(folder, 'journal')))
      appendFileSync(
        join(folder, 'journal', name),
        'damaged, and long enough to be no record that is cut off',
      )
    return () => {}
  })
  await t(folder => {
    const path = join(folder, 'series.log')
    const at = readFileSync(path).indexOf('m50')
    const flip = (): void => {
      const bytes = readFileSync(path)
      bytes[at]! ^= 1
      writeFileSync(path, bytes)
    }
    flip()
    return flip
  }, 99)
  await t(folder => {
    const [segments, away] = [join(folder, 'segments'), join(folder, 'away')]
    renameSync(segments, away)
    return () => {
      rmSync(segments, { recursive: true })
      renameSync(away, segments)
    }
  })
})

test('whose segment is put back after it was forgotten is named as unknown, and is not taken for another', async () => {
  const w = newWorld()
  w.append(names(0, 50))
  await w.engine.flush(w.nowMs)
  const [old] = readdirSync(join(w.folder, 'segments'))
  const bytes = readFileSync(join(w.folder, 'segments', old!))
  for (let day = 0; day < 4; day++) {
    await w.passDay()
    w.append(names(50, 60))
    await w.engine.flush(w.nowMs)
  }
  await w.openAgain()
  expect(w.engine.forgotten).toEqual({ series: 50 })
  await w.engine.close(w.nowMs)
  writeFileSync(join(w.folder, 'segments', old!), bytes)
  w.open()
  w.append(names(60, 70))
  expect(w.engine.takeFindings()).toEqual([
    `${join(w.folder, 'series.log')}: 50 series of segments are missing and left out`,
  ])
  await w.check()
  await w.engine.close(w.nowMs)
})

test('a log that has lost its series stops the start also where its end is still there', async () => {
  const w = await churned()
  await w.openAgain()
  await w.engine.close(w.nowMs)
  const [end] = linesOf(w)
  writeFileSync(join(w.folder, 'series.log'), `${end}\n`)
  expect(() => w.open()).toThrow('it holds no series')
})

type Step =
  | { do: 'append'; names: readonly number[]; daysAgo: number }
  | { do: 'flush' | 'day' | 'close' | 'crash' | 'merge' }

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('append' as const),
    names: fc.array(fc.nat(40), { minLength: 1, maxLength: 20 }),
    daysAgo: fc.nat(1),
  }),
  fc.constantFrom('flush', 'day', 'day', 'close', 'crash', 'merge').map(name => ({ do: name }) as Step),
)

test('whatever happens in whatever order, all that is kept has its name, and forgetting leaves no series without samples', async () => {
  const take = async (w: World, one: Step): Promise<void> => {
    if (one.do === 'append')
      w.append(
        [...new Set(one.names)].map(n => `m${n}`),
        w.nowMs - one.daysAgo * dayMs,
      )
    else if (one.do === 'flush') await w.engine.flush(w.nowMs)
    else if (one.do === 'day') await w.passDay()
    else if (one.do === 'merge') while (await w.engine.mergeIfDue(w.nowMs));
    else if (one.do === 'close') await w.openAgain()
    else w.open()
    if (w.engine.forgotten.series === 0 || (one.do !== 'close' && one.do !== 'crash')) return
    const named = new Set([...(await w.read())].map(each => each.split(' ')[0]))
    expect(w.known.filter(name => !named.has(name))).toEqual([])
  }
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async steps => {
      const w = await churned()
      for (const one of steps) {
        await take(w, one)
        await w.check()
      }
      await w.engine.close(w.nowMs)
    }),
    { numRuns: runs(15) },
  )
})
