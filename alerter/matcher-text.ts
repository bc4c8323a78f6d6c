// Text → matchers, as Alertmanager 0.27 and later read it: in the new way and, where that fails or means something else,
// in the old one. Called by the reader of its configuration and by the API of silences and alerts.
import { Failure } from '#core/errors.ts'
import type { Matcher } from '#core/model.ts'
import { type LabelMatcher, labelMatcher, matchersText, matcherText } from './matcher.ts'
import { readClassic, readOneClassic } from './matcher-text/classic.ts'
import { refuseMatcher } from './matcher-text/refuse-matcher.ts'
import { readUtf8 } from './matcher-text/utf8.ts'

// `doubt` says that the text is read in the old way, and how it is written so that both mean the same.
export type MatchersRead = Readonly<{ matchers: readonly LabelMatcher[]; doubt: string | undefined }>

// Far above a list of all hosts of a large fleet.
const lengthMax = 262_144

// Throws a Failure.
export const readMatchers = (text: string): MatchersRead => readEither(text, readUtf8, readClassic)

// One matcher without braces, as an argument of the API holds it: in the old way all that follows is its value.
export function readMatcher(text: string): LabelMatcher {
  if (text.startsWith('{') || text.endsWith('}')) return refuseMatcher(text, 'a matcher without { and }')
  const { matchers } = readEither(text, onlyOne, readOneClassic)
  return matchers[0]!
}

function onlyOne(text: string): Matcher[] {
  const found = readUtf8(text)
  return found.length === 1 ? found : refuseMatcher(text, 'one matcher')
}

type Read = (text: string) => Matcher[]

function readEither(text: string, newWay: Read, oldWay: Read): MatchersRead {
  if (text.length > lengthMax)
    throw new Failure('bad_matcher', `wanted at most ${lengthMax} characters, found ${text.length}`)
  const [now, before] = [attempt(newWay, text), attempt(oldWay, text)]
  if (Array.isArray(before) && !(Array.isArray(now) && areSame(now, before)))
    return { matchers: before, doubt: doubtOf(before, Array.isArray(now)) }
  // Wrong in both ways: the old one says what is wrong in plainer words.
  if (Array.isArray(now)) return { matchers: now, doubt: undefined }
  throw before
}

function attempt(read: Read, text: string): LabelMatcher[] | Failure {
  try {
    return read(text).map(labelMatcher)
  } catch (cause) {
    if (cause instanceof Failure) return cause
    throw cause
  }
}

const areSame = (a: readonly Matcher[], b: readonly Matcher[]): boolean => matchersText(a) === matchersText(b)

function doubtOf(matchers: readonly Matcher[], isAmbiguous: boolean): string {
  const form = matchers.map(matcherText).join(',')
  return isAmbiguous
    ? `the old and the new way of reading it differ, and the old one counts; for the same in both: ${form}`
    : `only the old way of reading it works; for the same in both: ${form}`
}
