// What Alertmanager's file says of a receiver, as the settings of our channel: the names are the same, so this only
// unwraps what its reader has wrapped, and tells what our channel has no use for. Called when a configuration is loaded.
import { plain, type Tree } from '#core/config/tree.ts'
import { Secret } from '#core/secret.ts'
import { channels } from './index.ts'

export type FromAlertmanager =
  // `lacks`: keys that were left out, because the channel does not know them. `timeout`: another one than the file says.
  | Readonly<{ ok: true; settings: unknown; lacks: readonly string[]; timeout?: Bounded }>
  | Readonly<{ ok: false; problems: readonly string[] }>

export type Bounded = Readonly<{ askedMs: number; ms: number }>

// Who hangs keeps a place that others wait for.
const timeoutMs = { least: 100, most: 300_000 }

type Raw = Record<string, unknown>

export function settingsFrom(channel: string, given: object): FromAlertmanager {
  const schema = channels[channel]?.settings
  if (schema === undefined) return { ok: false, problems: [`there is no channel ${channel}`] }
  const raw = unwrapped(given) as Raw
  // There it is followed unless the file says otherwise.
  const http: Raw = { follow_redirects: true, ...((raw['http_config'] ?? {}) as Raw) }
  const askedMs = typeof raw['timeout'] === 'number' ? raw['timeout'] : 0
  const ms = Math.min(timeoutMs.most, Math.max(timeoutMs.least, askedMs))
  if (askedMs > 0) http['timeout'] = `${ms}ms`
  const { timeout: _, ...rest } = raw
  const input: Raw = { ...rest, ...(channel === 'mail' && { recipients: 'to' }), http_config: http }

  const lacks: string[] = []
  let found = schema.safeParse(input)
  for (const issue of found.error?.issues ?? []) {
    if (issue.code !== 'unrecognized_keys') continue
    const owner = issue.path.reduce<Raw>((at, key) => at[String(key)] as Raw, input)
    for (const key of issue.keys) {
      delete owner[key]
      lacks.push([...issue.path, key].join('.'))
    }
  }
  if (lacks.length > 0) found = schema.safeParse(input)
  if (found.success)
    return {
      ok: true,
      settings: found.data,
      lacks: lacks.filter(key => key !== 'http_config'),
      ...(askedMs > 0 && ms !== askedMs && { timeout: { askedMs, ms } }),
    }
  return {
    ok: false,
    problems: found.error.issues.map(({ path, message }) => `${path.join('.') || 'it'}: wanted ${message}`),
  }
}

// Of a file whose content stands beside it, only certificates are read by ourselves.
const isRead = (key: string): boolean => key.endsWith('_file') && !/^(?:ca|cert|key)_file$/.test(key)

function unwrapped(value: unknown): unknown {
  if (value instanceof Secret) return value.reveal()
  if (Array.isArray(value)) return value.map(unwrapped)
  if (typeof value !== 'object' || value === null) return value
  if (isTree(value)) return plain(value)
  const entries = value instanceof Map ? [...value] : Object.entries(value)
  return Object.fromEntries(
    entries.flatMap(([key, each]) => {
      // What is empty there is as good as left out; only the mode of parsing and the page of a mail have a meaning then.
      const hasMeaning = key === 'parse_mode' || key === 'html'
      const isLeftOut = each === undefined || each === null || (each === '' && !hasMeaning)
      return isLeftOut || isRead(key) ? [] : [[key, unwrapped(each)]]
    }),
  )
}

const isTree = (value: object): value is Tree => 'kind' in value && 'place' in value
