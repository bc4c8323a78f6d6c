// What each language must be able to say of requests: why a draft is there, what a run came to, what was done to one.
// words-en.ts and words-zh.ts say it; words.ts chooses between them.
import type { Basis, Request, RequestFact } from '../request.ts'
import type { RunSummary } from './summary.ts'

export type Words = Readonly<{ title: string; text: string }>

export interface RequestWords {
  why(kind: Request['kind'], basis: Basis): string
  // Why a run took a draft back.
  notNeeded: string
  superseded(month: string): string
  run(summary: RunSummary): Words
  change(request: Request, fact: RequestFact): Words
}
