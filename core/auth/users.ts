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

// Whoever acts on a check says with which hash it was right: it may have been replaced since.
export type Checked = Readonly<{ user: User; hash: string }>

// Of a password, by whoever has it: only while it is the one with this hash, and this session goes on.
export type OwnChange = Readonly<{ hash: string; keep: string }>

export type Users = Readonly<{
  create(user: NewUser, by: string): Promise<User>
  list(): Promise<readonly User[]>
  // Undefined for a wrong password, an unknown name and a disabled user alike, after the same time.
  check(name: string, password: string): Promise<Checked | undefined>
  // Ends the user's sessions, except the one that is kept. False, and all is as before, where the password has another
  // hash by now.
  setPassword(
    id: string,
    password: string,
    change: Readonly<{ by: string; own?: OwnChange }>,
  ): Promise<boolean>
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
      if (!isRight || row === undefined || row.disabled_at_ms !== null) return undefined
      return { user: userOf(row), hash: row.password_hash }
    },
    async setPassword(id, password, { by, own }) {
      checkPassword(password)
      // Hashing takes long, so it is done before the transaction.
      const hash = await hashPassword(password)
      return state.transaction(async tx => {
        const user = tx.updateTable('users').set({ password_hash: hash }).where('id', '=', id)
        const current = own === undefined ? user : user.where('password_hash', '=', own.hash)
        const { numUpdatedRows } = await current.executeTakeFirstOrThrow()
        if (numUpdatedRows === 0n) return false
        const others = tx.deleteFrom('sessions').where('user_id', '=', id)
        await (own === undefined ? others : others.where('id_hash', '!=', digestOf(own.keep))).execute()
        const entry = { atMs: clock.nowMs(), who: by, what: 'password changed', details: { id } }
        await audited(tx, entry).execute()
        return true
      })
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
