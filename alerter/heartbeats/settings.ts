// `heartbeats:` of plimsoll.yml: who must be heard of how often, and what is said when he is not. Called by bin/ with the
// schema of the whole file.
import { z } from 'zod'
import { duration, tags, text } from '#core/config/values.ts'
import { Failure } from '#core/errors.ts'
import type { LabelMatcher } from '../matcher.ts'
import { readMatchers } from '../matcher-text.ts'

export type Heartbeat = Readonly<{
  name: string
  everyMs: number
  graceMs: number
  // On its alerts.
  labels: Readonly<Record<string, string>>
  severity: string
  summary: string | undefined
  // A posted alert that all of them match is a beat.
  alert: readonly LabelMatcher[] | undefined
}>

export type AllHeartbeats = ReadonlyMap<string, Heartbeat>

const namesMax = 1_000

// Part of a path, and of a label.
const name = text.regex(/^[A-Za-z0-9][\w.-]{0,99}$/, { error: 'a name of letters, digits and . _ -' })

const matchers = z
  .union([text, z.array(text).min(1)])
  .meta({ kind: 'matchers' })
  .transform((found, context): readonly LabelMatcher[] => {
    try {
      const read = [found].flat().flatMap(each => readMatchers(each).matchers)
      if (read.length > 0) return read
    } catch (error) {
      if (!(error instanceof Failure)) throw error
    }
    context.addIssue({ code: 'custom', message: 'matchers like alertname="Watchdog"' })
    return z.NEVER
  })

const heartbeat = z.strictObject({
  every: duration({ atLeast: '1s', atMost: '366d' })
    .prefault('1d')
    .describe('How long it may be from one beat to the next.'),
  grace: duration({ atMost: '31d' }).prefault('10m').describe('How much later one may come.'),
  labels: tags.prefault({}).describe('Labels of its alerts, like `team: db`.'),
  severity: text.prefault('warn').describe('The label `severity` of its alerts.'),
  summary: text.optional().describe('What its alerts say; left out: who was not heard of.'),
  alert: matchers
    .optional()
    .describe(
      'Matchers like `alertname="Watchdog"`: a posted alert that meets them is a beat, and no alert. For another Prometheus\' alert that always fires.',
    ),
})

// To be the key `heartbeats` of the configuration.
export const heartbeatsSchema = z
  .record(name, heartbeat)
  .refine(found => Object.keys(found).length <= namesMax, { error: `at most ${namesMax} names` })
  .transform(
    (found): AllHeartbeats =>
      new Map(
        Object.entries(found).map(([key, { every, grace, summary, alert, ...rest }]) => [
          key,
          { name: key, everyMs: every, graceMs: grace, summary, alert, ...rest },
        ]),
      ),
  )
