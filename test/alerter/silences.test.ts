// Silences over SQLite.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqliteState } from '#core/state/sqlite.ts'
import { silencesContract } from './silences.contract.ts'

silencesContract('SQLite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-silences-'))
  // A busy disk takes its time for 32 Mi characters.
  const state = await openSqliteState({ file: join(folder, 'state.db'), transactionMaxMs: 60_000 })
  const dispose = async (): Promise<void> => {
    await state.close()
    rmSync(folder, { recursive: true })
  }
  return { state, other: state, dispose }
})
