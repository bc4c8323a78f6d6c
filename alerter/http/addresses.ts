// Addresses as URLs, each read once: a storm sends ten thousand messages to one. Called by post.ts and delivery/exit.ts.
import { madeOnce } from '#core/made-once.ts'

const knownMax = 1_000

// Nothing: it is none. Nobody changes what he gets.
export const addressOf: (text: string) => Readonly<URL> | undefined = madeOnce(
  knownMax,
  text => URL.parse(text) ?? undefined,
)
