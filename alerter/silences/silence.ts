// What a silence is, and what may become of it: Alertmanager's rules for making, changing and ending one. Pure; the
// texts of refusals are Alertmanager's, since its clients show them. Called by silences.ts.
import { Failure } from '#core/errors.ts'
import type { Matcher } from '#core/model.ts'
import { stepsOf } from '#core/pattern.ts'
import { quote } from '#promql/string-literal.ts'
import { labelMatcher } from '../matcher.ts'

export type Silence = Readonly<{
  id: string
  // All of them must hold.
  matchers: readonly Matcher[]
  startsAtMs: number
  endsAtMs: number
  updatedAtMs: number
  createdBy: string
  comment: string
}>

// As somebody wants it; the id is empty for a new one.
export type WantedSilence = Omit<Silence, 'updatedAtMs'>

export type SilenceState = 'pending' | 'active' | 'expired'

export function silenceState({ startsAtMs, endsAtMs }: Silence, nowMs: number): SilenceState {
  if (nowMs < startsAtMs) return 'pending'
  return nowMs < endsAtMs ? 'active' : 'expired'
}

export const isSilencing = ({ startsAtMs, endsAtMs }: Silence, nowMs: number): boolean =>
  startsAtMs <= nowMs && nowMs < endsAtMs

// Regular expressions are read when it is made and at each start, and held in memory while it is kept.
const matchersMax = 100
const stepsMax = 70_000

export const stepsOfSilence = ({ matchers }: Pick<Silence, 'matchers'>): number =>
  matchers.reduce((sum, { op, value }) => sum + (op === '=~' || op === '!~' ? stepsOf(value) : 0), 0)

// As Alertmanager's `--silences.max-silence-size-bytes`, which limits nothing until it is set.
const charactersMax = 262_144

export const charactersOfSilence = ({ matchers, createdBy, comment }: WantedSilence | Silence): number =>
  matchers.reduce(
    (sum, { name, value }) => sum + name.length + value.length,
    createdBy.length + comment.length,
  )

// Throws a Failure.
export function judgeSilence(wanted: WantedSilence, nowMs: number): void {
  const { matchers, startsAtMs, endsAtMs } = wanted
  if (startsAtMs >= endsAtMs) throw refuse('Failed to create silence: start time must be before end time')
  if (endsAtMs < nowMs) throw refuse("Failed to create silence: end time can't be in the past")
  if (matchers.length === 0) throw refuse('invalid silence: at least one matcher required')
  if (matchers.length > matchersMax)
    throw refuse(`invalid silence: found ${matchers.length} matchers, wanted at most ${matchersMax}`)
  const characters = charactersOfSilence(wanted)
  if (characters > charactersMax)
    throw refuse(`silence exceeded maximum size: ${characters} characters (limit: ${charactersMax})`)
  const steps = stepsOfSilence({ matchers })
  if (steps > stepsMax)
    throw refuse(
      `invalid silence: its regular expressions come to ${steps} steps with what they repeat written out, wanted at most ${stepsMax}`,
    )
  const isEmpty = matchers.map(takesNothing)
  if (!isEmpty.includes(false))
    throw refuse('invalid silence: at least one matcher must not match the empty string')
}

const refuse = (what: string): Failure => new Failure('bad_request', what)

// Whether a label that is absent fulfils it. As in Alertmanager, what is negative asks for something.
function takesNothing(matcher: Matcher, nth: number): boolean {
  const lead = `invalid silence: invalid label matcher ${nth}: `
  if (matcher.name === '') throw refuse(`${lead}invalid label name ""`)
  try {
    const isPositive = matcher.op === '=' || matcher.op === '=~'
    return labelMatcher(matcher).matches({}) && isPositive
  } catch (cause) {
    if (!(cause instanceof Failure)) throw cause
    throw refuse(`${lead}invalid regular expression ${quote(matcher.value)}: ${cause.detail}`)
  }
}

// What is to be written: the silence, and the one before it, ended, where it could not simply be changed.
export type SilencePlan = Readonly<{ silence: Silence; ended: Silence | undefined }>

// What was silenced yesterday stays written as it was: with other matchers, or another start once it has begun, the old
// one ends and a new one takes its place.
export function planSilence(
  wanted: WantedSilence,
  before: Silence | undefined,
  { nowMs, newId }: Readonly<{ nowMs: number; newId: () => string }>,
): SilencePlan {
  if (before !== undefined && canChange(before, wanted, nowMs))
    return { silence: { ...wanted, updatedAtMs: nowMs }, ended: undefined }
  const startsAtMs = Math.max(wanted.startsAtMs, nowMs)
  return {
    silence: { ...wanted, id: newId(), startsAtMs, updatedAtMs: nowMs },
    ended: before && endSilence(before, nowMs),
  }
}

function canChange(before: Silence, wanted: WantedSilence, nowMs: number): boolean {
  if (!areSame(before.matchers, wanted.matchers)) return false
  const state = silenceState(before, nowMs)
  if (state === 'pending') return wanted.startsAtMs >= nowMs
  // Clients show and send seconds.
  const isSameStart = secondOf(before.startsAtMs) === secondOf(wanted.startsAtMs)
  return state === 'active' && isSameStart && wanted.endsAtMs >= nowMs
}

const secondOf = (ms: number): number => Math.floor(ms / 1_000)

const areSame = (some: readonly Matcher[], others: readonly Matcher[]): boolean =>
  some.length === others.length &&
  some.every(({ name, op, value }, at) => {
    const other = others[at]!
    return other.name === name && other.op === op && other.value === value
  })

// Nothing where it is over already.
export function endSilence(silence: Silence, nowMs: number): Silence | undefined {
  const state = silenceState(silence, nowMs)
  if (state === 'expired') return undefined
  const startsAtMs = state === 'pending' ? nowMs : silence.startsAtMs
  return { ...silence, startsAtMs, endsAtMs: nowMs, updatedAtMs: nowMs }
}
