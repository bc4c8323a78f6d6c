// The history over SQLite.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqliteState } from '#core/state/sqlite.ts'
import { historyContract } from './history.contract.ts'

historyContract('SQLite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-history-'))
  const open = () => openSqliteState({ file: join(folder, 'state.db') })
  const [state, other] = [await open(), await open()]
  const dispose = async (): Promise<void> => {
    await state.close()
    await other.close()
    rmSync(folder, { recursive: true })
  }
  return { state, other, dispose }
})
