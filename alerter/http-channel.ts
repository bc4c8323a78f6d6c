// What all channels over HTTP have in common: no verdict of theirs tells a secret of the settings, and a plain status is
// judged the same everywhere. Called by the folders in channels/.
import { createHash } from 'node:crypto'
import { Secret } from '#core/secret.ts'
import type { Answer, HttpChannel, Verdict } from './channel.ts'

const reasonMax = 300

// `S` is what the schema makes, whatever the functions would take.
type Made<S> = Pick<HttpChannel<S>, 'settings'> & Omit<HttpChannel<NoInfer<S>>, 'kind' | 'settings'>

export function httpChannel<S>(made: Made<S>): HttpChannel<S> {
  const { trail } = made
  return {
    ...made,
    kind: 'http',
    ...(trail && {
      *trail(message, settings, around) {
        const stumble = yield* trail(message, settings, around)
        return stumble && { ...stumble, reason: scrubbed(stumble.reason, settings) }
      },
    }),
    verdict(answer, settings, around) {
      const verdict = made.verdict(answer, settings, around)
      if ('reason' in verdict) return { ...verdict, reason: scrubbed(verdict.reason, settings) }
      // A receipt is a name or a number; what must be scrubbed is neither.
      const { kind, receipt, receipts = [] } = verdict
      const names = [...(receipt === undefined ? [] : [receipt]), ...receipts]
      return names.every(name => scrubbed(name, settings) === name) ? verdict : { kind }
    },
  }
}

// Services like to repeat what they were asked.
export function scrubbed(reason: string, settings: unknown): string {
  let text = reason
  for (const secret of secretsOf(settings)) text = text.replaceAll(secret, '***')
  return text
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, reasonMax)
}

// The longest first, so that no part of one is left.
function secretsOf(settings: unknown): string[] {
  const found = new Set<string>()
  const look = (value: unknown): void => {
    if (value instanceof Secret) for (const each of partsOf(value.reveal())) found.add(each)
    else if (typeof value === 'object' && value !== null) for (const each of Object.values(value)) look(each)
  }
  look(settings)
  return [...found].filter(each => each !== '').toSorted((a, b) => b.length - a.length)
}

const partMin = 6
// Paths of the services that are no secret, and words that their answers need.
const known = new Set([
  'cgi-bin',
  'invoke',
  'manual',
  'open-apis',
  'services',
  'triggers',
  'webhook',
  'webhooks',
  'workflows',
])

// Of a URL, what it is a secret for; of credentials, the word after `Bearer`.
function partsOf(secret: string): string[] {
  const parts = [secret, ...secret.split(' ')]
  if (/^https?:\/\//.test(secret) && URL.canParse(secret)) {
    const { href, username, password, pathname, search, searchParams } = new URL(secret)
    const pieces = [username, password, search, pathname + search, ...pathname.split('/')]
    parts.push(
      href,
      ...[...pieces, ...searchParams.values()].filter(each => each.length >= partMin && !known.has(each)),
    )
  }
  return parts.flatMap(part => [part, encodeURIComponent(part), JSON.stringify(part).slice(1, -1)])
}

// Names a secret without telling it: keys of budgets, and receipts.
export const digestOf = (secret: Secret): string =>
  createHash('sha256').update(secret.reveal()).digest('hex').slice(0, 12)

export const refused = (because: 'message' | 'settings', reason: string): Verdict => ({
  kind: 'refused',
  because,
  reason,
})

export const later = (reason: string, afterMs?: number): Verdict => ({
  kind: 'later',
  reason,
  ...(afterMs === undefined ? {} : { afterMs }),
})

// Too much, or too fast: the service itself is well.
export const limited = (reason: string, afterMs?: number): Verdict => ({
  kind: 'later',
  reason,
  isLimit: true,
  ...(afterMs === undefined ? {} : { afterMs }),
})

const wrongSettings = [401, 402, 403, 404, 405, 407, 410]
const wrongMessage = [400, 406, 411, 413, 414, 415, 422, 431]

// Of a service that says no more than HTTP does. What is neither right nor certainly wrong is tried again.
export function byStatus({ status, headers, body }: Answer, nowMs: number): Verdict {
  if (status >= 200 && status < 300) return { kind: 'delivered' }
  const reason = `answered ${status}${body.trim() === '' ? '' : `: ${body}`}`
  if (status >= 300 && status < 400) return refused('settings', `${reason} (sends us elsewhere)`)
  if (wrongSettings.includes(status)) return refused('settings', reason)
  if (wrongMessage.includes(status)) return refused('message', reason)
  return (status === 429 ? limited : later)(reason, retryAfterMs(headers, nowMs))
}

const waitMaxMs = 3_600_000

// In seconds, or as a date. More than an hour is not believed.
export function retryAfterMs(headers: Answer['headers'], nowMs: number): number | undefined {
  const written = headers['retry-after']?.trim() ?? ''
  if (/^\d+(?:\.\d+)?$/.test(written)) return waitOf(Number(written))
  const thenMs = Date.parse(written)
  return Number.isNaN(thenMs) ? undefined : waitOf((thenMs - nowMs) / 1_000)
}

// Nothing for what is no number of seconds.
export function waitOf(seconds: unknown): number | undefined {
  if (typeof seconds !== 'number' || !Number.isFinite(seconds)) return undefined
  return Math.min(waitMaxMs, Math.max(0, Math.ceil(seconds * 1_000)))
}

// The fields of a JSON object; nothing for anything else.
export function fieldsOf(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const read: unknown = JSON.parse(body)
    if (typeof read !== 'object' || read === null || Array.isArray(read)) return undefined
    return read as Record<string, unknown>
  } catch {
    return undefined
  }
}
