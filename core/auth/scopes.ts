// Scopes as they lie in the state: a JSON list of text. Called by users, tokens and invitations.
import { type Scope, scopes } from '../model.ts'

export const scopesText = (some: readonly Scope[]): string =>
  JSON.stringify(scopes.filter(each => some.includes(each)))

// A scope that only a newer version knows opens nothing here.
export function scopesOf(text: string): readonly Scope[] {
  const found: unknown = JSON.parse(text)
  return Array.isArray(found) ? scopes.filter(each => found.includes(each)) : []
}
