// Ownership on a real PostgreSQL, by processes that are killed, stopped and woken, cut off, and asked to go: somebody
// else goes on within ten seconds, and nothing is written by an owner after its successor.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { fence, look, takeNew, takeOver } from '#core/lease/lease-rows.ts'
import { timing } from '#core/lease/timing.ts'
import { openPostgresState } from '#core/state/postgres.ts'
import type { State } from '#core/state.ts'
import { type Postgres, startPostgres } from '../engines/postgres.ts'
import { openCutRoad } from './cut-road.ts'
import { type Marked, markMigrations } from './marks.ts'

// Who goes without a word is missed after this at the soonest; who says so, before.
const soonestMissedMs = timing.silentMs - timing.beatMs

let folder: string
let postgres: Postgres
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-live-'))
  postgres = await startPostgres(folder)
})
afterAll(async () => {
  await postgres.stop()
  rmSync(folder, { recursive: true })
})

async function ask(text: string, database = 'postgres'): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: postgres.urlOf(database) })
  await client.connect()
  return client
    .query(text)
    .then(({ rows }) => rows)
    .finally(() => client.end())
}

// What vitest polls with knows only one test at a time.
async function until<T>(what: string, look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const sinceMs = performance.now()
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (performance.now() - sinceMs > 30_000) throw new Error(`waited for 30 s: ${what}`)
    await sleep(50)
  }
}

// A database with processes of its own, so that stories may happen side by side.
type Story = AsyncDisposable & Readonly<{ database: string; owners: Owner[] }>

let made = 0
async function openStory(): Promise<Story> {
  const database = `lease_${++made}`
  await ask(`create database ${database}`)
  const owners: Owner[] = []
  return {
    database,
    owners,
    async [Symbol.asyncDispose]() {
      for (const each of owners) await each.kill()
      await ask(`drop database ${database} with (force)`)
    },
  }
}

type Said = Readonly<{
  what: string
  atMs: number
  epoch?: number
  why?: string
  names?: readonly string[]
}>
type Owner = Readonly<{
  name: string
  said: readonly Said[]
  signal(which: NodeJS.Signals): number
  kill(): Promise<void>
  child: ChildProcess
}>

// Resolves when it has opened the state.
async function startOwner(story: Story, name: string, port?: number): Promise<Owner> {
  return startProgram('owner.ts', story, name, port)
}
async function startProgram(
  program: string,
  { database, owners }: Story,
  name: string,
  port = postgres.port,
): Promise<Owner> {
  const url = postgres.urlOf(database).replace(`:${postgres.port}/`, `:${port}/`)
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', `test/live/${program}`, url, name],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  )
  const said: Said[] = []
  createInterface({ input: child.stdout }).on('line', line => said.push(JSON.parse(line)))
  const signal = (which: NodeJS.Signals): number => {
    child.kill(which)
    return Date.now()
  }
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    signal('SIGKILL')
    await once(child, 'exit')
  }
  const owner = { name, said, signal, kill, child }
  owners.push(owner)
  await saying(owner, 'ready')
  return owner
}

const saying = (owner: Owner, what: string): Promise<Said> =>
  until(`${owner.name} ${what}`, () => owner.said.find(each => each.what === what))

type Row = Readonly<{ owner: string; epoch: number; cameMs: number }>

// In the order of their commits.
async function rows({ database }: Story): Promise<Row[]> {
  const found = await ask(
    `select owner, epoch::int as epoch, (extract(epoch from came) * 1000)::float8 as "cameMs"
     from marks order by number`,
    database,
  )
  return found as Row[]
}
const epochs = async (story: Story): Promise<number[]> => [
  ...new Set((await rows(story)).map(each => each.epoch)),
]

// When the first row came that has a later epoch than this one.
async function firstAfter(story: Story, epoch: number): Promise<number> {
  const first = await until('the next owner writes', async () =>
    (await rows(story)).find(each => each.epoch > epoch),
  )
  return first.cameMs
}
async function expectInOrder(story: Story): Promise<void> {
  const all = (await rows(story)).map(each => each.epoch)
  expect(all.length).toBeGreaterThan(20)
  expect(all).toEqual(all.toSorted((one, other) => one - other))
  const tenures = new Set((await rows(story)).map(each => `${each.owner} ${each.epoch}`))
  expect(tenures.size).toBe(new Set(all).size)
}
const print = (what: string, tookMs: number): void => console.log(`${what}: ${(tookMs / 1_000).toFixed(1)} s`)
const whats = (owner: Owner): string[] => owner.said.map(each => each.what)

// The first owns for some seconds, the second waits.
async function startTwo(story: Story, port?: number): Promise<[Owner, Owner]> {
  const one = await startOwner(story, 'one', port)
  await until('the first row', async () => (await rows(story))[0])
  const two = await startOwner(story, 'two')
  await sleep(3_000 + 2_000 * Math.random())
  expect(await epochs(story)).toEqual([1])
  return [one, two]
}

test.concurrent('one that is killed is followed within ten seconds', async () => {
  await using story = await openStory()
  const [one] = await startTwo(story)
  const killedMs = one.signal('SIGKILL')
  const tookMs = (await firstAfter(story, 1)) - killedMs
  print('taken over after SIGKILL', tookMs)
  expect(tookMs).toBeLessThan(10_000)
  expect(tookMs).toBeGreaterThan(3_000)
  await expectInOrder(story)
})

test.concurrent('one that is stopped and woken writes nothing more, and says that it lost', async () => {
  await using story = await openStory()
  const [one, two] = await startTwo(story)
  const stoppedMs = one.signal('SIGSTOP')
  const tookMs = (await firstAfter(story, 1)) - stoppedMs
  print('taken over after SIGSTOP', tookMs)
  expect(tookMs).toBeLessThan(10_000)
  await sleep(60_000 - tookMs)
  expect(whats(one)).toEqual(['ready', 'owns'])
  one.signal('SIGCONT')
  expect(await saying(one, 'ends')).toMatchObject({ epoch: 1, why: 'lease_lost' })
  await sleep(3_000)
  await expectInOrder(story)
  expect(await epochs(story)).toEqual([1, 2])
  expect(whats(two)).toEqual(['ready', 'owns'])
  // It waits for its turn again.
  two.signal('SIGKILL')
  await firstAfter(story, 2)
  await expectInOrder(story)
}, 180_000)

test.concurrent('one that is stopped in a transaction holds up others for as long as the server lets it', async () => {
  await using story = await openStory()
  const [one] = await startTwo(story)
  one.signal('SIGUSR2')
  const sleeps = await saying(one, 'sleeps')
  const tookMs = (await firstAfter(story, 1)) - sleeps.atMs
  print('taken over after SIGSTOP in a transaction', tookMs)
  expect(tookMs).toBeLessThan(10_000)
  one.signal('SIGCONT')
  await saying(one, 'ends')
  await sleep(3_000)
  expect(whats(one)).not.toContain('committed')
  expect(whats(one)).toContain('refused')
  expect(one.child.exitCode).toBeNull()
  await expectInOrder(story)
})

test.concurrent('one that is cut off stops by itself, and nothing of it arrives when the road is mended', async () => {
  await using story = await openStory()
  await using road = await openCutRoad(postgres.port)
  const [one] = await startTwo(story, road.port)
  const cutMs = Date.now()
  road.cut()
  const tookMs = (await firstAfter(story, 1)) - cutMs
  print('taken over after being cut off', tookMs)
  expect(tookMs).toBeLessThan(10_000)
  const ended = await saying(one, 'ends')
  expect(ended).toMatchObject({ epoch: 1, why: 'lease_lost' })
  print('stopped by itself after', ended.atMs - cutMs)
  expect(ended.atMs - cutMs).toBeLessThan(tookMs)
  await sleep(2_000)
  road.mend()
  // Longer than a write may hang.
  await sleep(8_000)
  await expectInOrder(story)
  expect(await epochs(story)).toEqual([1, 2])
  expect(whats(one)).not.toContain('closed')
})

test.concurrent('one that is asked to go hands over at once', async () => {
  await using story = await openStory()
  const [one, two] = await startTwo(story)
  const askedMs = one.signal('SIGTERM')
  const tookMs = (await firstAfter(story, 1)) - askedMs
  print('taken over after SIGTERM', tookMs)
  expect(tookMs).toBeLessThan(soonestMissedMs)
  expect(await until('the end', () => one.child.exitCode ?? undefined)).toBe(0)
  expect(whats(one)).toEqual(['ready', 'owns', 'ends', 'closed'])
  expect(whats(two)).toEqual(['ready', 'owns'])
  await expectInOrder(story)
})

test('a server that stops, and one that is killed, comes back to one owner', async () => {
  await using story = await openStory()
  const [one, two] = await startTwo(story)
  const t = async (what: string, again: () => Promise<void>) => {
    const beforeMs = Date.now()
    await again()
    const upMs = Date.now()
    const next = async () => (await rows(story)).find(each => each.cameMs > upMs)
    const tookMs = (await until('somebody writes', next)).cameMs - upMs
    print(`${what}, away for ${((upMs - beforeMs) / 1_000).toFixed(1)} s; the next row after`, tookMs)
    expect(tookMs, what).toBeLessThan(10_000)
    await sleep(2_000)
    await expectInOrder(story)
  }
  await t('restarted', () => postgres.restart())
  await t('killed', async () => {
    await postgres.kill()
    await postgres.restart()
  })
  await t('down for longer than a lease lasts', async () => {
    await postgres.kill()
    await sleep(8_000)
    await postgres.restart()
  })
  await sleep(8_000)
  const after = (await rows(story)).filter(each => each.cameMs > Date.now() - 2_000)
  expect(new Set(after.map(each => each.epoch)).size).toBe(1)
  const owning = [one, two].filter(each => whats(each).findLast(what => /owns|ends/.test(what)) === 'owns')
  expect(owning).toHaveLength(1)
})

test.concurrent('who takes part hears who else does: one joins, one is killed, one is cut off, one closes', async () => {
  await using story = await openStory()
  await using road = await openCutRoad(postgres.port)
  const join = (name: string, port?: number) => startProgram('member.ts', story, name, port)
  // When this one heard just these names, after that moment.
  const hears = async (member: Owner, names: string, sinceMs = 0): Promise<number> => {
    const heard = () => member.said.find(each => each.names?.join() === names && each.atMs >= sinceMs)?.atMs
    return until(`${member.name} hears ${names}`, heard)
  }
  const one = await join('one')
  await hears(one, 'one')
  const beforeMs = Date.now()
  const two = await join('two', road.port)
  await hears(two, 'one,two')
  print('a member that joined was heard of after', (await hears(one, 'one,two')) - beforeMs)
  const three = await join('three')
  for (const each of [one, two, three]) await hears(each, 'one,three,two')

  const killedMs = three.signal('SIGKILL')
  const goneMs = await hears(one, 'one,two', killedMs)
  print('a member that was killed was gone after', goneMs - killedMs)
  expect(goneMs - killedMs).toBeGreaterThan(3_500)
  expect(goneMs - killedMs).toBeLessThan(10_000)
  await hears(two, 'one,two', killedMs)

  const cutMs = Date.now()
  road.cut()
  // It counts itself out, and nobody else.
  const outMs = await hears(two, 'one', cutMs)
  const missedMs = await hears(one, 'one', cutMs)
  print('a member that was cut off knew it after', outMs - cutMs)
  print('and the other after', missedMs - cutMs)
  expect(outMs).toBeLessThan(missedMs)
  const mendedMs = Date.now()
  road.mend()
  await hears(one, 'one,two', mendedMs)
  await hears(two, 'one,two', mendedMs)

  const askedMs = two.signal('SIGTERM')
  const leftMs = (await hears(one, 'one', askedMs)) - askedMs
  print('a member that closed was gone after', leftMs)
  expect(leftMs).toBeLessThan(soonestMissedMs)
  expect(await until('the end', () => two.child.exitCode ?? undefined)).toBe(0)
}, 120_000)

describe('PostgreSQL itself', () => {
  let one: State
  let other: State
  const tenure = { name: 'turn', owner: 'one', epoch: 1 }
  let story: Story
  beforeEach(async () => {
    story = await openStory()
    const url = postgres.urlOf(story.database)
    one = await openPostgresState({ url, migrations: markMigrations })
    other = await openPostgresState({ url, migrations: markMigrations })
    await one.write([takeNew(one.db, 'turn', 'one')])
  })
  afterEach(async () => {
    await one.close()
    await other.close()
    await story[Symbol.asyncDispose]()
  })
  const mark = (epoch: number) =>
    (one.db as unknown as Marked).insertInto('marks').values({ owner: 'one', epoch, written: 0 })
  const write = () => one.write([fence(one.db, tenure), mark(1)])
  const takenOver = async () => {
    const [seen] = await look(other.db, ['turn'])
    return takeOver(other.db, seen!, 'other')
  }

  test('of several that take a new lease, one gets it', async () => {
    const tries = [one, other, one, other].map(async (state, at) => {
      const [written] = await state.write([takeNew(state.db, 'new', `p${at}`)])
      return written!.changed
    })
    expect((await Promise.all(tries)).toSorted()).toEqual([0, 0, 0, 1])
  })

  test('refuses the whole write of an owner that is none, and of nobody else', async () => {
    expect((await write()).map(each => each.changed)).toEqual([0, 1])
    expect(await rows(story)).toHaveLength(1)
    await other.write([await takenOver()])
    const outcomes = await Promise.allSettled([one.write([mark(7)]), write(), one.write([mark(8)])])
    expect(outcomes.map(each => each.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect((outcomes[1] as PromiseRejectedResult).reason.message).toContain('lease_lost')
    expect((await rows(story)).map(each => each.epoch)).toEqual([1, 7, 8])
    await ask('delete from leases', story.database)
    await expect(write()).rejects.toThrow('lease_lost')
  })

  test('refuses what was sent before somebody took over and carried out after', async () => {
    const takeover = await takenOver()
    let late: Promise<unknown> | undefined
    await other.transaction(async tx => {
      late = write()
      late.catch(() => {})
      await sleep(300)
      await tx.executeQuery(takeover.compile())
    })
    await expect(late).rejects.toThrow('lease_lost')
    expect(await rows(story)).toEqual([])
  })
})
