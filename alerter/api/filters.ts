// Which alerts and silences a caller wants to see. Called by the routes of /api/v2.
import { Failure } from '#core/errors.ts'
import { patternTest, stepsOf } from '#core/pattern.ts'
import type { LabelMatcher } from '../matcher.ts'
import { readMatcher } from '../matcher-text.ts'
import { refuseText } from './refusal.ts'

// Of all regular expressions together, since they are read anew each time.
const stepsMax = 70_000

// Each holds one matcher.
export function filtersOf(said: readonly string[]): readonly LabelMatcher[] {
  const matchers: LabelMatcher[] = []
  let steps = 0
  for (const each of said) {
    const matcher = readMatcher(each)
    matchers.push(matcher)
    if (isRegex(matcher)) steps += stepsOf(matcher.value)
    if (steps > stepsMax)
      throw refuseText(
        400,
        `the regular expressions come to more than ${stepsMax} steps with what they repeat`,
      )
  }
  return matchers
}

const isRegex = ({ op }: LabelMatcher): boolean => op === '=~' || op === '!~'

export function receiverFilter(said: string | undefined): (receiver: string) => boolean {
  if (said === undefined) return () => true
  try {
    return patternTest(said)
  } catch (cause) {
    if (!(cause instanceof Failure)) throw cause
    throw refuseText(400, `failed to parse receiver param: ${cause.detail}`)
  }
}
