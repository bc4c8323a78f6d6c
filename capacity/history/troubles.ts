// What went wrong with the questions of each pool last, until it goes well again: they fail, or answer with more parts than
// have lines of their own; and which failures are those of a question, which others are not to blame for. Written by the
// recorder, shown by the routes of the history.
import { type ErrorCode, Failure } from '#core/errors.ts'
import type { Track } from '../history.ts'
import type { Pool } from '../pool.ts'

type Question = Readonly<{
  pool: string
  resource: string
  track: Track
  // Of the last five minutes, or of a day that is over.
  when: 'now' | 'past'
}>

// It has no answer, or one with too many parts.
export type Trouble = Question & Readonly<{ about: 'answer' | 'parts'; atMs: number; text: string }>

export interface Troubles {
  failed(question: Question, atMs: number, text: string): void
  // So many parts have no line of their own.
  answered(question: Question, atMs: number, of: Readonly<{ pool: Pool; left: number }>): void
  list(): readonly Trouble[]
}

// Only of pools that there are: so many at most.
export function openTroubles(): Troubles {
  const all = new Map<string, Trouble>()
  const keyOf = ({ pool, resource, track, when }: Question, about: Trouble['about']): string =>
    JSON.stringify([pool, resource, track, when, about])
  return {
    failed: (question, atMs, text) =>
      void all.set(keyOf(question, 'answer'), { ...question, about: 'answer', atMs, text }),
    answered(question, atMs, { pool: { by, partsMax }, left }) {
      all.delete(keyOf(question, 'answer'))
      const key = keyOf(question, 'parts')
      const text = `${left} more parts by ${by.join(', ')} than ${partsMax}: the smallest count for the whole only`
      if (left === 0) all.delete(key)
      else all.set(key, { ...question, about: 'parts', atMs, text })
    },
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
