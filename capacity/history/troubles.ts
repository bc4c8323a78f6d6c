// What went wrong with the questions of each pool last, until it goes well again; and which failures are those of a
// question, which others are not to blame for. Written by the recorder, shown by the routes of the history.
import { type ErrorCode, Failure } from '#core/errors.ts'
import type { Track } from '../history.ts'

type Question = Readonly<{
  pool: string
  resource: string
  track: Track
  // Of the last five minutes, or of a day that is over.
  when: 'now' | 'past'
}>

export type Trouble = Question & Readonly<{ atMs: number; text: string }>

export interface Troubles {
  note(trouble: Trouble): void
  clear(question: Question): void
  list(): readonly Trouble[]
}

// Only of pools that there are: so many at most.
export function openTroubles(): Troubles {
  const all = new Map<string, Trouble>()
  const keyOf = ({ pool, resource, track, when }: Question): string =>
    JSON.stringify([pool, resource, track, when])
  return {
    note: trouble => void all.set(keyOf(trouble), trouble),
    clear: question => void all.delete(keyOf(question)),
    list: () => [...all.values()],
  }
}

const ofQuestions: ReadonlySet<ErrorCode> = new Set([
  'bad_query',
  'bad_pattern',
  'query_failed',
  'query_timeout',
  'too_many_samples',
  'too_many_steps',
] as const)

// Others fail for every pool: a store that is away.
export const isOfQuestion = (error: unknown): error is Failure =>
  error instanceof Failure && ofQuestions.has(error.code)
