// A service with nothing but its door, on a simulated clock, for the tests of this folder.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type Access, type AccessOptions, openAccess } from '#core/auth/access.ts'
import { SimulatedClock } from '#core/clock.ts'
import { type Http, openHttp } from '#core/http/server.ts'
import { openLog } from '#core/log.ts'
import type { Principal } from '#core/model.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import { openSqliteState } from '#core/state/sqlite.ts'
import type { State } from '#core/state.ts'

export const startMs = Date.UTC(2026, 0, 15, 9)
export const minuteMs = 60_000
export const dayMs = 86_400_000

export type World = Readonly<{
  clock: SimulatedClock
  state: State
  folder: string
  // Opened anew by restart().
  access: Access
  restart(more?: Partial<AccessOptions>): Promise<void>
  serve(): Promise<Http>
  // The principal of a request, or why it is refused, or undefined for nobody.
  who(
    headers: Record<string, string>,
    query?: Record<string, string>,
  ): Promise<Principal | string | undefined>
  // What the log tells.
  lines: readonly string[]
  // Everything that lies in the file, as one text.
  dump(): string
  [Symbol.asyncDispose](): Promise<void>
}>

export async function openWorld(more: Partial<AccessOptions> = {}): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-auth-'))
  const clock = new SimulatedClock(startMs)
  const file = join(folder, 'state.db')
  const state = await openSqliteState({ file, clock })
  const own = openOwnMetrics()
  const lines: string[] = []
  const log = openLog({ clock, write: line => lines.push(line) })
  const open = (again: Partial<AccessOptions>) =>
    openAccess({ state, clock, own, log, anonymous: [], dataFolder: folder, ...more, ...again })
  let access = await open({})
  const opened: Http[] = []
  return {
    clock,
    state,
    folder,
    lines,
    get access() {
      return access
    },
    async restart(again = {}) {
      access = await open(again)
    },
    async serve() {
      const { authorise, routes } = access
      const listen = { host: '127.0.0.1', port: 0 }
      const http = await openHttp({ routes, authorise, log, own, listen })
      opened.push(http)
      return http
    },
    async who(headers, query = {}) {
      const cookies = Object.fromEntries((headers.cookie ?? '').split('; ').map(each => each.split('=')))
      const asking = { method: 'GET', headers, query, cookies, remote: '127.0.0.1' }
      try {
        return await access.authorise(asking)
      } catch (error) {
        return (error as Error).message
      }
    },
    dump() {
      const db = new DatabaseSync(file, { readOnly: true })
      const tables = db.prepare("select name from sqlite_master where type = 'table'").all()
      const rows = tables.map(({ name }) => db.prepare(`select * from "${name}"`).all())
      db.close()
      return JSON.stringify(rows)
    },
    async [Symbol.asyncDispose]() {
      for (const each of opened) await each.close()
      await state.close()
      rmSync(folder, { recursive: true })
    },
  }
}
