// What does the URL of the state say about reaching PostgreSQL? Read as libpq reads it, except that a server which is
// not on this machine must show its certificate unless the URL says otherwise. Called by postgres.ts.
import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from 'node:tls'
import { Failure } from '../errors.ts'
import { Secret } from '../secret.ts'

export type PostgresAddress = Readonly<{
  // For people: no name, no password.
  place: string
  host: string
  port: number
  database: string
  user: string
  // Without one, pg looks into PGPASSWORD and ~/.pgpass by itself.
  password: Secret | undefined
  ssl: false | ConnectionOptions
}>

const sslModes = ['disable', 'require', 'verify-ca', 'verify-full'] as const
type SslMode = (typeof sslModes)[number]

const known = ['sslmode', 'sslrootcert']

// The URL is never shown, because it may hold a password.
const refuse = (problem: string): never => {
  throw new Failure('bad_config', `the URL of the state in PostgreSQL: ${problem}`)
}

export function addressOf(url: Secret | string): PostgresAddress {
  const text = url instanceof Secret ? url.reveal() : url
  const wanted = 'wanted postgres://USER:PASSWORD@HOST:5432/DATABASE?sslmode=verify-full'
  const parsed = URL.canParse(text) ? new URL(text) : refuse(`${wanted}, found something else`)
  if (!/^postgres(?:ql)?:$/.test(parsed.protocol)) refuse(`${wanted}, found another protocol`)
  const query = parsed.searchParams
  const unknown = [...query.keys()].filter(each => !known.includes(each))
  if (unknown.length > 0)
    refuse(`wanted none but ${known.join(', ')} after the ?, found ${unknown.join(', ')}`)
  // A folder, %2Frun%2Fpostgresql, for the socket of the same machine.
  const host = decoded(parsed.hostname).replace(/^\[|\]$/g, '') || refuse('it names no host')
  const port = Number(parsed.port || 5_432)
  const database = decoded(parsed.pathname.slice(1)) || refuse('it names no database')
  const user = decoded(parsed.username) || refuse('it names no user')
  const password = parsed.password === '' ? undefined : new Secret(decoded(parsed.password))
  const mode = sslModeOf(query.get('sslmode') ?? (isOnThisMachine(host) ? 'disable' : 'verify-full'))
  return {
    place: `postgres://${host.includes(':') ? `[${host}]` : host}:${port}/${database}`,
    host,
    port,
    database,
    user,
    password,
    ssl: sslOf(mode, query.get('sslrootcert')),
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return refuse('a % in it is not followed by two digits; a % itself is %25')
  }
}

const isOnThisMachine = (host: string): boolean =>
  host.startsWith('/') || host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)

const sslModeOf = (mode: string): SslMode =>
  sslModes.find(each => each === mode) ??
  refuse(`wanted one of ${sslModes.join(', ')} as sslmode, found ${mode}`)

function sslOf(mode: SslMode, rootFile: string | null): false | ConnectionOptions {
  if (mode === 'disable') return false
  const ca = rootFile === null ? {} : { ca: certificateIn(rootFile) }
  if (mode === 'verify-full') return ca
  // As libpq: whoever names the certificate wants it looked at.
  if (mode === 'verify-ca' || rootFile !== null) return { ...ca, checkServerIdentity: () => undefined }
  return { rejectUnauthorized: false }
}

function certificateIn(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    return refuse(`sslrootcert cannot be read: ${(error as Error).message}`)
  }
}
