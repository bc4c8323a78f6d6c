// What requests say to people, in the language of the installation: why a draft is there, what a run came to, what was
// done to a request. words-en.ts and words-zh.ts say it. Called by requests.ts and notices.ts.

import type { LinePlan } from '../plan.ts'
import type { Basis, Request, RequestFact } from '../request.ts'
import type { RunSummary } from './summary.ts'
import { en } from './words-en.ts'
import { zh } from './words-zh.ts'

export type WhyAsked = Readonly<{
  kind: Request['kind']
  basis: Basis
  resourceUnit: string
  // Those that need most.
  parts: readonly LinePlan[]
}>

export type Words = Readonly<{ title: string; text: string }>

export interface RequestWords {
  why(asked: WhyAsked): string
  // Why a run takes a draft back.
  notNeeded: string
  superseded(month: string): string
  run(summary: RunSummary): Words
  change(request: Request, fact: RequestFact): Words
}

export const requestWords = (language: 'en' | 'zh'): RequestWords => (language === 'zh' ? zh : en)
