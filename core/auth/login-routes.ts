// The addresses of logging in and out, and of asking who one is. Open to everyone on purpose; the server's door
// has looked at host and origin already. Called by access.ts.
import { z } from 'zod'
import { Failure } from '../errors.ts'
import { cookiesOf } from '../http/cookies.ts'
import { languageOf } from '../http/language.ts'
import { page } from '../http/page.ts'
import { type Answer, type Call, type Route, route } from '../http/route.ts'
import { audited } from '../state/audit.ts'
import { type AccessParts, beginSession, formMaxBytes, formOf, goTo } from './entry.ts'
import { nextPath } from './next-path.ts'
import { loginPage } from './pages.ts'
import { sessionCookie, sessionOf } from './sessions.ts'
import { texts } from './texts.ts'
import { isPassword } from './users.ts'

const next = z.object({ next: z.string().optional() })

export const loginRoutes = (parts: AccessParts): readonly Route[] => [
  route({
    method: 'GET',
    path: '/login',
    scope: 'open',
    summary: 'The page to log in.',
    query: next,
    handle: call => showLogin(parts, call),
  }),
  route<unknown, Uint8Array>({
    method: 'POST',
    path: '/login',
    scope: 'open',
    summary: 'Logs in by name and password, as the form of the page sends them.',
    body: 'bytes',
    bodyMaxBytes: formMaxBytes,
    handle: call => logIn(parts, call),
  }),
  route({
    method: 'POST',
    path: '/logout',
    scope: 'open',
    summary: 'Ends the session of the browser that asks.',
    handle: call => logOut(parts, call),
  }),
  route({
    method: 'GET',
    path: '/api/plimsoll/v1/me',
    scope: 'open',
    summary: 'Whose session or token this is, and what it may do.',
    handle: call => whoAmI(parts, call),
  }),
  route({
    method: 'POST',
    path: '/api/plimsoll/v1/me/password',
    scope: 'open',
    summary: 'Changes the password of whoever is logged in, and ends all other sessions.',
    body: z.strictObject({ current: z.string().max(1_000), wanted: z.string().max(1_000) }),
    bodyMaxBytes: formMaxBytes,
    handle: call => changePassword(parts, call),
  }),
]

async function showLogin(parts: AccessParts, call: Call<z.infer<typeof next>>): Promise<Answer> {
  const to = nextPath(call.query.next)
  const secret = sessionOf(cookiesOf(call.headers.cookie))
  if (secret !== undefined && (await parts.sessions.recognise(secret)) !== undefined) return goTo(to)
  const language = languageOf(call.headers['accept-language'], parts.language)
  // A session that is over would only stand in the way of what is open to everybody.
  const headers = secret === undefined ? {} : { 'set-cookie': sessionCookie(undefined, parts.secure) }
  const isAwaited = await parts.invitations.isAwaited()
  return page(loginPage({ name: '', next: to, isAwaited }, language), { headers })
}

async function logIn(parts: AccessParts, call: Call<unknown, Uint8Array>): Promise<Answer> {
  const form = formOf(call)
  const name = form.get('name') ?? ''
  const to = nextPath(form.get('next') ?? undefined)
  const outcome = await parts.login({ name, password: form.get('password') ?? '', remote: call.remote })
  if (outcome.kind === 'in') {
    const { user, hash } = outcome
    const begun = await beginSession(parts, call, { userId: user.id, hash, to })
    if (begun !== undefined) {
      const entry = { atMs: parts.clock.nowMs(), who: user.name, what: 'logged in' }
      await parts.state.write([audited(parts.state.db, { ...entry, details: { remote: call.remote } })])
      return begun
    }
  }
  const language = languageOf(call.headers['accept-language'], parts.language)
  const say = texts[language]
  const shown = { name, next: to, isAwaited: await parts.invitations.isAwaited() }
  // Also where the password was right, and is another one since.
  if (outcome.kind !== 'too_many') {
    return page(loginPage({ ...shown, problem: say.refused }, language), { status: 401 })
  }
  const seconds = Math.ceil(outcome.waitMs / 1_000)
  return page(loginPage({ ...shown, problem: say.tooMany(seconds) }, language), {
    status: 429,
    headers: { 'retry-after': String(seconds) },
  })
}

async function logOut({ sessions, secure }: AccessParts, { headers }: Call): Promise<Answer> {
  const secret = sessionOf(cookiesOf(headers.cookie))
  if (secret !== undefined) await sessions.end(secret)
  return goTo('/login', { 'set-cookie': sessionCookie(undefined, secure) })
}

async function whoAmI({ authorise }: AccessParts, call: Call): Promise<Answer> {
  const query = call.query as Record<string, string>
  const { headers, remote } = call
  const cookies = cookiesOf(headers.cookie)
  const principal = await authorise({ method: 'GET', headers, query, cookies, remote })
  if (principal === undefined) throw new Failure('unauthorised', 'no login and no valid token came with it')
  return { body: principal, headers: { 'cache-control': 'no-store' } }
}

type PasswordChange = Readonly<{ current: string; wanted: string }>

async function changePassword(parts: AccessParts, call: Call<unknown, PasswordChange>): Promise<Answer> {
  const secret = sessionOf(cookiesOf(call.headers.cookie))
  const session = secret === undefined ? undefined : await parts.sessions.recognise(secret)
  if (secret === undefined || session === undefined) {
    throw new Failure('unauthorised', 'a password is changed by whoever is logged in with it')
  }
  const { current, wanted } = call.body
  const { name } = session.principal
  if (!isPassword(wanted)) throw new Failure('bad_request', texts.en.badPassword)
  const outcome = await parts.login({ name, password: current, remote: call.remote })
  if (outcome.kind === 'too_many') {
    throw new Failure('too_many_attempts', texts.en.tooMany(Math.ceil(outcome.waitMs / 1_000)))
  }
  const isChanged =
    outcome.kind === 'in' &&
    (await parts.users.setPassword(session.userId, wanted, {
      by: name,
      own: { hash: outcome.hash, keep: secret },
    }))
  if (!isChanged) throw new Failure('forbidden', 'the current password is another one')
  return {}
}
