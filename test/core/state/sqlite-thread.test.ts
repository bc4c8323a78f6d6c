// What the rest hears when the thread of the file is gone.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import type * as Thread from '#core/state/sqlite-thread.ts'

// Not one that is lent (test/lent-states.ts).
const { startSqliteThread } = await vi.importActual<typeof Thread>('#core/state/sqlite-thread.ts')

test('a thread that is gone is told to whoever waits and whoever asks later', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-thread-'))
  const thread = startSqliteThread()
  await thread.ask('open', { file: join(folder, 'state.db'), maxBytes: undefined })
  const read = thread.ask('read', { sql: 'select 1', parameters: [] })
  const forLong = `with recursive n(i) as (select 1 union all select i + 1 from n where i < 1e6) select max(i) from n`
  const waiting = thread.ask('read', { sql: forLong, parameters: [] })
  const gone = expect(waiting).rejects.toMatchObject({ code: 'state_unavailable' })
  await read
  await thread.end()
  await gone
  await expect(thread.ask('probe', undefined)).rejects.toMatchObject({ code: 'state_unavailable' })
  rmSync(folder, { recursive: true })
})

test('whoever asks behind the close is told so, until another file is open', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-thread-'))
  const file = join(folder, 'state.db')
  const thread = startSqliteThread()
  const read = () => thread.ask('read', { sql: 'select 1 as one', parameters: [] })
  await thread.ask('open', { file, maxBytes: undefined })
  await read()
  const closed = thread.ask('close', undefined)
  await expect(read()).rejects.toMatchObject({ code: 'state_unavailable' })
  await closed
  await expect(read()).rejects.toMatchObject({ code: 'state_unavailable' })
  await thread.ask('open', { file, maxBytes: undefined })
  await expect(read()).resolves.toBeDefined()
  await thread.end()
  rmSync(folder, { recursive: true })
})

test('what would be written into a file that somebody has deleted is refused, and reading goes on', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-thread-'))
  const file = join(folder, 'state.db')
  const thread = startSqliteThread()
  await thread.ask('open', { file, maxBytes: undefined })
  await thread.ask('group', [[{ sql: 'create table t (id integer)', parameters: [] }]])
  const row = [[{ sql: 'insert into t values (?)', parameters: [1] }]]
  await thread.ask('append', row)
  rmSync(folder, { recursive: true })
  const gone = { code: 'data_folder_not_ours', message: expect.stringContaining('it was deleted') }
  await expect(thread.ask('append', row)).rejects.toMatchObject(gone)
  await expect(thread.ask('group', row)).rejects.toMatchObject(gone)
  await expect(thread.ask('begin', undefined)).rejects.toMatchObject(gone)
  await expect(thread.ask('look', undefined)).rejects.toMatchObject(gone)
  expect(await thread.ask('read', { sql: 'select id from t', parameters: [] })).toHaveLength(1)
  await thread.ask('close', undefined)
  await thread.end()
})
