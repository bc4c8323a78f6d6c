// Who may do what: the one place that turns a request into a principal, and the addresses of the door. Opened by
// bin/ at start; the server asks authorise() for every request that is not open to everyone.
import type { Clock } from '../clock.ts'
import { Failure } from '../errors.ts'
import type { Asking, Authorise } from '../http/door.ts'
import type { Language } from '../http/language.ts'
import type { Route } from '../http/route.ts'
import type { Log } from '../log.ts'
import type { Principal, Scope } from '../model.ts'
import type { OwnMetrics } from '../own-metrics.ts'
import type { Secret } from '../secret.ts'
import type { State } from '../state.ts'
import { credentialOf } from './credentials.ts'
import { inviteAdministrator, openInvitations } from './first-run.ts'
import { keepLocalToken } from './local-token.ts'
import { openLogin } from './login.ts'
import { loginRoutes } from './login-routes.ts'
import { openSessions, type Sessions } from './sessions.ts'
import { tokenRoutes } from './token-routes.ts'
import { openTokens, type Tokens } from './tokens.ts'
import { userRoutes } from './user-routes.ts'
import { openUsers, type Users } from './users.ts'
import { welcomeRoutes } from './welcome-routes.ts'

export type AccessOptions = Readonly<{
  state: State
  clock: Clock
  own: OwnMetrics
  log: Log
  // What is open to callers who show nothing.
  anonymous: readonly Scope[]
  dataFolder: string
  // Where several processes share the state: which of them this is, so that none makes the token of another useless.
  process?: string | undefined
  // Whether people come in here, so that the link for the first of them is made. Left out: they do.
  invites?: boolean
  // As in the configuration: https makes the cookie Secure.
  externalUrl?: string | undefined
  language?: Language
}>

export type Access = Readonly<{
  // Undefined for somebody who shows nothing while nothing is open; a Failure `unauthorised` that says why for
  // somebody who shows something that is not good: never anonymous, or a program with an old token would seem fine.
  authorise: Authorise
  routes: readonly Route[]
  tokens: Tokens
  users: Users
  // The path of the link that makes the administrator, while there is no user.
  welcome: Secret | undefined
}>

export async function openAccess(options: AccessOptions): Promise<Access> {
  const { state, clock, own, log, anonymous, externalUrl, language = 'en', invites = true } = options
  const tokens = openTokens(state, clock)
  const sessions = openSessions(state, clock)
  const users = openUsers(state, clock)
  const invitations = openInvitations(state, clock)
  const login = openLogin({ users, clock, own, log })
  const authorise = authoriser({ tokens, sessions, anonymous })
  const secure = externalUrl?.startsWith('https:') ?? false
  const parts = { state, clock, users, sessions, invitations, login, authorise, secure, language }
  await keepLocalToken(tokens, options.dataFolder, options.process)
  return {
    authorise,
    routes: [...loginRoutes(parts), ...welcomeRoutes(parts), ...tokenRoutes(tokens), ...userRoutes(users)],
    tokens,
    users,
    welcome: invites ? await inviteAdministrator(state, clock, options.process !== undefined) : undefined,
  }
}

type Known = Readonly<{ tokens: Tokens; sessions: Sessions; anonymous: readonly Scope[] }>

function authoriser({ tokens, sessions, anonymous }: Known): Authorise {
  const nobody: Principal | undefined =
    anonymous.length === 0 ? undefined : { kind: 'anonymous', name: 'anonymous', scopes: anonymous }
  const refuse = (why: string): never => {
    throw new Failure('unauthorised', why)
  }
  return async (asking: Asking) => {
    const credential = credentialOf(asking)
    if (credential === undefined) return nobody
    if (credential.kind === 'unknown') return refuse(credential.why)
    if (credential.kind === 'session') {
      const session = await sessions.recognise(credential.secret)
      return session?.principal ?? refuse('the session is over: log in again at /login')
    }
    const found = await tokens.recognise(credential.secret)
    return 'principal' in found ? found.principal : refuse(found.refused)
  }
}
