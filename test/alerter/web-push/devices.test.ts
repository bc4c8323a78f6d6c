// Devices and keys of web push over SQLite.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqliteState } from '#core/state/sqlite.ts'
import { webPushContract } from './devices.contract.ts'

webPushContract('SQLite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-devices-'))
  const state = await openSqliteState({ file: join(folder, 'state.db') })
  const dispose = async (): Promise<void> => {
    await state.close()
    rmSync(folder, { recursive: true })
  }
  return { state, dispose }
})
