// Are these the settings that were there before? A short text that is another one where anything in them is, secrets
// included, which cannot be read from it. Called by http/pools.ts and by delivery.
import { createHash } from 'node:crypto'
import { Secret } from '#core/secret.ts'

const known = new WeakMap<object, string>()

export function settingsDigest(settings: unknown): string {
  if (typeof settings !== 'object' || settings === null) return hash(JSON.stringify(settings ?? null))
  const before = known.get(settings)
  if (before !== undefined) return before
  const text = JSON.stringify(settings, function (this: Record<string, unknown>, key, value: unknown) {
    const own = this[key]
    return own instanceof Secret ? `secret ${hash(own.reveal())}` : value
  })
  const made = hash(text)
  known.set(settings, made)
  return made
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 24)
