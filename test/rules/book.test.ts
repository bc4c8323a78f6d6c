// The book in SQLite, and what a damaged file does to it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openSqliteState } from '#core/state/sqlite.ts'
import type { State } from '#core/state.ts'
import { openBook } from '../../rules/book.ts'
import { MemoryBook } from './book/memory-book.ts'
import { pageOf, trackedOf } from './book/pages.ts'
import { bookContract } from './book.contract.ts'

async function opened(): Promise<Readonly<{ state: State; dispose: () => Promise<void> }>> {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-book-'))
  const file = join(folder, 'state.db')
  const state = await openSqliteState({ file })
  const dispose = async (): Promise<void> => {
    await state.close()
    rmSync(folder, { recursive: true })
  }
  return { state, dispose }
}

bookContract('SQLite', async () => {
  const { state, dispose } = await opened()
  return { book: openBook({ state }), again: () => openBook({ state }), dispose }
})

bookContract('the memory of tests', async () => {
  const book = new MemoryBook()
  return { book, again: () => book, dispose: async () => {} }
})

test('a row that cannot be read is told by its key', async () => {
  const { state, dispose } = await opened()
  const book = openBook({ state })
  await book.save([pageOf([trackedOf('a')])])
  await state.write([state.db.updateTable('rule_alerts').set({ alert: '{"phase":' })])
  await expect(book.load('all')).rejects.toMatchObject({ code: 'state_corrupt' })
  await expect(book.load('all')).rejects.toThrow('rule_alerts (all, a1b2c3d4e5f60718,')
  await dispose()
})

test('more than one save may take is refused as a mistake of ours', async () => {
  const { state, dispose } = await opened()
  const alerts = [...Array(10_001).keys()].map(at => trackedOf(String(at)))
  await expect(openBook({ state }).save([pageOf(alerts)])).rejects.toThrow('20002 rows')
  await dispose()
})
