// The book of the alerter in SQLite, and what a damaged row does to it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openSqliteState } from '#core/state/sqlite.ts'
import { Page } from '../../alerter/book/page.ts'
import { openAlerterBook } from '../../alerter/book.ts'
import { entryOf } from './book/rows.ts'
import { alerterBookContract } from './book.contract.ts'

async function opened() {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-alerter-book-'))
  const file = join(folder, 'state.db')
  const state = await openSqliteState({ file })
  const dispose = async (): Promise<void> => {
    await state.close()
    rmSync(folder, { recursive: true })
  }
  return { state, dispose }
}

alerterBookContract('SQLite', opened)

test('a row that cannot be read is told by its key', async () => {
  const { state, dispose } = await opened()
  const book = openAlerterBook({ state })
  const page = new Page()
  page.entry('t1', entryOf('t1'))
  await book.save(page)
  await state.write([state.db.updateTable('alerter_outbox').set({ record: '{"id":' })])
  await expect(book.load(0)).rejects.toMatchObject({ code: 'state_corrupt' })
  await expect(book.load(0)).rejects.toThrow('alerter_outbox (t1): wanted what is to be told')
  await dispose()
})
