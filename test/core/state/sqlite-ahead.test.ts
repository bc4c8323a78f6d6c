// The file in which rows are durable ahead of their tables: what it is after a crash, half written, damaged, or beside
// other tables.
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openAhead } from '#core/state/sqlite-ahead.js'
import type * as Thread from '#core/state/sqlite-thread.ts'

// Not one that is lent (test/lent-states.ts): these are ended in the middle.
const { startSqliteThread } = await vi.importActual<typeof Thread>('#core/state/sqlite-thread.ts')

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-ahead-'))
  path = join(folder, 'state.db-ahead')
})
afterEach(() => rmSync(folder, { recursive: true }))

const bytesOf = (text: string, length = text.length): Buffer => Buffer.from(text.padEnd(length, '.'))
function textsOf(ahead: ReturnType<typeof openAhead>, number: number): string[] {
  const texts: string[] = []
  for (let at = ahead.begin; at < ahead.end; ) {
    const { bytes, next } = ahead.entry(number, at)
    texts.push(bytes.toString().replaceAll('.', ''))
    at = next
  }
  return texts
}

function leftFor(number: number): string[] {
  const ahead = openAhead(path)
  ahead.goOn(number)
  return textsOf(ahead, number)
}

// As a process that is killed leaves it: a handle that is not closed holds nothing back.
function filled(number: number, ...texts: readonly string[]): void {
  const ahead = openAhead(path)
  ahead.goOn(number)
  for (const each of texts) ahead.append(number, bytesOf(each, 700))
}

test('is made with the first entry, for its owner alone, and gone when the tables have all', () => {
  const ahead = openAhead(path)
  ahead.goOn(0)
  expect(existsSync(path)).toBe(false)
  ahead.append(0, bytesOf('a'))
  expect(statSync(path).mode & 0o777).toBe(0o600)
  ahead.startOver()
  ahead.close()
  expect(existsSync(path)).toBe(false)
})

test('gives back entries of the number of the tables, in their order, and goes on behind them', () => {
  filled(7, 'a', 'b')
  filled(7, 'c')
  expect(leftFor(7)).toEqual(['a', 'b', 'c'])
  expect(leftFor(8)).toEqual([])
})

test('what is older than the tables is written over, and never comes back', () => {
  filled(1, 'a', 'b', 'c')
  const ahead = openAhead(path)
  ahead.goOn(2)
  ahead.append(2, bytesOf('new', 700))
  expect(leftFor(2)).toEqual(['new'])
  // Numbers begin anew.
  expect(() => leftFor(2 ** 31 - 1)).toThrow('goes on from what is not in its tables')
  expect(leftFor(3)).toEqual([])
})

test('what nobody can go on from stays there', () => {
  filled(9, 'a')
  const ahead = openAhead(path)
  expect(() => ahead.goOn(3)).toThrow('goes on from what is not in its tables')
  ahead.close()
  expect(leftFor(9)).toEqual(['a'])
  const known = openAhead(path)
  known.goOn(10)
  known.close()
  expect(existsSync(path)).toBe(false)
})

test('wherever the last entry was cut, those before it are there', () => {
  filled(3, 'a', 'b')
  const whole = statSync(path).size
  filled(3, 'c')
  const all = readFileSync(path)
  for (let size = whole; size < all.length; size += 13) {
    writeFileSync(path, all)
    truncateSync(path, size)
    const ahead = openAhead(path)
    ahead.goOn(3)
    expect(textsOf(ahead, 3)).toEqual(['a', 'b'])
    ahead.append(3, bytesOf('d'))
    expect(leftFor(3)).toEqual(['a', 'b', 'd'])
  }
})

test('damage before a whole entry is said, wherever it is', () => {
  filled(3, 'a', 'b', 'c')
  const whole = readFileSync(path)
  const last = whole.lastIndexOf('c')
  const isRoom = (at: number): boolean => (at >= 20 && at < 512) || (at >= 512 && (at - 512) % 1_024 >= 720)
  const t = fc.property(
    fc.integer({ min: 0, max: last - 21 }),
    fc.integer({ min: 1, max: 255 }),
    (at, by) => {
      const bytes = Buffer.from(whole)
      bytes[at]! ^= by
      writeFileSync(path, bytes)
      const ahead = openAhead(path)
      // Between entries, and behind the salt, nothing is written.
      if (isRoom(at)) ahead.goOn(3)
      else expect(() => ahead.goOn(3)).toThrow(path)
    },
  )
  fc.assert(t, { numRuns: 300 })
})

test('nobody can post what looks like an entry', () => {
  filled(3, 'a')
  // All of an entry that was seen in another file.
  const seen = readFileSync(path).subarray(512)
  rmSync(path)
  const ahead = openAhead(path)
  ahead.goOn(3)
  ahead.append(3, Buffer.concat([Buffer.alloc(512 - 20), seen, Buffer.alloc(4_000)]))
  const bytes = readFileSync(path)
  bytes[bytes.length - 1]! ^= 1
  writeFileSync(path, bytes)
  openAhead(path).goOn(3)
})

type Deed = Readonly<{ kind: 'append' | 'write' | 'transaction' | 'end'; key: number; times: number }>

const keep = (key: number, value: number) => ({
  sql: 'insert into kept values (?, ?) on conflict (key) do update set value = excluded.value',
  parameters: [key, value],
})

test('whenever the thread ends, what it has answered is there, and nothing older', {
  timeout: 60_000,
}, async () => {
  const deed = fc.record({
    kind: fc.constantFrom('append', 'append', 'append', 'write', 'transaction', 'end'),
    key: fc.integer({ min: 0, max: 5 }),
    times: fc.integer({ min: 1, max: 3 }),
  }) as fc.Arbitrary<Deed>
  const tried = fc.asyncProperty(fc.array(deed, { maxLength: 25 }), fc.boolean(), async (deeds, isHeld) => {
    const file = join(mkdtempSync(join(folder, 'run-')), 'state.db')
    const opened = async () => {
      const thread = startSqliteThread()
      await thread.ask('open', { file, maxBytes: undefined })
      return thread
    }
    let thread = await opened()
    const sql = 'create table kept (key integer primary key, value integer)'
    await thread.ask('group', [[{ sql, parameters: [] }]])
    const wanted = new Map<number, number>()
    const rows = async (): Promise<Map<unknown, unknown>> => {
      const found = await thread.ask('read', { sql: 'select key, value from kept', parameters: [] })
      return new Map(found.map(({ key, value }) => [key, value]))
    }
    for (const [nth, { kind, key, times }] of deeds.entries()) {
      const keeps = [...Array(times).keys()].map(at => keep(key + at, nth))
      if (kind !== 'end') for (let at = 0; at < times; at++) wanted.set(key + at, nth)
      if (kind === 'append') await thread.ask('append', [keeps])
      else if (kind === 'write') await thread.ask('group', [keeps])
      else if (kind === 'transaction') {
        await thread.ask('begin', undefined)
        for (const each of keeps) await thread.ask('within', each)
        await thread.ask('commit', undefined)
      } else {
        await thread.end()
        thread = await opened()
      }
      if (!isHeld) expect(await rows()).toEqual(wanted)
    }
    expect(await rows()).toEqual(wanted)
    await thread.end()
    thread = await opened()
    expect(await rows()).toEqual(wanted)
    await thread.ask('close', undefined)
    await thread.end()
    expect(existsSync(`${file}-ahead`)).toBe(false)
  })
  await fc.assert(tried, { numRuns: 6 })
})

test('tables without what their file goes on from are refused', async () => {
  const file = join(folder, 'state.db')
  const thread = startSqliteThread()
  await thread.ask('open', { file, maxBytes: undefined })
  const sql = 'create table kept (key integer primary key, value integer)'
  await thread.ask('group', [[{ sql, parameters: [] }]])
  copyFileSync(file, join(folder, 'early.db'))
  for (let at = 0; at < 3; at++) {
    await thread.ask('append', [[keep(at, at)]])
    await thread.ask('probe', undefined)
  }
  await thread.ask('append', [[keep(9, 9)]])
  await thread.end()
  for (const end of ['', '-wal', '-shm']) rmSync(`${file}${end}`, { force: true })
  copyFileSync(join(folder, 'early.db'), file)
  const other = startSqliteThread()
  await expect(other.ask('open', { file, maxBytes: undefined })).rejects.toMatchObject({
    code: 'state_corrupt',
  })
  await other.end()
})

test('what the tables refuse stops the start and says so', async () => {
  const file = join(folder, 'state.db')
  const ahead = openAhead(path)
  const { serialize } = await import('node:v8')
  ahead.append(0, serialize([[{ sql: 'insert into nowhere values (1)', parameters: [] }]]))
  ahead.close()
  const thread = startSqliteThread()
  const opening = thread.ask('open', { file, maxBytes: undefined })
  await expect(opening).rejects.toMatchObject({ code: 'state_corrupt' })
  await expect(opening).rejects.toThrow('no such table: nowhere')
  await thread.end()
  expect(existsSync(path)).toBe(true)
})

test('a disk that is full keeps what was appended for later, and reading goes on', async () => {
  const file = join(folder, 'state.db')
  const open = async (maxBytes: number | undefined) => {
    const thread = startSqliteThread()
    await thread.ask('open', { file, maxBytes })
    return thread
  }
  const row = (id: number) => ({
    sql: 'insert into wide values (?, ?)',
    parameters: [id, 'x'.repeat(20_000)],
  })
  const ids = (thread: Thread.SqliteThread) =>
    thread
      .ask('read', { sql: 'select id from wide order by id', parameters: [] })
      .then(rows => rows.map(({ id }) => id))
  let thread = await open(200_000)
  await thread.ask('group', [
    [{ sql: 'create table wide (id integer primary key, text text)', parameters: [] }],
  ])
  const kept: number[] = []
  let refused = 0
  for (let id = 0; id < 30; id++) {
    await thread.ask('append', [[row(id)]]).then(
      () => kept.push(id),
      error => {
        expect(error).toMatchObject({ code: 'state_full' })
        refused += 1
      },
    )
    expect(kept).toEqual(expect.arrayContaining(await ids(thread)))
  }
  expect(refused).toBeGreaterThan(10)
  await thread.end()
  await expect(open(200_000)).rejects.toMatchObject({ code: 'state_full' })
  thread = await open(2_000_000)
  expect(await ids(thread)).toEqual(kept)
  await thread.ask('append', [[row(99)]])
  expect(await ids(thread)).toEqual([...kept, 99])
  await thread.end()
})
