// The state in SQLite: the contract of every engine, and what only a file can suffer.

import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openOwnMetrics } from '#core/own-metrics.ts'
import { migrations } from '#core/state/migrations.ts'
import { openSqliteState } from '#core/state/sqlite.ts'
import type { State } from '#core/state.ts'
import { stateContract } from './state.contract.ts'

const newFolder = (): string => mkdtempSync(join(tmpdir(), 'plimsoll-state-'))

stateContract('SQLite', async () => {
  const folder = newFolder()
  return {
    // Named, so that the tables are made as the service makes them (test/lent-states.ts).
    open: options => openSqliteState({ file: join(folder, 'state.db'), migrations, ...options }),
    dispose: async () => rmSync(folder, { recursive: true }),
  }
})

let folder: string
let file: string
let opened: State[] = []
beforeEach(() => {
  folder = newFolder()
  file = join(folder, 'state.db')
})
afterEach(async () => {
  for (const each of opened) await each.close()
  opened = []
  rmSync(folder, { recursive: true })
})

async function open(options: Partial<Parameters<typeof openSqliteState>[0]> = {}): Promise<State> {
  const state = await openSqliteState({ file, migrations, ...options })
  opened.push(state)
  return state
}

const insert = (state: State, id: string, details = '{}') =>
  state.db.insertInto('audit').values({ id, at_ms: 1, who: 'w', what: 'x', details })
const count = async (state: State): Promise<number> =>
  (await state.db.selectFrom('audit').select('id').execute()).length

test('nobody but the owner may read the file', async () => {
  const state = await open()
  await state.write([insert(state, 'a')])
  for (const each of [file, `${file}-wal`]) expect(statSync(each).mode & 0o777, each).toBe(0o600)
})

test('is durable: a commit is synced, in WAL mode', async () => {
  const state = await open()
  await state.write([insert(state, 'a')])
  // A second opener, as after a crash: nothing was closed or checkpointed.
  const other = new DatabaseSync(file, { readOnly: true })
  expect(other.prepare('pragma journal_mode').get()).toMatchObject({ journal_mode: 'wal' })
  expect(other.prepare('select id from audit').all()).toMatchObject([{ id: 'a' }])
  other.close()
})

test('says which file is not a database, and what to do', async () => {
  const t = async (bytes: string | Uint8Array) => {
    writeFileSync(file, bytes)
    const opening = openSqliteState({ file })
    await expect(opening).rejects.toMatchObject({ code: 'state_corrupt' })
    await expect(opening).rejects.toThrow(file)
  }
  await t('x'.repeat(5_000))
  rmSync(file)
  // The head of a real one, and rubbish behind it.
  const state = await open()
  await state.write([insert(state, 'a')])
  await state.close()
  const bytes = readFileSync(file)
  await t(bytes.fill(0x5a, 4_096))
})

test('says when the file may not be opened', async () => {
  const t = async (path: string) =>
    expect(openSqliteState({ file: path })).rejects.toMatchObject({ code: 'data_folder_not_ours' })
  // A folder in its place cannot be opened as a file by anyone, root included.
  await t(folder)
  if (process.getuid?.() === 0) return
  chmodSync(folder, 0o500)
  await t(file).finally(() => chmodSync(folder, 0o700))
})

test('a full disk refuses writes, not reads, and it recovers', async () => {
  const state = await open({ maxBytes: 800_000 })
  await state.write([insert(state, 'small')])
  const big = await Promise.allSettled(
    [...Array(40).keys()].map(at => state.write([insert(state, `big${at}`, 'x'.repeat(20_000))])),
  )
  const refused = big.filter(each => each.status === 'rejected')
  expect(refused.length).toBeGreaterThan(0)
  for (const each of refused) expect(each.reason).toMatchObject({ code: 'state_full' })
  expect(await count(state)).toBe(1 + big.length - refused.length)
  expect(existsSync(`${file}.probe`)).toBe(false)
  // Space returns.
  await state.write([state.db.deleteFrom('audit').where('id', 'like', 'big%')])
  await state.write([insert(state, 'after')])
  expect(await state.health()).toEqual({ writable: true })
})

test('a transaction that finds the disk full is refused and leaves nothing', async () => {
  const state = await open({ maxBytes: 800_000 })
  const work = state.transaction(async tx => {
    for (let at = 0; at < 40; at++) {
      const row = { id: `big${at}`, at_ms: 1, who: 'w', what: 'x', details: 'x'.repeat(20_000) }
      await tx.insertInto('audit').values(row).execute()
    }
  })
  await expect(work).rejects.toMatchObject({ code: 'state_full' })
  expect(await count(state)).toBe(0)
  await state.write([insert(state, 'after')])
})

test('a backup while writes go on is whole and consistent', async () => {
  const state = await open()
  const copy = join(folder, 'copy.db')
  await state.write([insert(state, 'before')])
  let stop = false
  const writing = (async () => {
    // Two rows at a time, so that a torn copy would have an odd number of them.
    for (let at = 0; !stop; at++) await state.write([insert(state, `a${at}`), insert(state, `b${at}`)])
  })()
  await state.backup(copy)
  stop = true
  await writing
  expect(existsSync(`${copy}.part`)).toBe(false)
  const other = await open({ file: copy })
  expect((await count(other)) % 2).toBe(1)
})

test('a backup has what was appended before it', async () => {
  const state = await open()
  await state.append([insert(state, 'a')])
  const copy = join(folder, 'copy.db')
  const [, appended] = await Promise.all([state.backup(copy), state.append([insert(state, 'b')])])
  expect(appended).toBeUndefined()
  expect(existsSync(`${copy}-ahead`)).toBe(false)
  expect(await count(await open({ file: copy }))).toBeGreaterThan(0)
  expect(await count(state)).toBe(2)
})

test('closing waits for a backup', async () => {
  const state = await open()
  const copy = join(folder, 'copy.db')
  await state.write([insert(state, 'a')])
  const backups = Promise.all([state.backup(copy), state.backup(copy)])
  await Promise.all([state.close(), state.close()])
  await backups
  expect(await count(await open({ file: copy }))).toBe(1)
})

test('a backup that cannot be written is told, and the next one works', async () => {
  const state = await open()
  const there = join(folder, 'missing', 'copy.db')
  await expect(state.backup(there)).rejects.toMatchObject({ code: 'data_folder_not_ours' })
  await state.backup(join(folder, 'copy.db'))
})

test('reading does not wait for a transaction', async () => {
  const state = await open()
  await state.transaction(async tx => {
    await tx.insertInto('audit').values({ id: 'a', at_ms: 1, who: 'w', what: 'x', details: '' }).execute()
    expect(await count(state)).toBe(0)
  })
  expect(await count(state)).toBe(1)
})

test('more writes than are bearable are refused, not remembered', async () => {
  const state = await open()
  const writes = await Promise.allSettled(
    [...Array(10_050).keys()].map(at => state.write([insert(state, `n${at}`)])),
  )
  const refused = writes.filter(each => each.status === 'rejected')
  expect(refused).toHaveLength(50)
  for (const each of refused) expect(each.reason).toMatchObject({ code: 'overloaded' })
  expect(await count(state)).toBe(10_000)
})

test('counts how long writes take', async () => {
  const own = openOwnMetrics()
  const state = await open({ own })
  await state.write([insert(state, 'a')])
  const counted = own.samples(0).find(each => each.series.name === 'plimsoll_state_write_seconds_count')
  expect(counted?.value).toBe(1)
})
