// What the operator says of an answer: its status, a field of it, or words in it. Read by index.ts, held against an answer
// by judge.ts.
import { z } from 'zod'
import { count, text } from '#core/config/values.ts'
import { patternSearch } from '#core/pattern.ts'

const pattern = text.refine(
  written => {
    try {
      patternSearch(written)
      return true
    } catch {
      return false
    }
  },
  { error: 'a regular expression of RE2' },
)

// All that are stated must hold.
export const answerTest = z.strictObject({
  status: z.array(count(100, 599)).min(1).optional().describe('One of these.'),
  json: text.optional().describe('A field of the JSON in the answer: `data.code`, `messages[0].status`.'),
  equals: z.union([z.string(), z.number(), z.boolean()]).optional().describe('What that field holds.'),
  match: pattern
    .optional()
    .describe('A regular expression of RE2 that finds something in that field, or in the answer.'),
})
export type AnswerTest = z.output<typeof answerTest>
