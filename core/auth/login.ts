// Does this name have this password, and may it be tried once more? Called by the login page and by the change of
// a password.
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { OwnMetrics } from '../own-metrics.ts'
import { openLimiter } from './limiter.ts'
import { readName } from './names.ts'
import type { Checked, Users } from './users.ts'

export type Attempt = Readonly<{ name: string; password: string; remote: string }>

export type Outcome =
  | (Readonly<{ kind: 'in' }> & Checked)
  | Readonly<{ kind: 'refused' }>
  | Readonly<{ kind: 'too_many'; waitMs: number }>

export type Login = (attempt: Attempt) => Promise<Outcome>

// An office behind one address logs in more often than one person mistypes.
const perRemote = { burst: 30, refillMs: 10_000, keysMax: 10_000 }
const perName = { burst: 10, refillMs: 60_000, keysMax: 10_000 }

type Parts = Readonly<{ users: Users; clock: Clock; own: OwnMetrics; log: Log }>

export function openLogin({ users, clock, own, log }: Parts): Login {
  const remotes = openLimiter(clock, perRemote)
  const names = openLimiter(clock, perName)
  // Whoever has logged in from an address before is not kept out by what others try from elsewhere.
  const pairs = openLimiter(clock, perName)
  const good = new Set<string>()
  const logins = own.counter('plimsoll_logins_total')

  async function decide({ name, password, remote }: Attempt): Promise<Outcome> {
    const known = (readName(name) ?? '').toLowerCase()
    const pair = `${remote} ${known}`
    const [limiter, key] = good.has(pair) ? [pairs, pair] : [names, known]
    const waitMs = remotes.take(remote) || limiter.take(key)
    if (waitMs > 0) return { kind: 'too_many', waitMs }
    const checked = await users.check(name, password)
    if (checked === undefined) return { kind: 'refused' }
    // Only these: one good login must not buy attempts on other names, or for those who try this one from elsewhere.
    limiter.forgive(key)
    good.delete(pair)
    good.add(pair)
    if (good.size > perName.keysMax) good.delete(good.values().next().value!)
    return { kind: 'in', ...checked }
  }

  return async attempt => {
    const outcome = await decide(attempt)
    logins.inc(1, { outcome: outcome.kind })
    // Without the name: people type their password there by mistake.
    if (outcome.kind !== 'in') log.warn('auth', 'a login was refused', { remote: attempt.remote })
    return outcome
  }
}
