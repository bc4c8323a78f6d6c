// Settings that are templates (`title`, `channel`, `details` …): which there are, and the settings again with what became
// of them for one message. Called by the folders in channels/; delivery renders what it finds here.
import type { Around } from './channel.ts'

const isTemplate = (text: string): boolean => text.includes('{{')

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
