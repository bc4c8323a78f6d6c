// The columns of the state, as kysely's types see them. migrations.ts makes them; whoever reads or writes the
// state imports these. Times are epoch milliseconds; lists and objects are JSON as text.

export type Tables = {
  users: UsersTable
  sessions: SessionsTable
  tokens: TokensTable
  invitations: InvitationsTable
  audit: AuditTable
}

export type UsersTable = {
  id: string
  name: string
  // The PHC string of argon2id.
  password_hash: string
  // A JSON list of scopes, here and below.
  scopes: string
  created_at_ms: number
  disabled_at_ms: number | null
}

// Secrets are kept as SHA-256 only: whoever reads the file can log in as nobody.
export type SessionsTable = {
  id_hash: string
  user_id: string
  created_at_ms: number
  expires_at_ms: number
  last_seen_at_ms: number
  agent: string
  remote: string
}

export type TokensTable = {
  id: string
  name: string
  hash: string
  scopes: string
  created_at_ms: number
  expires_at_ms: number | null
  revoked_at_ms: number | null
  last_used_at_ms: number | null
  created_by: string
}

// A link that makes a user, once.
export type InvitationsTable = {
  hash: string
  scopes: string
  created_at_ms: number
  expires_at_ms: number
}

// Only ever added to.
export type AuditTable = {
  id: string
  at_ms: number
  who: string
  what: string
  details: string
}
