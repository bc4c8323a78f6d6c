// What may be asked of requests, and what may be sent about one: fields, bounds and what each means. Called by
// request-routes.ts.
import { z } from 'zod'
import { languages } from '#core/http/language.ts'
import { texts } from '#core/http/parameters.ts'
import { readDay } from '../days.ts'
import { requestStates } from '../request.ts'
import { textMax } from '../requests/life.ts'

const dayText = z.string().transform((text, context) => {
  const day = readDay(text)
  if (day !== undefined) return day
  context.addIssue({ code: 'custom', message: 'a day like 2026-12-31' })
  return z.NEVER
})
const whole = z.number().int().min(1)
const part = z.record(z.string().max(1_000), z.string().max(1_000))
const why = z
  .string()
  .max(textMax)
  .default('')
  .describe('The reason; wanted where something is refused or edited.')
const version = whole.describe('The version that you saw; another one is refused, and the answer shows it.')
const due = dayText.optional().describe('The day on which it comes or goes.')

const language = z
  .enum(languages)
  .optional()
  .describe("Of what a run says why it wants something; left out: the reader's.")
export const story = z.object({ language })

export const asked = z.object({
  month: z.string().optional().describe('Those for this month, like 2026-12.'),
  state: texts(`One of ${requestStates.join(', ')}; said again, any of them.`),
  pool: z.string().optional().describe('Those of this pool.'),
  below: z.coerce.number().int().min(1).optional().describe('Those with a lower number: the next page.'),
  language,
  limit: z.coerce.number().int().min(1).max(10_000).default(1_000).describe('The newest so many.'),
})

export const own = z.strictObject({
  pool: z.string().describe('The pool that it is for.'),
  part: part.default({}).describe('The part of it, like {"zone": "a"}; left out: the whole.'),
  kind: z.enum(['expand', 'reclaim']).default('expand').describe('More units, or some to give back.'),
  units: whole.describe('How many.'),
  application: z.string().max(1_000).optional().describe('What it is for.'),
  month: z.string().optional().describe('Like 2026-12; left out: the next one.'),
  needed: dayText.describe('The day on which it must serve.'),
  why: z.string().max(textMax).default('').describe('What for, for whoever approves it.'),
})
export const edited = z.strictObject({
  ...{ version, why },
  units: whole.optional().describe('How many instead.'),
  needed: dayText.optional().describe('The day on which it must serve.'),
  due: dayText.nullable().optional().describe('The day on which it comes or goes; null: not known.'),
  text: z.string().max(textMax).optional().describe('What stands in the request as its reason.'),
  pool: z
    .string()
    .optional()
    .describe('To which it is carried over; only what is of a pool that is planned no more.'),
})
export const acted = z.strictObject({
  ...{ version, why, due },
  act: z
    .enum(['submit', 'approve', 'reject', 'reopen', 'order', 'deliver', 'correct', 'close', 'withdraw'])
    .describe('What is done to it.'),
  units: z
    .number()
    .int()
    .min(0)
    .optional()
    .describe(
      'Of a delivery: how many came; left out: all that were missing. Of `correct`: how many have come in all.',
    ),
})
export const pieces = z.strictObject({
  ...{ version, why },
  pieces: z
    .array(z.strictObject({ units: whole, part: part.optional() }))
    .describe('Together as many as before; the first keeps the number. `part` narrows a piece, to a zone.'),
})
export const merged = z.strictObject({
  ...{ version, why },
  into: whole.describe("The number of the month's request."),
  into_version: whole.describe('The version of that one.'),
})
