// The one place from which the alerter speaks HTTP: with a deadline, an answer of bounded size, no redirects unless asked
// for, and only to where guard.ts lets it. Called by delivery with what a channel made.
import type { Clock } from '#core/clock.ts'
import { type guardedLookup, Refused, refusalOf, type Trust } from '#core/guard.ts'
import type { Answer, Outgoing, Transport, Verdict } from './channel.ts'
import { addressOf } from './http/addresses.ts'
import type { Patience } from './http/lines.ts'
import { openPools, type Pools } from './http/pools.ts'
import type { ProxyNames } from './http/proxy.ts'

export const usualTransport: Transport = {
  timeoutMs: 10_000,
  followsRedirects: false,
  tls: { verify: true },
}

export type How = Readonly<{ transport: Transport; trust: Trust; signal: AbortSignal }>

// What was answered, or what to make of it that nothing was.
export type Sent = Readonly<{ ok: true; answer: Answer } | { ok: false; verdict: Verdict }>

export interface Post {
  send(outgoing: Outgoing, how: How): Promise<Sent>
  close(): void
}

export type PostOptions = Readonly<{
  clock: Clock
  // Where settings ask for the proxies of the environment.
  environment?: ProxyNames
  lookup?: typeof guardedLookup
}>

const hopsMax = 3

export function openPost({ clock, environment = {}, lookup }: PostOptions): Post {
  const pools = openPools(environment, lookup)
  return {
    async send(outgoing, how) {
      const { timeoutMs } = how.transport
      const patience: Patience = { isOver: how.signal.aborted, end: () => {} }
      let isLate = false
      const stop = (): void => {
        patience.isOver = true
        patience.end()
      }
      const timer = clock.after(timeoutMs, () => {
        isLate = true
        stop()
      })
      how.signal.addEventListener('abort', stop)
      try {
        return await follow(outgoing, { ...how, patience, pools })
      } catch (error) {
        if (isLate) return later(`no answer within ${timeoutMs / 1_000} s`)
        if (how.signal.aborted) return later('stopped')
        // Certificates may have been renewed.
        if (hasFiles(how.transport)) pools.forget(how.transport)
        return isOurs(error) ? refused(reasonOf(error)) : later(reasonOf(error))
      } finally {
        timer.cancel()
        how.signal.removeEventListener('abort', stop)
      }
    },
    close: () => pools.close(),
  }
}

const hasFiles = ({ tls }: Transport): boolean =>
  [tls.caFile, tls.certFile, tls.keyFile].some(file => file !== undefined)

const later = (reason: string): Sent => ({ ok: false, verdict: { kind: 'later', reason } })
const refused = (reason: string): Sent => ({
  ok: false,
  verdict: { kind: 'refused', reason, because: 'settings' },
})

type Following = How & Readonly<{ patience: Patience; pools: Pools }>

async function follow(outgoing: Outgoing, how: Following): Promise<Sent> {
  let [next, trust] = [outgoing, how.trust]
  for (let hop = 0; ; hop++) {
    const url = addressOf(next.url)
    if (url === undefined) return refused('the address is no URL')
    if (!/^https?:$/.test(url.protocol)) return refused(`${url.protocol} is neither http: nor https:`)
    const why = refusalOf(url.hostname, trust)
    if (why !== undefined) return refused(why)
    const made = how.pools.of(how.transport, trust)
    // Its certificates may be on a disk that does not answer.
    const lines = await (hasFiles(how.transport) ? inTime(made, how.patience) : made)
    const answer = await lines.ask({ ...next, url }, how.patience)
    const location = answer.headers['location']
    if (!how.transport.followsRedirects || !isRedirect(answer.status) || location === undefined) {
      return { ok: true, answer }
    }
    if (hop === hopsMax) return later(`sends us on more than ${hopsMax} times`)
    if (!URL.canParse(location, url.href)) return later('sends us to an address that is no URL')
    const target = new URL(location, url)
    // The operator named the first host and no other.
    if (target.host !== url.host) trust = 'outsider'
    next = { ...next, url: target.href, headers: headersFor(next.headers, url, target) }
  }
}

function inTime<T>(work: Promise<T>, patience: Patience): Promise<T> {
  return new Promise((resolve, reject) => {
    patience.end = () => reject(new Error('too late'))
    work.then(resolve, reject)
  })
}

// With the others a POST becomes a GET, which tells nobody anything.
const isRedirect = (status: number): boolean => status === 307 || status === 308

// Credentials are for whom they were given to.
function headersFor(headers: Outgoing['headers'], from: URL, to: URL): Outgoing['headers'] {
  if (from.origin === to.origin) return headers
  const isOpen = ([name]: readonly [string, string]): boolean => /^(?:content-|user-agent$)/i.test(name)
  return Object.fromEntries(Object.entries(headers).filter(isOpen))
}

// Headers and the like that cannot be sent, and what the guard does not let through.
const isOurs = (error: unknown): boolean =>
  error instanceof Refused || /^ERR_(?:HTTP_)?(?:INVALID|UNESCAPED)/.test(codeOf(error))

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? ''

// By its code: messages of Node quote addresses and headers, which may hold secrets.
function reasonOf(error: unknown): string {
  if (error instanceof Refused) return error.message
  const { code, errors, path, syscall } = error as NodeJS.ErrnoException & { errors?: unknown[] }
  // Several addresses were tried.
  const found = code ?? (errors === undefined ? '' : codeOf(errors[0]))
  if (syscall === 'open' && path !== undefined) return `cannot read ${path}: ${found}`
  return found === '' ? 'the connection failed' : found
}
