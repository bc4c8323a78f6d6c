// What a fake of a service is: settings that lead to it, an answer as the service would give, and how the service would
// read what it was sent. Each file beside this is one; channels.contract.ts goes through all.
import type { Asked, Reply } from './serve.ts'

// What people would see: whom it calls by name, where its links lead, and markup that is neither.
export type Reading = Readonly<{
  calls: readonly string[]
  links: readonly string[]
  markup: readonly string[]
}>

export type Fake = Readonly<{
  // Of the configuration; `key` is the secret part.
  settings(origin: string, key: string): Record<string, unknown>
  // Further settings that call somebody, and how that is read.
  at?: Readonly<{ settings: Record<string, unknown>; calls: readonly string[] }>
  // Where there are limits, `nowMs` counts.
  answer(asked: Asked, nowMs: number): Reply
  read(asked: Asked): Reading
  // What somebody reads where that is not the body itself; nothing where no link may be in it.
  shown?(asked: Asked): string | undefined
  // A good status is all it says; any body is fine.
  silent?: true
  // It tells later whether a message arrived.
  takes?: 'accepted'
}>

// So many in any window of so long; the one after that is too much.
export function limiter(times: number, perMs: number): (nowMs: number) => boolean {
  let seen: number[] = []
  return nowMs => {
    seen = seen.filter(each => each > nowMs - perMs)
    seen.push(nowMs)
    return seen.length > times
  }
}

// Anything, so that fakes can look into what was sent.
// biome-ignore lint/suspicious/noExplicitAny: what comes from outside has no type here
export type Loose = any

export const jsonOf = ({ text }: Asked): Loose => JSON.parse(text)

export const key = 'S3cret-Key-0123456789'

export const nothing: Reading = { calls: [], links: [], markup: [] }

export const found = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map(each => each[1] ?? each[0])

// Links of Markdown that has no escapes, or whose escapes were taken out before.
export const markdownLinks = (text: string): string[] => found(text, /\[[^\]\n]*\]\(\s*([^)\n]*)\)/g)

// Takes out what a backslash makes harmless.
export const unescaped = (text: string): string => text.replace(/\\[!-/:-@[-`{-~]/g, '·')
