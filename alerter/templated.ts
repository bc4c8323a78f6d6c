// Settings that are templates (`title`, `channel`, `details` …): which there are, and the settings again with what became
// of them for one message. Called by the folders in channels/; delivery renders what it finds here.
import { Secret } from '#core/secret.ts'
import type { Around, Verdict } from './channel.ts'
import { scrubbed } from './http-channel.ts'

export const isTemplate = (text: string): boolean => text.includes('{{')

// Thrown where a template should have said where a message goes: no words of ours can stand in for that, and what the
// template looks like is no place. Says nothing of what is in it.
export class NoPlace extends Error {}

export const onOneLine = (text: string): string => text.replace(/[\p{Cc}\s]+/gu, ' ').trim()

// An address, a number, a key: as it is written, or what its template became for this message, on one line.
export function placeText(name: string, written: string, { texts = {} }: Pick<Around, 'texts'>): string {
  if (!isTemplate(written)) return written
  const made = onOneLine(texts[name] ?? '')
  if (made === '') throw new NoPlace(`${name} is a template, which gave nothing for this message`)
  return made
}

// What a template made of a secret is not among the settings, whose secrets are left out of reasons anyway.
export function hiding(name: string, verdict: Verdict, { texts = {} }: Around): Verdict {
  const made = onOneLine(texts[name] ?? '')
  if (made === '' || !('reason' in verdict)) return verdict
  return { ...verdict, reason: scrubbed(verdict.reason, new Secret(made)) }
}

// By names like `title` or `fields.0.value`.
export function templatesOf<S extends object>(settings: S, keys: readonly (keyof S & string)[]) {
  const found: Record<string, string> = {}
  for (const key of keys) {
    walk(settings[key], key, (text, name) => {
      if (isTemplate(text)) found[name] = text
      return text
    })
  }
  return found
}

// A template that nobody could render is left out: our own words are better than its braces.
export function filled<S extends object>(
  settings: S,
  keys: readonly (keyof S & string)[],
  { texts = {} }: Around,
): S {
  const entries = keys.map(key => [
    key,
    walk(settings[key], key, (text, name) => texts[name] ?? (isTemplate(text) ? undefined : text)),
  ])
  return { ...settings, ...Object.fromEntries(entries) }
}

type Change = (text: string, name: string) => string | undefined

function walk(value: unknown, name: string, change: Change): unknown {
  if (typeof value === 'string') return change(value, name)
  if (Array.isArray(value)) return value.map((each, nth) => walk(each, `${name}.${nth}`, change))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, walk(each, `${name}.${key}`, change)]),
  )
}
