// Which alerts and silences a caller wants to see. Called by the routes of /api/v2.
import { Failure } from '#core/errors.ts'
import { patternTest } from '#core/pattern.ts'
import type { LabelMatcher } from '../matcher.ts'
import { readMatcher } from '../matcher-text.ts'
import { refuseText } from './refusal.ts'

// Each holds one matcher.
export const filtersOf = (said: readonly string[]): readonly LabelMatcher[] => said.map(readMatcher)

export function receiverFilter(said: string | undefined): (receiver: string) => boolean {
  if (said === undefined) return () => true
  try {
    return patternTest(said)
  } catch (cause) {
    if (!(cause instanceof Failure)) throw cause
    throw refuseText(400, `failed to parse receiver param: ${cause.detail}`)
  }
}
