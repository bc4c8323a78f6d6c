// How the mail server is reached: the way, TLS, login and patience, as nodemailer wants them said. Called by index.ts.
import { readFile } from 'node:fs/promises'
import { connect, type LookupFunction, type Socket } from 'node:net'
import type { SecureVersion } from 'node:tls'
import type { TransportOptions } from 'nodemailer'
import { guardedTarget } from '#core/guard.ts'
import type { Settings } from './settings.ts'

const connectionsMax = 2

// Files are read each time a transport is made, so that a new certificate or password is taken up.
export async function transportOptions(given: Settings, lookup?: LookupFunction): Promise<TransportOptions> {
  const { smarthost, timeout } = given
  const secure = given.force_implicit_tls ?? smarthost.port === 465
  const password = await passwordOf(given)
  // Alertmanager has an identity of its own beside the name; nodemailer knows one, and few servers two.
  const user = given.auth_username || given.auth_identity
  return {
    pool: true,
    maxConnections: connectionsMax,
    // The outbox repeats; a mail that is repeated in here too would arrive twice.
    maxRequeues: 0,
    host: smarthost.host,
    port: smarthost.port,
    // It would look names up by itself, where guard.ts does not see what they lead to.
    getSocket: (_, done) => {
      dial(given, lookup).then(connection => done(null, { connection }), done)
    },
    secure,
    requireTLS: given.require_tls && !secure,
    ignoreTLS: !given.require_tls && !secure,
    name: given.hello,
    ...(password !== undefined && user !== '' && { auth: { user, pass: password.text } }),
    ...(password?.isSecret === true && { authMethod: 'CRAM-MD5' }),
    tls: await tlsOf(given),
    connectionTimeout: timeout,
    greetingTimeout: timeout,
    socketTimeout: timeout,
    disableFileAccess: true,
    disableUrlAccess: true,
  }
}

async function dial({ smarthost, timeout }: Settings, lookup?: LookupFunction): Promise<Socket> {
  const socket = connect({ ...guardedTarget(smarthost, lookup), timeout })
  await new Promise<void>((resolve, reject) => {
    const late = (): void => void socket.destroy(Object.assign(new Error(), { code: 'ETIMEDOUT' }))
    socket.once('timeout', late)
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.off('timeout', late)
      socket.off('error', reject)
      resolve()
    })
  })
  return socket
}

const fileText = async (path: string | undefined): Promise<string | undefined> =>
  path === undefined ? undefined : (await readFile(path, 'utf8')).trim()

type Password = Readonly<{ text: string; isSecret: boolean }>

async function passwordOf(given: Settings): Promise<Password | undefined> {
  const password = given.auth_password?.reveal() ?? (await fileText(given.auth_password_file))
  if (password !== undefined) return { text: password, isSecret: false }
  const shared = given.auth_secret?.reveal() ?? (await fileText(given.auth_secret_file))
  return shared === undefined ? undefined : { text: shared, isSecret: true }
}

const versionOf = (written: string): SecureVersion =>
  `TLSv1${{ TLS10: '', TLS11: '.1', TLS12: '.2', TLS13: '.3' }[written] ?? ''}` as SecureVersion

async function tlsOf({ tls_config: tls }: Settings): Promise<TransportOptions['tls']> {
  const ca = tls.ca ?? (await fileText(tls.ca_file))
  const cert = tls.cert ?? (await fileText(tls.cert_file))
  const key = tls.key?.reveal() ?? (await fileText(tls.key_file))
  return {
    ...(tls.server_name !== undefined && { servername: tls.server_name }),
    rejectUnauthorized: !tls.insecure_skip_verify,
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(tls.min_version !== undefined && { minVersion: versionOf(tls.min_version) }),
    ...(tls.max_version !== undefined && { maxVersion: versionOf(tls.max_version) }),
  }
}
