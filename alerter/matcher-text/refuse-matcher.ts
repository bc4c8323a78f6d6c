// How a text that is no matcher is refused. Called by both ways of reading matchers.
import { Failure } from '#core/errors.ts'

export function refuseMatcher(text: string, wanted: string): never {
  const shown = text.length > 80 ? `${text.slice(0, 79)}…` : text
  throw new Failure('bad_matcher', `wanted ${wanted}, found ${shown === '' ? 'nothing' : shown}`)
}
