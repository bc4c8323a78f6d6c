// What the pages of the door share: their parts, reading a form, beginning a session. Called by login-routes.ts
// and welcome-routes.ts.
import type { Clock } from '../clock.ts'
import { cookiesOf } from '../http/cookies.ts'
import type { Authorise } from '../http/door.ts'
import type { Language } from '../http/language.ts'
import type { Answer, Call } from '../http/route.ts'
import type { State } from '../state.ts'
import type { Invitations } from './first-run.ts'
import type { Login } from './login.ts'
import { type Owner, type Sessions, sessionCookie, sessionOf } from './sessions.ts'
import type { Users } from './users.ts'

export type AccessParts = Readonly<{
  state: State
  clock: Clock
  users: Users
  sessions: Sessions
  invitations: Invitations
  login: Login
  authorise: Authorise
  // Whether browsers come by https, so that the cookie must never travel without.
  secure: boolean
  language: Language
}>

export const formMaxBytes = 16_384

export const formOf = ({ body }: Call<unknown, Uint8Array>): URLSearchParams =>
  new URLSearchParams(Buffer.from(body).toString())

// 303, so that going back or reloading does not send the form again.
export const goTo = (location: string, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status: 303,
  headers: { location, 'cache-control': 'no-store', ...headers },
})

// A new secret at every login, and the one that came along ends: nobody can plant a session in a browser. Undefined where
// the password was replaced meanwhile.
export async function beginSession(
  { sessions, secure }: AccessParts,
  { headers, remote }: Pick<Call, 'headers' | 'remote'>,
  { to, ...owner }: Owner & Readonly<{ to: string }>,
): Promise<Answer | undefined> {
  const secret = await sessions.begin(owner, { agent: headers['user-agent'] ?? '', remote })
  if (secret === undefined) return undefined
  const before = sessionOf(cookiesOf(headers.cookie))
  if (before !== undefined) await sessions.end(before)
  return goTo(to, { 'set-cookie': sessionCookie(secret, secure) })
}
