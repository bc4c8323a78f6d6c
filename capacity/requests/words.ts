// What requests say to people, each in his language: what somebody typed stays as it is, and what a run knew is made into
// sentences when it is shown. Called by whoever shows requests: json.ts, notices.ts, reports.
import type { Language } from '#core/http/language.ts'
import type { Request, RequestFact } from '../request.ts'
import type { TakenBack } from './redraft.ts'
import { en } from './words-en.ts'
import type { RequestWords } from './words-tongue.ts'
import { zh } from './words-zh.ts'

const all: Readonly<Record<Language, RequestWords>> = { en, zh }

export const requestWords = (language: Language): RequestWords => all[language]

// What runs of older versions wrote is a sentence already.
export function whyText({ why, kind, basis }: Request, language: Language): string {
  return why !== '' || basis === null ? why : all[language].why(kind, basis)
}

export function factWhyText({ why, details }: RequestFact, language: Language): string {
  const { reason } = details as Readonly<{ reason?: TakenBack }>
  if (why !== '' || reason === undefined) return why
  const { notNeeded, superseded } = all[language]
  return reason.kind === 'superseded' ? superseded(reason.month) : notNeeded
}
