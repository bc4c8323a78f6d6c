// What a crash leaves in the log of a SQLite file is read; what was damaged where it lay is said, and never forgotten.
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { migrations } from '#core/state/migrations.ts'
import { openSqliteState } from '#core/state/sqlite.ts'
import { damageOfLog } from '#core/state/sqlite-log.ts'

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-log-'))
const [whole, file] = [join(folder, 'whole.db'), join(folder, 'state.db')]
const log = `${file}-wal`
const [headerBytes, frameBytes] = [32, 24 + 4_096]
const commits = 40

// As a process leaves it that was killed.
beforeAll(() => {
  const living = new DatabaseSync(join(folder, 'living.db'))
  living.exec('pragma journal_mode = wal; pragma synchronous = off; pragma wal_autocheckpoint = 0')
  living.exec('create table t (n integer, text text)')
  for (let n = 0; n < commits; n++) living.exec(`insert into t values (${n}, '${'x'.repeat(3_000)}')`)
  for (const end of ['', '-wal']) copyFileSync(join(folder, `living.db${end}`), `${whole}${end}`)
  living.close()
})
beforeEach(() => {
  for (const end of ['', '-wal']) copyFileSync(`${whole}${end}`, `${file}${end}`)
  rmSync(`${file}-shm`, { force: true })
})
afterAll(() => rmSync(folder, { recursive: true }))

function turn(at: number): void {
  const bytes = readFileSync(log)
  bytes[at]! ^= 0x5a
  writeFileSync(log, bytes)
}

const frames = (): number => (readFileSync(log).length - headerBytes) / frameBytes
const frameAt = (number: number): number => headerBytes + (number - 1) * frameBytes

test('what a crash leaves is whole, also with the end of a write that was never finished', () => {
  expect(damageOfLog(file)).toBeUndefined()
  expect(frames()).toBeGreaterThan(commits)
  // Power failed: of the last commit some has come through.
  truncateSync(log, frameAt(frames()) + 99)
  expect(damageOfLog(file)).toBeUndefined()
  truncateSync(log, headerBytes + 5)
  expect(damageOfLog(file)).toBeUndefined()
  rmSync(log)
  expect(damageOfLog(file)).toBeUndefined()
})

test('a log that began anew is whole, with what is left of its past behind it', () => {
  const database = new DatabaseSync(file)
  database.exec('pragma wal_autocheckpoint = 0; pragma wal_checkpoint(restart); insert into t values (1, 2)')
  expect(frames()).toBeGreaterThan(commits)
  expect(damageOfLog(file)).toBeUndefined()
  database.close()
})

test('a frame that is not what was written is named, wherever its byte was turned', () => {
  const t = (number: number, at: number): void => {
    copyFileSync(`${whole}-wal`, log)
    turn(frameAt(number) + at)
    expect(damageOfLog(file), `byte ${at} of frame ${number}`).toContain(`frame ${number} of ${frames()}`)
  }
  // Its page number, its size, its salts, its sums, its page.
  for (const at of [0, 5, 9, 14, 17, 22, 24, 2_000, frameBytes - 1]) t(7, at)
  t(1, 100)
  t(frames() - 3, 100)
})

test('of the last commit alone nobody can say whether it was damaged or never finished', () => {
  turn(frameAt(frames()) + 100)
  expect(damageOfLog(file)).toBeUndefined()
})

test('a head that is not what was written is named', () => {
  for (const at of [0, 3, 9, 17, 25]) {
    copyFileSync(`${whole}-wal`, log)
    turn(at)
    expect(damageOfLog(file), `byte ${at}`).toContain(`the head of ${log}`)
  }
})

test('the state does not open over a damaged log, and leaves it as it is', async () => {
  turn(frameAt(20) + 100)
  const before = readFileSync(log)
  const opening = openSqliteState({ file, migrations })
  await expect(opening).rejects.toMatchObject({ code: 'state_corrupt' })
  await expect(opening).rejects.toThrow(`frame 20 of ${frames()} in ${log} is damaged`)
  expect(readFileSync(log).equals(before)).toBe(true)
})

test('the state does not begin anew beside the log of a file that is gone', async () => {
  const t = async () => {
    const opening = openSqliteState({ file, migrations })
    await expect(opening).rejects.toMatchObject({ code: 'state_corrupt' })
    await expect(opening).rejects.toThrow(`${file} is empty or gone`)
  }
  truncateSync(file, 0)
  await t()
  rmSync(file)
  await t()
})

test('a file that is empty is a new one only where nothing shows that it was not', async () => {
  const home = mkdtempSync(join(folder, 'emptied-'))
  const emptied = join(home, 'state.sqlite')
  const open = () => openSqliteState({ file: emptied, migrations })
  mkdirSync(join(home, 'store'))
  const t = async (path: string, bytes: string) => {
    writeFileSync(emptied, '')
    writeFileSync(path, bytes)
    const opening = open()
    await expect(opening).rejects.toMatchObject({ code: 'state_corrupt' })
    await expect(opening).rejects.toThrow(`${emptied} is empty, and ${path} shows that it was not`)
    expect(readFileSync(emptied)).toHaveLength(0)
    rmSync(path)
  }
  await t(join(home, 'token'), 'secret')
  await t(join(home, 'store', 'series.log'), '[0,"up",{}] 00000000')
  await t(`${emptied}-ahead`, '')
  // As the first start leaves it that ends in its middle.
  writeFileSync(join(home, 'store', 'series.log'), '')
  await (await open()).close()
  // Whoever moves the file away begins anew.
  writeFileSync(join(home, 'token'), 'secret')
  rmSync(emptied)
  await (await open()).close()
})

test('a start that fails in its middle leaves no empty file to the next', async () => {
  const home = mkdtempSync(join(folder, 'begun-'))
  const begun = join(home, 'state.sqlite')
  writeFileSync(join(home, 'token'), 'secret')
  const open = () => openSqliteState({ file: begun, migrations })
  // Nothing can be written: as on a full disk.
  mkdirSync(`${begun}-journal`)
  await expect(open()).rejects.toThrow(begun)
  expect(statSync(begun, { throwIfNoEntry: false })?.size).not.toBe(0)
  rmSync(`${begun}-journal`, { recursive: true })
  await (await open()).close()
  rmSync(begun)
  // What a start left that was killed there.
  writeFileSync(`${begun}.part`, '')
  writeFileSync(`${begun}.part-journal`, 'begun')
  await (await open()).close()
  expect(readdirSync(home).sort()).toEqual(['state.sqlite', 'token'])
  expect(statSync(begun).mode & 0o777).toBe(0o600)
})
