// One pool as it is written, and what it is with what all pools share. Called by pool-settings.ts.
import { z } from 'zod'
import { count, tags, text } from '#core/config/values.ts'
import { labelsOf } from '#core/labels.ts'
import { methodNames, type PlannedEvent, type Pool, type Resource } from '../pool.ts'
import { advice } from './advice.ts'
import { resource, resourceOf } from './resource.ts'
import { amount, day, labelName, name, spare, wholeDays } from './values.ts'

const resourcesMax = 50
const byMax = 10
const eventsMax = 1_000

// What may be said of all pools and of each.
export const shared = {
  window: wholeDays('7d', '400d').describe('How many days a fit sees.'),
  method: z
    .enum([...methodNames, 'auto'])
    .describe('How it is forecast; `auto`: whatever did best in a back-test.'),
  daily: z
    .enum(['peak', 'p95', 'busy_hour'])
    .describe(
      'What of a day is its demand: its highest five minutes, its 95th percentile, its busiest hour.',
    ),
  parts: count(1, 10_000).describe(
    'How many parts of a pool are kept by themselves: those that were there first, then the largest. The others count for the whole only.',
  ),
}

const event = z
  .strictObject({
    name: name.describe('What it is called, like `double 11`.'),
    from: day.describe('The first day of it.'),
    to: day.optional().describe('The last day of it; left out: it has one day.'),
    factor: amount('a number above 0, at most 1000', value => value > 0 && value <= 1_000).describe(
      'By what demand is multiplied.',
    ),
  })
  .refine(({ from, to = from }) => to >= from, { path: ['to'], error: 'a day that is not before `from`' })
  .transform(
    ({ name, from, to = from, factor }): PlannedEvent => ({ name, fromDay: from, toDay: to, factor }),
  )

const cost = z
  .strictObject({
    per_unit: amount('a number from 0 up', value => value >= 0).describe('What a unit costs.'),
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/, { error: 'a currency of ISO 4217, like CNY' })
      .describe('Of what, like `CNY`.'),
  })
  .transform(({ per_unit, currency }) => ({ perUnit: per_unit, currency }))

// Of parts that differ in nothing else, `capacity_days_left` would be one series.
const taken = ['pool', 'resource', 'edge', 'finding']
const notTaken = { error: `another name: ${taken.join(', ')} are labels of what capacity writes itself` }

const written = z.strictObject({
  labels: tags
    .refine(found => !taken.some(each => Object.hasOwn(found, each)), notTaken)
    .prefault({})
    .describe('Whose it is and where: `owner`, `module`, `cluster` … They stand on all that goes out.'),
  unit: text.prefault('server').describe('What a unit is called.'),
  by: z
    .array(labelName.refine(found => !taken.includes(found), notTaken))
    .max(byMax, { error: `at most ${byMax} labels` })
    .prefault([])
    .describe('Labels by which it falls into parts: each is forecast by itself beside the whole.'),
  lead_time: wholeDays('0', '1095d').prefault('30d').describe('From an order to the day on which it serves.'),
  spare: spare.prefault('none').describe('What must stay unused beyond the waterline.'),
  cost: cost.optional().describe('What a unit costs.'),
  units: count(1, 1_000_000_000)
    .optional()
    .describe(
      'How many units there are, where nothing measures it. What requests deliver is added: do not add it here as well, or say `counted`.',
    ),
  counted: day
    .optional()
    .describe(
      'The day on which `units` were counted: deliveries before it are in that number already, and are not added again.',
    ),
  events: z
    .array(event)
    .max(eventsMax, { error: `at most ${eventsMax} events` })
    .prefault([])
    .describe('Promotions, past and to come.'),
  window: shared.window.optional(),
  method: shared.method.optional(),
  daily: shared.daily.optional(),
  parts: shared.parts.optional(),
  resources: z
    .record(name, resource)
    .refine(found => Object.keys(found).length > 0, { error: 'at least one resource' })
    .refine(found => Object.keys(found).length <= resourcesMax, {
      error: `at most ${resourcesMax} resources`,
    })
    .describe('What may run out, by name: cpu, memory, disk …'),
  advice: advice.optional().describe('Advice of the minute: how many processes there should be.'),
})

export const pool = written.transform((found, context) => {
  const refuse = (path: PropertyKey[], message: string): void =>
    context.addIssue({ code: 'custom', path, message })
  const { by, labels, spare: kept } = found
  const twice = by.find((each, at) => by.indexOf(each) < at || Object.hasOwn(labels, each))
  if (twice !== undefined) refuse(['by'], `labels that occur once, also not below \`labels\`: not ${twice}`)
  if (kept.kind === 'zone' && !by.includes('zone'))
    refuse(['spare'], 'N+1, or `zone` in `by` beside it: nobody knows the largest zone otherwise')
  if (found.counted !== undefined && found.units === undefined)
    refuse(['counted'], 'it beside `units`, which were counted on that day')
  const resources = Object.entries(found.resources).map(([key, each]) => {
    const read = resourceOf(key, each, found.units !== undefined)
    if (read === undefined)
      refuse(['resources', key], '`capacity`, or `unit_capacity` beside `units` here or in the pool')
    return read
  })
  return { ...found, resources: resources.filter(each => each !== undefined) }
})

export type WrittenPool = z.output<typeof pool>
export type Usual = Readonly<{
  window: number
  method: Pool['method']
  daily: Pool['daily']
  parts: number
}>

export const poolOf = (key: string, found: WrittenPool, usual: Usual): Pool => ({
  name: key,
  labels: labelsOf(Object.entries(found.labels)),
  unit: found.unit,
  resources: found.resources as [Resource, ...Resource[]],
  by: found.by,
  partsMax: found.parts ?? usual.parts,
  units: found.units,
  countedDay: found.counted,
  spare: found.spare,
  leadDays: found.lead_time,
  cost: found.cost,
  events: found.events,
  method: found.method ?? usual.method,
  daily: found.daily ?? usual.daily,
  windowDays: found.window ?? usual.window,
  advice: found.advice,
})
