// How what is durable ahead of the tables comes into them where SQLite, its disk or somebody else is in the way.
import fs, { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { serialize } from 'node:v8'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Settling } from '#core/state/sqlite-settling.js'

let folder: string
let file: string
let opened: (() => void)[] = []
beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'setImmediate', 'clearTimeout', 'clearImmediate', 'performance'],
  })
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-settling-'))
  file = join(folder, 'state.db')
  const made = new DatabaseSync(file)
  made.exec('pragma journal_mode = wal; create table kept (key text primary key, value text not null)')
  made.close()
})
afterEach(() => {
  for (const close of opened) close()
  opened = []
  vi.useRealTimers()
  rmSync(folder, { recursive: true })
})

const keep = (key: string, value: unknown) => ({
  sql: 'insert into kept values (?, ?) on conflict (key) do update set value = excluded.value',
  parameters: [key, value as string],
})

// What SQLite does by itself where there is not enough.
const outOfMemory = 'select a very large answer'
const notEnough = (writer: DatabaseSync) => ({
  columns: () => [],
  all() {
    writer.exec('rollback')
    throw Object.assign(new Error('out of memory'), { errcode: 7 })
  },
})

// `commit` is what happens where SQLite would write it.
function open(commit: (writer: DatabaseSync) => void = writer => writer.exec('commit')) {
  const writer = new DatabaseSync(file)
  const reader = new DatabaseSync(file, { readOnly: true })
  const done: string[] = []
  const watched = new Proxy(writer, {
    get(of, name) {
      if (name === 'exec')
        return (sql: string) => {
          if (sql === 'begin immediate' || sql === 'commit') done.push(sql.slice(0, 6).trim())
          return sql === 'commit' ? commit(writer) : writer.exec(sql)
        }
      if (name === 'prepare')
        return (sql: string) => (sql === outOfMemory ? notEnough(writer) : writer.prepare(sql))
      const found = Reflect.get(of, name, of)
      return typeof found === 'function' ? found.bind(of) : found
    },
  })
  const settling = new Settling(watched, reader, `${file}-ahead`)
  settling.goOn()
  const leave = (): void => {
    if (writer.isTransaction) writer.exec('rollback')
    if (writer.isOpen) for (const each of [reader, writer]) each.close()
  }
  const close = (): void => {
    if (!writer.isOpen) return
    settling.close()
    leave()
  }
  opened.push(close)
  const rows = () =>
    settling
      .read({ sql: 'select key, value from kept order by key', parameters: [] })
      .map(({ key, value }: Readonly<Record<string, unknown>>) => `${key} ${value}`)
  // `leave`: as if the process had been killed.
  return { settling, rows, leave, close, done }
}

test('rows are put into their tables when no more come for a moment, and committed a second after the first', () => {
  const { settling, done, rows } = open()
  settling.append([[keep('a', '1')]])
  vi.advanceTimersByTime(60)
  settling.append([[keep('b', '1')]])
  vi.advanceTimersByTime(249)
  expect(done).toEqual([])
  vi.advanceTimersByTime(1)
  expect(done).toEqual(['begin'])
  vi.advanceTimersByTime(689)
  expect(done).toEqual(['begin'])
  vi.advanceTimersByTime(1)
  expect(done).toEqual(['begin', 'commit'])
  expect(rows()).toEqual(['a 1', 'b 1'])
})

test('of rows that go on coming none waits for more than four seconds, and a commit ends what was put off', () => {
  const { settling, done } = open()
  for (let at = 0; at < 80; at++) {
    expect(done).toEqual([])
    settling.append([[keep(`${at}`, '1')]])
    vi.advanceTimersByTime(50)
  }
  expect(done).toEqual(['begin', 'commit'])
  settling.append([[keep('a', '1')]])
  vi.advanceTimersByTime(1_000)
  expect(done).toEqual(['begin', 'commit', 'begin', 'commit'])
})

test('who asks while rows are put off sees them, and they are committed all the same', () => {
  const { settling, done, rows } = open()
  for (let at = 0; at < 22; at++) {
    settling.append([[keep(`${at}`, '1')]])
    vi.advanceTimersByTime(50)
  }
  expect(done).toEqual([])
  expect(rows()).toHaveLength(22)
  expect(done).toEqual(['begin'])
  vi.advanceTimersByTime(1_000)
  expect(done).toEqual(['begin', 'commit'])
})

test('where rows come without end, those that came are committed each four seconds all the same', () => {
  const { settling, done } = open()
  for (let at = 0; at < 1_300; at++) {
    settling.append([[keep(`${at}`, '1')]])
    vi.advanceTimersByTime(10)
  }
  expect(done.length).toBeGreaterThanOrEqual(6)
})

test('more than 64 MiB are not put off, and no more than 96 are ahead', () => {
  const { settling, done, rows } = open()
  const large = 'x'.repeat(16 * 2 ** 20)
  for (let at = 0; at < 4; at++) settling.append([[keep(`${at}`, large)]])
  expect(done).toEqual([])
  for (let at = 4; at < 6; at++) settling.append([[keep(`${at}`, large)]])
  settling.append([[keep('a', '1')]])
  expect(done).toEqual(['begin', 'commit'])
  expect(rows()).toHaveLength(7)
  for (let at = 0; at < 4; at++) settling.append([[keep(`${at}`, large)]])
  vi.advanceTimersByTime(2)
  expect(done).toEqual(['begin', 'commit', 'begin'])
})

// In a storm of more than a second, when the time to commit has come while rows wait.
function stormOf(settling: Settling): void {
  for (let at = 0; at < 26; at++) {
    settling.append([[keep(`${at}`, '1')]])
    vi.advanceTimersByTime(50)
  }
}

test('what is refused to whoever asks in a storm is tried again, though nobody asks any more', () => {
  const { settling, done } = open()
  stormOf(settling)
  const other = new DatabaseSync(file)
  other.exec('begin immediate')
  settling.read({ sql: 'select 1', parameters: [] })
  expect(() => settling.look()).toThrow('locked')
  other.exec('rollback')
  other.close()
  vi.advanceTimersByTime(1_000)
  settling.look()
  expect(done.slice(-2)).toEqual(['begin', 'commit'])
})

test('a mistake that whoever asks meets first ends the thread all the same', () => {
  const { settling, leave } = open()
  stormOf(settling)
  settling.append([[{ sql: "insert into kept values ('z', null)", parameters: [] }]])
  expect(() => settling.read({ sql: 'select 1', parameters: [] })).toThrow('NOT NULL')
  expect(() => vi.advanceTimersByTime(1_000)).toThrow('NOT NULL')
  leave()
})

test('a service that stops leaves no timer behind', () => {
  const { settling, close } = open()
  stormOf(settling)
  close()
  expect(vi.getTimerCount()).toBe(0)
})

const ioError = (): Error => Object.assign(new Error('disk I/O error'), { errcode: 10 })

test('a commit that failed and is there all the same loses nothing that is appended behind it', () => {
  let fails = 1
  const first = open(writer => {
    writer.exec('commit')
    if (fails-- > 0) throw ioError()
  })
  first.settling.append([[keep('a', '1')]])
  expect(() => first.settling.settle()).toThrow('disk I/O error')
  expect(first.rows()).toEqual(['a 1'])
  vi.advanceTimersByTime(999)
  expect(() => first.settling.append([[keep('a', '3')]])).toThrow('disk I/O error')
  vi.advanceTimersByTime(1)
  first.settling.append([[keep('a', '2'), keep('b', '1')]])
  first.leave()
  expect(open().rows()).toEqual(['a 2', 'b 1'])
})

test('a commit that fails and is not there is tried again, and says meanwhile what is wrong', () => {
  let fails = 2
  const { settling, rows } = open(writer => {
    if (fails-- > 0) throw ioError()
    writer.exec('commit')
  })
  settling.append([[keep('a', '1')]])
  settling.look()
  expect(() => settling.settle()).toThrow('disk I/O error')
  expect(() => settling.look()).toThrow('disk I/O error')
  // It was taken, so it is seen.
  expect(rows()).toEqual(['a 1'])
  // Behind it nothing is taken.
  expect(() => settling.append([[keep('b', '1')]])).toThrow('disk I/O error')
  vi.advanceTimersByTime(1_000)
  expect(() => settling.append([[keep('b', '1')]])).toThrow('disk I/O error')
  vi.advanceTimersByTime(1_000)
  settling.append([[keep('c', '1')]])
  settling.look()
  expect(rows()).toEqual(['a 1', 'c 1'])
})

test('an append that is refused leaves nothing behind that would have to be said for ever', () => {
  const { settling, rows } = open()
  const other = new DatabaseSync(file)
  settling.append([[keep('a', '1')]])
  vi.advanceTimersByTime(1_000)
  other.exec('begin immediate')
  const sync = vi.spyOn(fs, 'fdatasyncSync').mockImplementation(() => {
    throw Object.assign(new Error('EIO'), { code: 'EIO' })
  })
  syncBuiltinESMExports()
  expect(() => settling.append([[keep('b', '1')]])).toThrow('EIO')
  sync.mockRestore()
  syncBuiltinESMExports()
  expect(() => settling.settle(0)).toThrow('locked')
  expect(() => settling.look()).toThrow('locked')
  other.exec('rollback')
  other.close()
  vi.advanceTimersByTime(1_000)
  settling.look()
  expect(rows()).toEqual(['a 1'])
})

test('a question that ends the transaction, for want of memory, takes nothing with it', () => {
  const { settling, rows, leave } = open()
  settling.append([[keep('a', '1')]])
  expect(rows()).toEqual(['a 1'])
  expect(() => settling.read({ sql: outOfMemory, parameters: [] })).toThrow('out of memory')
  settling.append([[keep('b', '1')]])
  settling.settle()
  settling.append([[keep('c', '1')]])
  expect(rows()).toEqual(['a 1', 'b 1', 'c 1'])
  leave()
  expect(open().rows()).toEqual(['a 1', 'b 1', 'c 1'])
})

test('what was refused a moment ago, and is well again, refuses nobody', () => {
  let fails = 1
  const { settling, rows } = open(writer => {
    if (fails-- > 0) throw ioError()
    writer.exec('commit')
  })
  settling.append([[keep('a', '1')]])
  expect(() => settling.settle()).toThrow('disk I/O error')
  settling.settle()
  settling.append([[keep('b', '1')]])
  expect(rows()).toEqual(['a 1', 'b 1'])
  expect(() => settling.read({ sql: outOfMemory, parameters: [] })).toThrow('out of memory')
  settling.append([[keep('c', '1')]])
  expect(rows()).toEqual(['a 1', 'b 1', 'c 1'])
})

test('while somebody else writes into the file, nobody who reads waits, and nothing is lost', () => {
  const { settling, rows } = open()
  const other = new DatabaseSync(file)
  other.exec('begin immediate')
  settling.append([[keep('a', '1')]])
  // It is not there yet, and who asks for the health of the state hears why.
  expect(rows()).toEqual([])
  expect(() => settling.look()).toThrow('locked')
  other.exec('rollback')
  other.close()
  vi.advanceTimersByTime(1_000)
  expect(rows()).toEqual(['a 1'])
  settling.append([[keep('b', '1')]])
  vi.advanceTimersByTime(1_000)
  settling.look()
  expect(rows()).toEqual(['a 1', 'b 1'])
})

test('bytes of rows are given back as soon as they are durable, and the rows are there', () => {
  const { settling, rows } = open()
  const { sql, parameters } = keep('a', 'x')
  const packed = { sql, parameters: serialize(parameters) }
  settling.append([[packed, keep('b', 'y')]])
  expect(packed.parameters).toHaveLength(0)
  expect(rows()).toEqual(['a x', 'b y'])
})

test('what can never be carried out is refused before it is durable', () => {
  const { settling, rows, leave } = open()
  for (const each of [Number.NaN, undefined, true, 2n ** 63n, new Date(0), {}, ['a']])
    expect(() => settling.append([[keep('a', each)]])).toThrow(`${String(each)} cannot be kept`)
  expect(() => settling.append([[{ sql: 'insert into nowhere values (1)', parameters: [] }]])).toThrow(
    'nowhere',
  )
  settling.append([[keep('a', '1')]])
  leave()
  expect(open().rows()).toEqual(['a 1'])
  expect(rows).toThrow()
})

test('an entry that is damaged while the disk refuses is not forgotten in silence', () => {
  let fails = 1
  const { settling, leave } = open(writer => {
    if (fails-- > 0) throw ioError()
    writer.exec('commit')
  })
  for (const each of ['a', 'b', 'c']) settling.append([[keep(each, 'x'.repeat(600))]])
  expect(() => settling.settle()).toThrow('disk I/O error')
  const bytes = readFileSync(`${file}-ahead`)
  const middle = bytes.indexOf('x'.repeat(600), 1_536)
  bytes[middle + 9]! ^= 1
  writeFileSync(`${file}-ahead`, bytes)
  expect(() => settling.settle()).toThrow('is damaged at byte')
  leave()
  expect(() => open()).toThrow('is damaged at byte')
})
