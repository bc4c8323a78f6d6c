// What people and ticket systems are told of requests. Ids are made of what is told, so that the same is told once however
// often it is said. Pure; called by book.ts and runs.ts in the transaction of the deed.
import type { Notice } from '#core/model.ts'
import type { Request, RequestFact } from '../request.ts'
import { factJson, requestJson } from './json.ts'
import type { Run } from './runs.ts'
import type { RequestWords } from './words.ts'

export type Told = Readonly<{
  planners: readonly string[]
  tickets: string | undefined
  words: RequestWords
}>

const path = '/capacity'

// One for the ticket system too: a month of drafts would be a flood, and drafts are nobody's word yet.
export function runNotices(
  { id, madeAtMs: atMs, summary }: Pick<Run, 'id' | 'madeAtMs' | 'summary'>,
  { planners, tickets, words }: Told,
): readonly Notice[] {
  const { title, text } = words.run(summary)
  const receivers = new Set([...planners, ...(tickets === undefined ? [] : [tickets])])
  return [...receivers].map(receiver => ({
    ...{ v: 1, id: `capacity/run/${id}/${receiver}`, atMs, receiver, title, text, path },
    ...{ urgency: 'normal', picture: null },
    data: { kind: 'capacity_run', key: `capacity/run/${id}`, run: id, summary },
  }))
}

export function changeNotices(
  request: Request,
  fact: RequestFact,
  { tickets, words }: Told,
): readonly Notice[] {
  if (tickets === undefined) return []
  const { title, text } = words.change(request, fact)
  const key = `capacity/request/${fact.id}`
  return [
    {
      ...{ v: 1, id: key, atMs: fact.atMs, receiver: tickets, title, text, path },
      ...{ urgency: 'low', picture: null },
      data: { kind: 'capacity_request', key, request: requestJson(request), fact: factJson(fact) },
    },
  ]
}
