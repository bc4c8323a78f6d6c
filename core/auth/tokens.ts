// Tokens of programs: made, listed, revoked, and recognised. Only a digest is kept, so a token is shown once.
// Called by access.ts for each request that carries one, by token-routes.ts and by the command line.
import type { Clock } from '../clock.ts'
import { endsWithin } from '../ends-within.ts'
import { Failure } from '../errors.ts'
import type { Principal, Scope } from '../model.ts'
import { Secret } from '../secret.ts'
import { audited } from '../state/audit.ts'
import type { TokensTable } from '../state/tables.ts'
import type { State } from '../state.ts'
import { digestOf, newId, newSecret } from './digest.ts'
import { nameOf } from './names.ts'
import { scopesOf, scopesText } from './scopes.ts'

export type Token = Readonly<{
  id: string
  name: string
  scopes: readonly Scope[]
  createdAtMs: number
  createdBy: string
  expiresAtMs?: number
  revokedAtMs?: number
  lastUsedAtMs?: number
}>

export type NewToken = Readonly<{ name: string; scopes: readonly Scope[]; expiresAtMs?: number }>

// Either whose it is, or why it is nobody's.
export type Recognised = Readonly<{ principal: Principal }> | Readonly<{ refused: string }>

type Created = Readonly<{ token: Token; secret: Secret }>

export type Tokens = Readonly<{
  create(token: NewToken, by: string): Promise<Created>
  list(): Promise<readonly Token[]>
  revoke(id: string, by: string): Promise<Token>
  recognise(secret: string): Promise<Recognised>
}>

export const tokenPrefix = 'plm_'

const tokensMax = 10_000
const knownMax = 1_000
// How long another process's revocation may stay unseen, whoever sets the clock; this one's own is seen at once.
const knownForMs = 10_000
// Samples and alerts need no state, so a state that is away, or hangs, does not turn away who was good: nobody can revoke
// there meanwhile. Who is cut off from it for longer than this knows too little.
const trustedForMs = 86_400_000
const patienceMs = 1_000
const usedEveryMs = 60_000

type Known = {
  row: TokensTable
  principal: Principal
  readAtMs: number
  usedAtMs: number
  // When somebody last went to read it anew, and until when all wait for what that finds.
  askedAtMs: number
  asking?: Promise<unknown>
}

export function openTokens(state: State, clock: Clock): Tokens {
  const known = new Map<string, Known>()
  let revocations = 0

  async function find(digest: string): Promise<Known | undefined> {
    const nowMs = clock.monotonicMs()
    const before = known.get(digest)
    if (before === undefined || nowMs - before.readAtMs >= trustedForMs) return read(digest)
    if (nowMs - before.askedAtMs >= knownForMs) {
      before.askedAtMs = nowMs
      before.asking = asked(read(digest))
    }
    if (before.asking === undefined) return before
    await before.asking
    // Without an answer that is what was known before, unless it was revoked here meanwhile.
    return known.get(digest) ?? read(digest)
  }

  async function asked(reading: Promise<unknown>): Promise<void> {
    try {
      await endsWithin(patienceMs, reading, clock)
    } catch (error) {
      if (!(error instanceof Failure)) throw error
    }
  }

  async function read(digest: string): Promise<Known | undefined> {
    const readAtMs = clock.monotonicMs()
    const revocationsThen = revocations
    const row = await state.db.selectFrom('tokens').selectAll().where('hash', '=', digest).executeTakeFirst()
    const before = known.get(digest)
    known.delete(digest)
    if (row === undefined) return undefined
    const principal: Principal = { kind: 'token', name: row.name, scopes: scopesOf(row.scopes) }
    const usedAtMs = Math.max(row.last_used_at_ms ?? 0, before?.usedAtMs ?? 0)
    const found = { row, principal, readAtMs, askedAtMs: readAtMs, usedAtMs }
    // What was read while another was being revoked may be old already.
    if (revocations !== revocationsThen) return found
    known.set(digest, found)
    if (known.size > knownMax) known.delete(known.keys().next().value!)
    return found
  }

  // Nobody waits for it, and nothing depends on it: state.health() tells of a disk that takes nothing.
  function noteUse(found: Known, nowMs: number): void {
    if (nowMs - found.usedAtMs < usedEveryMs) return
    found.usedAtMs = nowMs
    const use = state.db.updateTable('tokens').set({ last_used_at_ms: nowMs }).where('id', '=', found.row.id)
    state.write([use]).catch(() => {})
  }

  return {
    create: (token, by) => create(state, clock.nowMs(), token, by),
    async list() {
      const rows = await state.db.selectFrom('tokens').selectAll().orderBy('created_at_ms').execute()
      return rows.map(tokenOf)
    },
    async revoke(id, by) {
      const row = await revoke(state, clock.nowMs(), id, by)
      revocations++
      known.delete(row.hash)
      return tokenOf(row)
    },
    async recognise(secret) {
      const found = await find(digestOf(secret))
      if (found === undefined) return { refused: 'the token is not one of ours' }
      const nowMs = clock.nowMs()
      const { revoked_at_ms, expires_at_ms } = found.row
      if (revoked_at_ms !== null) return { refused: 'the token is revoked' }
      if (expires_at_ms !== null && expires_at_ms <= nowMs) return { refused: 'the token has expired' }
      noteUse(found, nowMs)
      return { principal: found.principal }
    },
  }
}

async function create(state: State, nowMs: number, token: NewToken, by: string): Promise<Created> {
  const { name, scopes, expiresAtMs } = token
  if (scopes.length === 0) throw new Failure('bad_request', 'scopes: wanted at least one, found none')
  if (expiresAtMs !== undefined && expiresAtMs <= nowMs) {
    throw new Failure('bad_request', 'expiresAtMs: wanted a time to come, found one that is past')
  }
  const secret = tokenPrefix + newSecret()
  const row: TokensTable = {
    id: newId(),
    name: nameOf(name),
    hash: digestOf(secret),
    scopes: scopesText(scopes),
    created_at_ms: nowMs,
    expires_at_ms: expiresAtMs ?? null,
    revoked_at_ms: null,
    last_used_at_ms: null,
    created_by: by,
  }
  const { held } = await state.db
    .selectFrom('tokens')
    .select(count => count.fn.countAll<number>().as('held'))
    .executeTakeFirstOrThrow()
  if (Number(held) >= tokensMax) throw new Failure('conflict', `there are ${tokensMax} tokens already`)
  const details = { id: row.id, name: row.name, scopes }
  await state.write([
    state.db.insertInto('tokens').values(row),
    audited(state.db, { atMs: nowMs, who: by, what: 'token created', details }),
  ])
  return { token: tokenOf(row), secret: new Secret(secret) }
}

// Answers with the row as it is now; revoking twice is no error, and keeps the first time.
function revoke(state: State, nowMs: number, id: string, by: string): Promise<TokensTable> {
  return state.transaction(async tx => {
    const found = await tx.selectFrom('tokens').selectAll().where('id', '=', id).executeTakeFirst()
    if (found === undefined) throw new Failure('not_found', `no token has the id ${id}`)
    if (found.revoked_at_ms !== null) return found
    await tx.updateTable('tokens').set({ revoked_at_ms: nowMs }).where('id', '=', id).execute()
    const details = { id, name: found.name }
    await audited(tx, { atMs: nowMs, who: by, what: 'token revoked', details }).execute()
    return { ...found, revoked_at_ms: nowMs }
  })
}

const tokenOf = (row: TokensTable): Token => ({
  id: row.id,
  name: row.name,
  scopes: scopesOf(row.scopes),
  createdAtMs: row.created_at_ms,
  createdBy: row.created_by,
  ...(row.expires_at_ms === null ? {} : { expiresAtMs: row.expires_at_ms }),
  ...(row.revoked_at_ms === null ? {} : { revokedAtMs: row.revoked_at_ms }),
  ...(row.last_used_at_ms === null ? {} : { lastUsedAtMs: row.last_used_at_ms }),
})
