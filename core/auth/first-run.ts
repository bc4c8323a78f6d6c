// The one-time link that makes the administrator while there is no user yet. Each start makes a new one and
// forgets the old. Called by access.ts as the service starts, and by welcome-routes.ts when somebody follows it.
import type { Clock } from '../clock.ts'
import { Secret } from '../secret.ts'
import { audited } from '../state/audit.ts'
import type { State } from '../state.ts'
import { digestOf, newSecret } from './digest.ts'
import { scopesOf, scopesText } from './scopes.ts'
import type { Owner } from './sessions.ts'
import { type NewUser, newUserRow } from './users.ts'

export const invitationMaxMs = 86_400_000

// The path of a link that is good for one day, or undefined when there is a user already. Where several processes
// share the state, each has a link of its own until one of them is used.
export async function inviteAdministrator(
  state: State,
  clock: Clock,
  isShared = false,
): Promise<Secret | undefined> {
  const nowMs = clock.nowMs()
  const code = newSecret()
  const row = {
    hash: digestOf(code),
    scopes: scopesText(['admin']),
    created_at_ms: nowMs,
    expires_at_ms: nowMs + invitationMaxMs,
  }
  return state.transaction(async tx => {
    const user = await tx.selectFrom('users').select('id').limit(1).executeTakeFirst()
    const old = tx.deleteFrom('invitations')
    await (isShared && user === undefined ? old.where('expires_at_ms', '<=', nowMs) : old).execute()
    if (user !== undefined) return undefined
    await tx.insertInto('invitations').values(row).execute()
    return new Secret(`/welcome?code=${code}`)
  })
}

export type Invitations = Readonly<{
  // Whether there is no user yet.
  isAwaited(): Promise<boolean>
  isGood(code: string): Promise<boolean>
  // Who was made, or undefined when the link was used or ran out meanwhile.
  accept(code: string, user: Omit<NewUser, 'scopes'>): Promise<Owner | undefined>
}>

export function openInvitations(state: State, clock: Clock): Invitations {
  return {
    async isAwaited() {
      return (await state.db.selectFrom('users').select('id').limit(1).executeTakeFirst()) === undefined
    },
    async isGood(code) {
      const row = await state.db
        .selectFrom('invitations')
        .select('expires_at_ms')
        .where('hash', '=', digestOf(code))
        .executeTakeFirst()
      return row !== undefined && row.expires_at_ms > clock.nowMs()
    },
    async accept(code, user) {
      // Hashing takes long, so it is done before the transaction.
      const row = await newUserRow({ ...user, scopes: [] }, clock.nowMs())
      return state.transaction(async tx => {
        const found = await tx
          .deleteFrom('invitations')
          .where('hash', '=', digestOf(code))
          .where('expires_at_ms', '>', row.created_at_ms)
          .returning('scopes')
          .executeTakeFirst()
        if (found === undefined) return undefined
        // Links of other processes are for the first user too.
        await tx.deleteFrom('invitations').execute()
        const scopes = scopesOf(found.scopes)
        await tx
          .insertInto('users')
          .values({ ...row, scopes: scopesText(scopes) })
          .execute()
        const details = { name: row.name, scopes }
        const entry = { atMs: row.created_at_ms, who: row.name, what: 'invitation accepted', details }
        await audited(tx, entry).execute()
        return { userId: row.id, hash: row.password_hash }
      })
    },
  }
}
