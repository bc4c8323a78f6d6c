// Logins of people in browsers: begun, recognised, ended. The browser holds an opaque secret, the state its
// digest. Called by access.ts and login-routes.ts.
import type { Clock } from '../clock.ts'
import type { Principal } from '../model.ts'
import { Secret } from '../secret.ts'
import type { SessionsTable } from '../state/tables.ts'
import type { State } from '../state.ts'
import { digestOf, newSecret } from './digest.ts'
import { scopesOf } from './scopes.ts'

export type Session = Readonly<{ userId: string; principal: Principal }>

// The user, and the hash of the password that was shown.
export type Owner = Readonly<{ userId: string; hash: string }>

export type Sessions = Readonly<{
  // Undefined where the user's password has another hash by now.
  begin(owner: Owner, from: Readonly<{ agent: string; remote: string }>): Promise<Secret | undefined>
  // Undefined when it is unknown, over, or its user is disabled.
  recognise(secret: string): Promise<Session | undefined>
  end(secret: string): Promise<void>
}>

const dayMs = 86_400_000
export const sessionMaxMs = 30 * dayMs
export const sessionIdleMaxMs = 7 * dayMs
const seenEveryMs = 5 * 60_000

export function openSessions(state: State, clock: Clock): Sessions {
  const { db } = state

  const overdue = (tx: State['db'], nowMs: number) =>
    tx
      .deleteFrom('sessions')
      .where(row =>
        row.or([row('expires_at_ms', '<=', nowMs), row('last_seen_at_ms', '<=', nowMs - sessionIdleMaxMs)]),
      )

  return {
    async begin({ userId, hash }, { agent, remote }) {
      const nowMs = clock.nowMs()
      const secret = newSecret()
      const row: SessionsTable = {
        id_hash: digestOf(secret),
        user_id: userId,
        created_at_ms: nowMs,
        expires_at_ms: nowMs + sessionMaxMs,
        last_seen_at_ms: nowMs,
        agent: agent.slice(0, 200),
        remote,
      }
      return state.transaction(async tx => {
        await overdue(tx, nowMs).execute()
        const user = tx.selectFrom('users').select('id').where('id', '=', userId)
        const owner = await user.where('password_hash', '=', hash).executeTakeFirst()
        if (owner === undefined) return undefined
        await tx.insertInto('sessions').values(row).execute()
        return new Secret(secret)
      })
    },
    async recognise(secret) {
      const nowMs = clock.nowMs()
      const idHash = digestOf(secret)
      const row = await db
        .selectFrom('sessions')
        .innerJoin('users', 'users.id', 'sessions.user_id')
        .select(['users.id', 'users.name', 'users.scopes', 'users.disabled_at_ms'])
        .select(['sessions.expires_at_ms', 'sessions.last_seen_at_ms'])
        .where('sessions.id_hash', '=', idHash)
        .executeTakeFirst()
      if (row === undefined || row.disabled_at_ms !== null) return undefined
      if (row.expires_at_ms <= nowMs || row.last_seen_at_ms <= nowMs - sessionIdleMaxMs) return undefined
      if (nowMs - row.last_seen_at_ms >= seenEveryMs) {
        const seen = db.updateTable('sessions').set({ last_seen_at_ms: nowMs }).where('id_hash', '=', idHash)
        // A full disk must not lock people out: the session goes on, and only looks older than it is.
        state.write([seen]).catch(() => {})
      }
      return { userId: row.id, principal: { kind: 'user', name: row.name, scopes: scopesOf(row.scopes) } }
    },
    async end(secret) {
      await state.write([db.deleteFrom('sessions').where('id_hash', '=', digestOf(secret))])
    },
  }
}

const cookieName = 'plimsoll_session'

export const sessionOf = (cookies: Readonly<Record<string, string>>): string | undefined =>
  cookies[cookieName]

// Lax, so that a link in a message opens the page logged in, and a form of a foreign page does not.
export function sessionCookie(secret: Secret | undefined, secure: boolean): string {
  const value = secret?.reveal() ?? ''
  const maxAge = secret === undefined ? 0 : sessionMaxMs / 1_000
  const flags = `Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`
  return `${cookieName}=${value}; ${flags}`
}
