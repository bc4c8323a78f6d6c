// `capacity:` of plimsoll.yml → pools, and when and to whom their month is told. Called by bin/ with the schema of the
// whole file.
import { z } from 'zod'
import { text } from '#core/config/values.ts'
import type { Pool } from './pool.ts'
import { scheduleFault } from './schedule.ts'
import { pool, poolOf, shared } from './settings/pool.ts'
import { name } from './settings/values.ts'

export type CapacitySettings = Readonly<{
  // Cron, in the zone of the service.
  schedule: string
  // Receivers that are told of each month.
  planners: readonly string[]
  // A receiver that hears of each change of a request.
  tickets: string | undefined
  pools: readonly Pool[]
}>

const poolsMax = 50_000
const plannersMax = 20

// To be the key `capacity` of the configuration.
export const capacitySchema = z
  .strictObject({
    schedule: z
      .string({ error: scheduleFault('') })
      .superRefine((said, context) => {
        const wanted = scheduleFault(said)
        if (wanted !== undefined) context.addIssue({ code: 'custom', message: wanted })
      })
      .meta({ kind: 'cron' })
      .prefault('0 9 25 * *')
      .describe(
        "When each month's requests are drafted and reported, in `timezone`: cron, with a day of the month or a weekday, not both.",
      ),
    planners: z
      .union([text, z.array(text).max(plannersMax, { error: `at most ${plannersMax} receivers` })])
      .prefault([])
      .describe('Receivers that are told of it: a name or a list.'),
    tickets: text.optional().describe('A receiver, like a webhook, that hears of each change of a request.'),
    window: shared.window.prefault('60d'),
    method: shared.method.prefault('linear'),
    daily: shared.daily.prefault('peak'),
    parts: shared.parts.prefault(200),
    pools: z
      .record(name, pool)
      .refine(found => !Object.hasOwn(found, 'what-if'), {
        path: ['what-if'],
        error: 'another name: /capacity/what-if is a page of its own',
      })
      .refine(found => Object.keys(found).length <= poolsMax, { error: `at most ${poolsMax} pools` })
      .prefault({})
      .describe(
        'What is planned, by name: units of one kind, with what may run out. docs/capacity.md has its keys.',
      ),
  })
  .transform(
    ({ schedule, planners, tickets, pools, ...usual }): CapacitySettings => ({
      schedule,
      planners: [planners].flat(),
      tickets,
      pools: Object.entries(pools).map(([key, found]) => poolOf(key, found, usual)),
    }),
  )
