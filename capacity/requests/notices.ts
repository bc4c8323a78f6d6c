// What people and ticket systems are told of requests. Ids are made of what is told, so that the same is told once however
// often it is said. Pure; called by book.ts and runs.ts in the transaction of the deed.
import type { Language } from '#core/http/language.ts'
import type { Notice } from '#core/model.ts'
import type { Request, RequestFact } from '../request.ts'
import { factJson, requestJson } from './json.ts'
import { summaryJson } from './run-json.ts'
import type { RunSummary } from './summary.ts'
import { requestWords } from './words.ts'

export type Told = Readonly<{
  planners: readonly string[]
  tickets: string | undefined
  // Of the service.
  language: Language
}>

const path = '/capacity'

// One for the ticket system too: a month of drafts would be a flood, and drafts are nobody's word yet.
export function runNotices(
  { id, madeAtMs: atMs, summary }: Readonly<{ id: string; madeAtMs: number; summary: RunSummary }>,
  { planners, tickets, language }: Told,
): readonly Notice[] {
  const { title, text } = requestWords(language).run(summary)
  const receivers = new Set([...planners, ...(tickets === undefined ? [] : [tickets])])
  return [...receivers].map(receiver => ({
    ...{ v: 1, id: `capacity/run/${id}/${receiver}`, atMs, receiver, title, text, path },
    ...{ urgency: 'normal', picture: null },
    data: { kind: 'capacity_run', key: `capacity/run/${id}`, run: id, summary: summaryJson(summary) },
  }))
}

export function changeNotices(
  request: Request,
  fact: RequestFact,
  { tickets, language }: Told,
): readonly Notice[] {
  if (tickets === undefined) return []
  const { title, text } = requestWords(language).change(request, fact)
  const key = `capacity/request/${fact.id}`
  return [
    {
      ...{ v: 1, id: key, atMs: fact.atMs, receiver: tickets, title, text, path },
      ...{ urgency: 'low', picture: null },
      data: {
        kind: 'capacity_request',
        key,
        request: requestJson(request, language),
        fact: factJson(fact, language),
      },
    },
  ]
}
