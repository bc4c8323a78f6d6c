// The embedded store when the machine lets it down between any two system calls: the process is killed there, or
// that one call finds the disk full. Whatever was acknowledged must be there afterwards, under its own series.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { labelsOf } from '#core/labels.ts'
import { Engine } from '#core/store/embedded/engine.ts'
import type { Definition } from '#core/store/embedded/journal.ts'

const machine = vi.hoisted(() => ({
  // The call that fails, counted from one; how; and how many there were.
  failsAt: Number.POSITIVE_INFINITY,
  way: 'kill' as 'kill' | 'full',
  calls: 0,
  isDead: false,
}))

vi.mock('node:fs', async importOriginal => {
  const fs = await importOriginal<typeof import('node:fs')>()
  type Call = (...given: never[]) => unknown
  const fault = (): Error =>
    machine.way === 'kill' ? new Error('killed') : Object.assign(new Error('no space'), { code: 'ENOSPC' })
  // `half` is what a call leaves behind that fails in the middle.
  const guarded = (call: Call, half: Call = () => {}): Call => {
    return (...given) => {
      if (machine.isDead) throw new Error('killed')
      if (++machine.calls !== machine.failsAt) return call(...given)
      half(...given)
      machine.isDead = machine.way === 'kill'
      throw fault()
    }
  }
  const halfWrite: Call = (file: number, bytes: Uint8Array, ...[at, length, to]: number[]) => {
    const all = bytes.subarray(at, length === undefined ? undefined : at! + length)
    fs.writeSync(file, all, 0, all.length >> 1, to)
  }
  const halfWritev: Call = (file: number, parts: readonly Uint8Array[], to: number) =>
    halfWrite(...([file, Buffer.concat(parts), 0, undefined, to] as never[]))
  const openForWriting = guarded(fs.openSync as Call) as typeof fs.openSync
  return {
    ...fs,
    openSync: (path: string, flags: string) =>
      flags === 'r' ? fs.openSync(path, flags) : openForWriting(path, flags),
    writeSync: guarded(fs.writeSync as Call, halfWrite),
    writevSync: guarded(fs.writevSync as Call, halfWritev),
    renameSync: guarded(fs.renameSync as Call),
    // Deleting and syncing need no space; syncing matters to power failures only, so it is not done.
    rmSync: (...given: Parameters<typeof fs.rmSync>) =>
      machine.way === 'kill'
        ? guarded(fs.rmSync as Call)(...(given as unknown as never[]))
        : fs.rmSync(...given),
    ftruncateSync: (file: number, length: number) => {
      if (machine.isDead) throw new Error('killed')
      fs.ftruncateSync(file, length)
    },
    fsyncSync: guarded(() => {}),
    fdatasyncSync: guarded(() => {}),
  }
})

const nowMs = Date.UTC(2026, 10, 20, 12)
const dayMs = 86_400_000

type Row = readonly [series: number, tMs: number, value: number]

class World {
  readonly folder = mkdtempSync(join(tmpdir(), 'plimsoll-faults-'))
  // By series and time: the value acknowledged last, and those that may have been written after it.
  readonly acknowledged = new Map<string, number>()
  readonly maybe = new Map<string, number[]>()
  readonly #names = new Map<number, string>()
  keepMs = 400 * dayMs
  engine: Engine | undefined
  findings: string[] = []

  open(): Engine {
    this.#names.clear()
    const options = { folder: this.folder, keepMs: this.keepMs, recentBytes: 1 << 20, flushMs: dayMs }
    const define = ([id, name]: Definition): void => void this.#names.set(id, name)
    const engine = new Engine(options, define, nowMs)
    this.findings = engine.takeFindings()
    this.engine = engine
    return engine
  }

  append(rows: readonly Row[]): void {
    for (const [series, tMs, value] of rows) {
      const key = `m${series} ${tMs}`
      this.maybe.set(key, [...(this.maybe.get(key) ?? []), value])
    }
    const fresh = [...new Set(rows.map(([series]) => series))].filter(id => !this.#names.has(id))
    const definitions = fresh.map((id): Definition => [id, `m${id}`, labelsOf([['n', String(id)]])])
    const columns = {
      series: Uint32Array.from(rows, ([series]) => series),
      tMs: Float64Array.from(rows, ([, tMs]) => tMs),
      values: Float64Array.from(rows, ([, , value]) => value),
    }
    this.engine?.append({ definitions, rows: columns, notes: [[rows[0]![0], nowMs, 'said']] }, nowMs)
    for (const id of fresh) this.#names.set(id, `m${id}`)
    for (const [series, tMs, value] of rows) {
      this.acknowledged.set(`m${series} ${tMs}`, value)
      this.maybe.delete(`m${series} ${tMs}`)
    }
  }

  get known(): string[] {
    return [...this.#names.values()].sort()
  }

  // Retention has them, or will.
  letGoBefore(tMs: number): void {
    for (const [key, value] of this.acknowledged) {
      if (Number(key.split(' ')[1]) >= tMs) continue
      this.acknowledged.delete(key)
      this.maybe.set(key, [...(this.maybe.get(key) ?? []), value])
    }
  }

  async check(what: string): Promise<void> {
    const ids = Uint32Array.from({ length: 40 }, (_, at) => at)
    const have = new Map<string, number>()
    for (const found of await this.engine!.select({ ids, fromMs: 0, toMs: 4e12, maxSamples: 1e6 })) {
      for (const [at, id] of found.ids.entries()) {
        for (let row = found.starts[at]!; row < found.starts[at + 1]!; row++)
          have.set(`${this.#names.get(id)} ${found.tMs[row]}`, found.values[row]!)
      }
    }
    // A number that was somebody's is never given to another.
    for (const key of [...this.acknowledged.keys(), ...this.#names.values()])
      expect(this.engine!.ids, `${what}: ${key}`).toBeGreaterThan(Number(/\d+/.exec(key)))
    for (const [key, value] of this.acknowledged)
      expect([value, ...(this.maybe.get(key) ?? [])], `${what}: ${key}`).toContain(have.get(key))
    for (const [key, value] of have)
      expect([this.acknowledged.get(key), ...(this.maybe.get(key) ?? [])], `${what}: ${key}`).toContain(value)
  }
}

// Three days at once, values written over, a series that comes late, a merge, and a lot that is only in its journal.
type Story = readonly ((world: World) => unknown)[]
const story: Story = [
  world => world.open(),
  world => world.append([0, 1, 2].flatMap(day => [0, 7, 3].map((id): Row => [id, nowMs - day * dayMs, day]))),
  world => world.engine?.flush(nowMs),
  world =>
    world.append([
      [0, nowMs, 10],
      [7, nowMs - dayMs, 11],
      [30, nowMs + 5, 12],
    ]),
  world => world.append([[0, nowMs, 13]]),
  world => world.engine?.flush(nowMs),
  world => world.append([[31, nowMs - 2 * dayMs, 14]]),
  world => world.engine?.compact(nowMs),
  world =>
    world.append([
      [0, nowMs, 15],
      [32, nowMs, 16],
    ]),
  world => world.engine?.flush(nowMs),
  world => world.append([[0, nowMs, 17]]),
  world => world.engine?.close(nowMs),
]

const closed = async (world: World): Promise<void> => {
  const { engine } = world
  world.engine = undefined
  await engine?.close(nowMs)
}

// Retention drops all that many series had, the next start forgets them, and others come.
const forgetting: Story = [
  world => world.open(),
  world => world.append(Array.from({ length: 30 }, (_, id): Row => [id, nowMs - 3 * dayMs, id])),
  world => world.append([0, 1, 9].map((id): Row => [id, nowMs, id])),
  closed,
  world => {
    world.keepMs = dayMs
    world.letGoBefore(nowMs - 2 * dayMs)
    world.open()
  },
  world => world.engine?.tend(nowMs),
  world => world.append([[2, nowMs, 2]]),
  closed,
  world => world.open(),
  world =>
    world.append([
      [0, nowMs + 1, 3],
      [30, nowMs, 30],
    ]),
  world => world.engine?.flush(nowMs),
  closed,
  world => world.open(),
  world => world.append([[31, nowMs, 31]]),
  closed,
]

async function tell(way: 'kill' | 'full', failsAt: number, story: Story): Promise<World> {
  const world = new World()
  Object.assign(machine, { way, failsAt, calls: 0, isDead: false })
  for (const step of story) {
    if (machine.isDead) break
    try {
      await step(world)
    } catch (error) {
      expect((error as Error).message).toMatch(/killed|no space/)
      // A service that cannot open its store is started again.
      if (world.engine === undefined && !machine.isDead) world.open()
    }
  }
  return world
}

let worlds: World[] = []
afterEach(() => {
  Object.assign(machine, { failsAt: Number.POSITIVE_INFINITY, isDead: false })
  for (const { folder } of worlds) rmSync(folder, { recursive: true, force: true })
  worlds = []
})

async function everywhere(way: 'kill' | 'full', story: Story): Promise<number> {
  const whole = await tell(way, Number.POSITIVE_INFINITY, story)
  worlds.push(whole)
  const { calls } = machine
  for (let at = 1; at <= calls; at++) {
    const world = await tell(way, at, story)
    worlds.push(world)
    const what = `${way} at call ${at} of ${calls}`
    Object.assign(machine, { failsAt: Number.POSITIVE_INFINITY, isDead: false })
    world.open()
    await world.check(what)
    // A kill damages nothing, and leaves nothing to be told.
    expect(world.findings, what).toEqual([])
    // Nor does what it left behind harm what comes after.
    world.append([[33, nowMs, 18]])
    await world.engine?.compact(nowMs)
    await world.check(`${what}, merged`)
    await world.engine?.close(nowMs)
    if (at % 5 !== 0) continue
    world.open()
    await world.check(`${what}, opened again`)
    await world.engine?.close(nowMs)
  }
  return calls
}

test('killed between any two system calls, it has everything that was acknowledged', async () => {
  expect(await everywhere('kill', story)).toBeGreaterThan(100)
}, 120_000)

test('with a disk that is full at any one call, it has everything that was acknowledged', async () => {
  expect(await everywhere('full', story)).toBeGreaterThan(100)
}, 120_000)

test.each(['kill', 'full'] as const)(
  '%s at any call while series are forgotten: all that is kept is under its own name',
  async way => {
    expect(await everywhere(way, forgetting)).toBeGreaterThan(60)
    expect(worlds[0]?.known).toEqual(['m0', 'm1', 'm2', 'm30', 'm31', 'm9'])
  },
  120_000,
)
