// People: made, checked by name and password, given another password. Called by login.ts, by the pages of the door
// and by the command line.
import type { Clock } from '../clock.ts'
import { Failure } from '../errors.ts'
import type { Scope } from '../model.ts'
import { audited } from '../state/audit.ts'
import type { UsersTable } from '../state/tables.ts'
import type { State } from '../state.ts'
import { digestOf, newId } from './digest.ts'
import { nameOf, readName } from './names.ts'
import { hashPassword, nobodysHash, passwordMax, passwordMin, verifyPassword } from './password.ts'
import { scopesOf, scopesText } from './scopes.ts'

export type User = Readonly<{
  id: string
  name: string
  scopes: readonly Scope[]
  createdAtMs: number
  disabledAtMs?: number
}>

export type NewUser = Readonly<{ name: string; password: string; scopes: readonly Scope[] }>

export type Users = Readonly<{
  create(user: NewUser, by: string): Promise<User>
  list(): Promise<readonly User[]>
  // Undefined for a wrong password, an unknown name and a disabled user alike, after the same time.
  check(name: string, password: string): Promise<User | undefined>
  // Ends the user's sessions, except the one that is kept.
  setPassword(id: string, password: string, change: Readonly<{ by: string; keep?: string }>): Promise<void>
}>

export function openUsers(state: State, clock: Clock): Users {
  const { db } = state
  return {
    async create(user, by) {
      const row = await newUserRow(user, clock.nowMs())
      await state.write([
        db.insertInto('users').values(row),
        audited(db, { atMs: row.created_at_ms, who: by, what: 'user created', details: { name: row.name } }),
      ])
      return userOf(row)
    },
    async list() {
      return (await db.selectFrom('users').selectAll().orderBy('name').execute()).map(userOf)
    },
    async check(name, password) {
      const known = readName(name)
      const row =
        known === undefined
          ? undefined
          : await db.selectFrom('users').selectAll().where('name', '=', known).executeTakeFirst()
      const isRight = await verifyPassword(password.slice(0, passwordMax), row?.password_hash ?? nobodysHash)
      return isRight && row !== undefined && row.disabled_at_ms === null ? userOf(row) : undefined
    },
    async setPassword(id, password, { by, keep }) {
      checkPassword(password)
      const hash = await hashPassword(password)
      const others = db.deleteFrom('sessions').where('user_id', '=', id)
      await state.write([
        db.updateTable('users').set({ password_hash: hash }).where('id', '=', id),
        keep === undefined ? others : others.where('id_hash', '!=', digestOf(keep)),
        audited(db, { atMs: clock.nowMs(), who: by, what: 'password changed', details: { id } }),
      ])
    },
  }
}

// The row of somebody new, ready to be inserted.
export async function newUserRow({ name, password, scopes }: NewUser, nowMs: number): Promise<UsersTable> {
  const known = nameOf(name)
  checkPassword(password)
  return {
    id: newId(),
    name: known,
    password_hash: await hashPassword(password),
    scopes: scopesText(scopes),
    created_at_ms: nowMs,
    disabled_at_ms: null,
  }
}

export const isPassword = (password: string): boolean =>
  password.length >= passwordMin && password.length <= passwordMax

function checkPassword(password: string): void {
  if (isPassword(password)) return
  throw new Failure('bad_request', `password: wanted ${passwordMin} to ${passwordMax} characters`)
}

const userOf = (row: UsersTable): User => ({
  id: row.id,
  name: row.name,
  scopes: scopesOf(row.scopes),
  createdAtMs: row.created_at_ms,
  ...(row.disabled_at_ms === null ? {} : { disabledAtMs: row.disabled_at_ms }),
})
