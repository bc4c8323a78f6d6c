// The fast tests open hundreds of states. Starting a thread for each and making its tables anew took an eighth of their
// time, so they lend threads whose file was closed, and copy tables once made. Set up by vitest.config.ts for `fast`
// alone: `long`, `crash` and `live` open states as the service does, and so does whoever names `migrations`.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { vi } from 'vitest'
import { Failure } from '#core/errors.ts'
import type { SqliteOptions } from '#core/state/sqlite.ts'
import type { SqliteThread } from '#core/state/sqlite-thread.ts'

vi.mock(import('#core/state/sqlite-thread.ts'), async original => {
  const { startSqliteThread } = await original()
  const spare: SqliteThread[] = []
  return {
    startSqliteThread() {
      const thread = spare.pop() ?? startSqliteThread()
      let isClosed = false
      let isGivenBack = false
      return {
        async ask(kind, asks) {
          if (isGivenBack) throw new Failure('state_unavailable', 'its thread has ended')
          const answer = await thread.ask(kind, asks)
          if (kind === 'close') isClosed = true
          return answer
        },
        async end() {
          if (!isClosed) return thread.end()
          if (!isGivenBack) spare.push(thread)
          isGivenBack = true
        },
      }
    },
  }
})

vi.mock(import('#core/state/sqlite.ts'), async original => {
  const { openSqliteState } = await original()
  let tables: Promise<Buffer> | undefined
  const made = async (): Promise<Buffer> => {
    const folder = mkdtempSync(join(tmpdir(), 'plimsoll-tables-'))
    const file = join(folder, 'state.db')
    await (await openSqliteState({ file })).close()
    const bytes = readFileSync(file)
    rmSync(folder, { recursive: true })
    return bytes
  }
  return {
    async openSqliteState(options: SqliteOptions) {
      if (options.migrations === undefined) {
        tables ??= made()
        const bytes = await tables
        try {
          writeFileSync(options.file, bytes, { flag: 'wx', mode: 0o600 })
        } catch {
          // There is a file already, or no folder for one: openSqliteState says what it thinks of that.
        }
      }
      return openSqliteState(options)
    },
  }
})
