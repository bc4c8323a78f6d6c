// May this request come in? Its host, its sender and its login, looked at in this order and nowhere else.
// Whatever is not allowed here is refused. Called for every request by answer.ts.
import type { IncomingHttpHeaders } from 'node:http'
import { isIP } from 'node:net'
import { Failure } from '../errors.ts'
import type { Principal, Scope } from '../model.ts'
import { cookiesOf } from './cookies.ts'

export type Asking = Readonly<{
  method: string
  headers: IncomingHttpHeaders
  query: Readonly<Record<string, string | string[]>>
  cookies: Readonly<Record<string, string>>
  remote: string
}>

// Who is it? Nobody at all is undefined. Given by core/auth.
export type Authorise = (asking: Asking) => Promise<Principal | undefined>

// What the door knows of itself.
export type House = Readonly<{ loopback: boolean; externalHost: string | undefined; authorise: Authorise }>

export const nobody: Principal = { kind: 'anonymous', name: 'nobody', scopes: [] }

export async function admit(
  asking: Omit<Asking, 'cookies'>,
  scope: Scope | 'open',
  house: House,
): Promise<Principal> {
  checkHost(asking.headers, house)
  checkOrigin(asking, scope, house)
  if (scope === 'open') return nobody
  const principal = await house.authorise({ ...asking, cookies: cookiesOf(asking.headers.cookie) })
  if (principal === undefined) throw new Failure('unauthorised', 'no login and no valid token came with it')
  if (!principal.scopes.includes(scope) && !principal.scopes.includes('admin')) refuse(principal, scope)
  checkCookieOrigin(asking, principal)
  return principal
}

// Somebody without a name can still log in; somebody with one cannot do more by logging in again.
function refuse({ kind, name, scopes }: Principal, scope: Scope): never {
  if (kind === 'anonymous') {
    throw new Failure('unauthorised', `without a login this is not open: it wants the scope ${scope}`)
  }
  const has = scopes.length === 0 ? 'none' : scopes.join(', ')
  throw new Failure('forbidden', `${name} has the scopes ${has}; this address wants ${scope}`)
}

// A foreign page can give its own name our loopback address (DNS rebinding) and then counts as same-origin.
// A literal address cannot be given away like that.
function checkHost({ host }: IncomingHttpHeaders, { loopback, externalHost }: House): void {
  if (!loopback || host === undefined || host === externalHost) return
  const name = hostName(host)
  if (name === 'localhost' || name.endsWith('.localhost') || isIP(name) !== 0) return
  throw new Failure('wrong_host', `found the host ${JSON.stringify(host)}`)
}

const hostName = (host: string): string =>
  host
    .replace(/:\d*$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase()

// What a browser says about itself: a page of another site must change nothing here, whoever its user is.
// A request that shows a token cannot come from such a page, since we grant no CORS. Basic can: browsers remember
// it, and send it along with the forms of every page. Heartbeats come by GET too, as any page can send with a picture.
function checkOrigin(
  { method, headers }: Omit<Asking, 'cookies'>,
  scope: Scope | 'open',
  { externalHost }: House,
): void {
  if ((isSafe(method) && scope !== 'write') || /^(bearer|token)\s/i.test(headers.authorization ?? '')) return
  const site = headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin' && site !== 'none') {
    throw new Failure('cross_site', `the browser calls it ${String(site)}`)
  }
  const { origin } = headers
  if (origin === undefined) return
  // A proxy that adds `Referrer-Policy: no-referrer` takes the origin out of our own forms; no page can forge `site`.
  if (origin === 'null' && site === 'same-origin') return
  const host = URL.canParse(origin) ? new URL(origin).host : ''
  if (host !== '' && (host === headers.host?.toLowerCase() || host === externalHost)) return
  throw new Failure('cross_site', `it comes from ${JSON.stringify(origin)}`)
}

// A cookie goes along by itself, so what it authorises must say where it comes from.
function checkCookieOrigin({ method, headers }: Omit<Asking, 'cookies'>, { kind }: Principal): void {
  const byCookie = headers.cookie !== undefined && headers.authorization === undefined && kind !== 'anonymous'
  if (isSafe(method) || !byCookie) return
  if (headers.origin !== undefined || headers['sec-fetch-site'] !== undefined) return
  throw new Failure('cross_site', 'a request with a session must name its Origin')
}

const isSafe = (method: string): boolean => method === 'GET' || method === 'HEAD'
