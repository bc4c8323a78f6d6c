// PostgreSQL 15 out of Debian's package: a cluster of its own, with a password and TLS, on a free port of loopback.
import { randomBytes } from 'node:crypto'
import { chmodSync, chownSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { type Prepared, run } from './cache.ts'
import { debian, onPath, says } from './debian.ts'
import { type Engine, freePort, startServer } from './engine.ts'

const major = '15'
const bin = `/usr/lib/postgresql/${major}/bin`
const systemUser = 'postgres'

export async function preparePostgres(): Promise<Prepared> {
  const sinceMs = performance.now()
  const installed = await debian(
    { name: `postgresql-${major}`, has: () => existsSync(join(bin, 'postgres')), services: ['postgresql'] },
    { name: 'openssl', has: () => onPath('openssl') },
  )
  const told = says(join(bin, 'postgres'), ['--version']) ?? 'nothing'
  const version = /PostgreSQL\) (\d+\.\d+)/.exec(told)?.[1]
  if (!version?.startsWith(`${major}.`)) throw new Error(`wanted PostgreSQL ${major}, and it says: ${told}`)
  const did = `${version}, ${installed.length > 0 ? 'installed' : 'was there'}`
  return { did, tookMs: performance.now() - sinceMs }
}

export type Postgres = Engine &
  Readonly<{
    host: '127.0.0.1'
    port: number
    user: string
    password: string
    // With name and password; sslmode and the like may be appended.
    urlOf(database: string): string
    // The certificate that signed the server's own, for the name localhost.
    certificate: string
  }>

// `settings` as in postgresql.conf.
export async function startPostgres(
  folder: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<Postgres> {
  await preparePostgres()
  const data = join(folder, 'data')
  const [user, password] = ['plimsoll', randomBytes(12).toString('hex')]
  const isRoot = process.getuid?.() === 0
  if (existsSync(data)) throw new Error(`${folder} holds a cluster already: restart() it instead`)
  mkdirSync(data, { recursive: true, mode: 0o700 })
  // Whoever runs the server must be able to come in.
  chmodSync(folder, 0o711)
  const passwordFile = join(folder, 'password')
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 })
  const log = join(folder, 'initdb.log')
  if (isRoot) for (const path of [data, passwordFile]) chownSync(path, ...idsOf(systemUser))
  const as = isRoot
    ? ['setpriv', `--reuid=${systemUser}`, `--regid=${systemUser}`, '--init-groups', '--']
    : []
  const made = (program: string, ...args: string[]): Promise<void> => {
    const [first, ...rest] = [...as, program, ...args]
    return run(first!, rest, { log, cwd: data })
  }
  await made(
    ...([
      join(bin, 'initdb'),
      '-D',
      data,
      '-U',
      user,
      '-A',
      'scram-sha-256',
      `--pwfile=${passwordFile}`,
    ] as const),
    ...['-E', 'UTF8', '--locale=C.UTF-8'],
  )
  const [key, certificate] = [join(data, 'server.key'), join(data, 'server.crt')]
  await made(
    'openssl',
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    '-subj',
    '/CN=localhost',
    ...[...['-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', certificate]],
  )
  const port = await freePort()
  const all = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: data,
    ssl: 'on',
    ...settings,
  }
  const engine = await startServer({
    name: 'postgres',
    folder,
    command: [
      join(bin, 'postgres'),
      '-D',
      data,
      ...Object.entries(all).map(([key, value]) => `--${key}=${value}`),
    ],
    ...(isRoot ? { user: systemUser } : {}),
    // Ends sessions instead of waiting for them.
    stopSignal: 'SIGINT',
    isReady: () => isAcceptingSessions(port),
  })
  const urlOf = (database: string): string => `postgres://${user}:${password}@127.0.0.1:${port}/${database}`
  return { ...engine, host: '127.0.0.1', port, user, password, urlOf, certificate }
}

const idsOf = (name: string): [number, number] => {
  const ids = ['-u', '-g'].map(which => Number(says('id', [which, name])))
  return [ids[0]!, ids[1]!]
}

// A start-up message, protocol 3.0: a server that still recovers answers with an error, one that is ready asks for
// the password.
const startUp = (() => {
  const text = Buffer.from('user\0plimsoll\0\0')
  const head = Buffer.alloc(8)
  head.writeInt32BE(8 + text.length, 0)
  head.writeInt32BE(196_608, 4)
  return Buffer.concat([head, text])
})()

const isAcceptingSessions = (port: number): Promise<boolean> =>
  new Promise(resolve => {
    const socket = connect(port, '127.0.0.1', () => socket.write(startUp))
    const finish = (isReady: boolean): void => {
      socket.destroy()
      resolve(isReady)
    }
    socket.setTimeout(2_000, () => finish(false))
    socket.on('error', () => finish(false))
    socket.on('close', () => finish(false))
    socket.on('data', bytes => finish(bytes[0] === 'R'.charCodeAt(0)))
  })
