// Addresses as URLs, each read once: a storm sends ten thousand messages to one. Called by post.ts and delivery/exit.ts.
const known = new Map<string, URL>()
const knownMax = 1_000

// Nothing: it is none. Nobody changes what he gets.
export function addressOf(text: string): Readonly<URL> | undefined {
  const found = known.get(text)
  if (found !== undefined) return found
  const made = URL.parse(text)
  if (made === null) return undefined
  if (known.size >= knownMax) known.clear()
  known.set(text, made)
  return made
}
