// The cookies that a browser sent, by name. Called by the door, and by core/auth for the session.

export function cookiesOf(header: string | undefined): Readonly<Record<string, string>> {
  const cookies: Record<string, string> = Object.create(null)
  for (const pair of header?.split(';') ?? []) {
    const at = pair.indexOf('=')
    if (at === -1) continue
    const name = pair.slice(0, at).trim()
    // Of two with one name, browsers send the more specific one first.
    cookies[name] ??= pair.slice(at + 1).trim()
  }
  return cookies
}
