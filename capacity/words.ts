// What this room says to people, in each language: what a finding means and what to do about it, the states of requests,
// methods, headings. What one language lacks does not compile. Called by whoever writes for people: reports, requests,
// notices.
import type { Language } from '#core/http/language.ts'
import type { FindingKind } from './forecast.ts'
import type { LinePlan } from './plan.ts'
import type { MethodName } from './pool.ts'
import type { Request, RequestState } from './request.ts'
import { en } from './words/en.ts'
import { type FindingWords, findings } from './words/findings.ts'
import { causes, kinds, methods, sources, states } from './words/names.ts'
import { zh } from './words/zh.ts'

export type Words = typeof en

const all: Readonly<Record<Language, Words>> = { en, zh }

export const wordsOf = (language: Language): Words => all[language]

export const findingWords = (kind: FindingKind, language: Language): FindingWords => findings[kind][language]
export const stateText = (state: RequestState, language: Language): string => states[state][language]
export const kindText = (kind: Request['kind'], language: Language): string => kinds[kind][language]
export const sourceText = (source: Request['source'], language: Language): string => sources[source][language]
export const methodText = (method: MethodName | 'auto', language: Language): string =>
  methods[method][language]
export const causeText = (why: NonNullable<LinePlan['why']>, language: Language): string =>
  causes[why][language]
