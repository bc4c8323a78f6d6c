// The keys of the configuration about telling people: who is told of what and how, and what must be heard of in time so
// that it is known that this works. Called by schema.ts.
import { z } from 'zod'
import { duration, secret, text } from './values.ts'

const time = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error: 'a time of day like 09:00' })
  .meta({ kind: 'time of day' })

const watched = z
  .strictObject({
    every: duration({ atLeast: '1m', atMost: '31d' })
      .prefault('1d')
      .describe('How often a test message is sent.'),
    at: time.optional().describe('When in the day, of `timezone`, where `every` is a number of whole days.'),
    within: duration({ atLeast: '5s', atMost: '1d' })
      .prefault('2m')
      .describe('How long the service may take to accept it.'),
  })
  .refine(({ every, at }) => at === undefined || every % 86_400_000 === 0, {
    path: ['at'],
    error: 'it beside an `every` of whole days only',
  })
  .transform(({ every, at, within }) => ({ everyMs: every, at, withinMs: within }))

const watchdog = z
  .strictObject({
    canary: z
      .boolean()
      .optional()
      .describe(
        'Whether a sample of the agent must come out of the rules as an alert, again and again, which nobody is told of. Left out: where one process with an agent does everything.',
      ),
    within: duration({ atLeast: '1s', atMost: '1d' })
      .prefault('1m')
      .describe('How long that may take before it is missed.'),
    tell: z
      .array(text)
      .prefault([])
      .describe(
        'Who is told when something is missing: names of receivers, which hear of it directly and not by bus, state or outbox.',
      ),
    receivers: z
      .record(z.string(), watched)
      .prefault({})
      .describe('Receivers that get test messages, to prove that they can be reached.'),
    ping: secret
      .refine(value => URL.canParse(value.reveal()) && /^https?:/.test(value.reveal()), {
        error: 'an address that begins with http:// or https://',
      })
      .optional()
      .describe(
        "An address that is asked for each minute as long as nothing is missing: a dead man's switch elsewhere, or a heartbeat of another Plimsoll.",
      ),
  })
  .describe('Watches whether alerts would arrive.')
  .transform(({ within, receivers, ...rest }) => ({
    ...rest,
    withinMs: within,
    receivers: new Map(Object.entries(receivers)),
  }))

// Of the alerter's own.
type Rooms = Readonly<{ channels: z.ZodType; heartbeats: z.ZodType }>

export const tellingKeys = ({ channels, heartbeats }: Rooms) => ({
  alertmanager: z
    .union([text, z.record(z.string(), z.unknown())])
    .optional()
    .describe(
      'Who is told of what: the path of an Alertmanager configuration file, or its contents. Left out: the channel `default`, or the only one there is, is told of everything.',
    ),
  channels: channels
    .prefault({})
    .describe(
      'Ways to tell people, by the names that routes call receivers: a service with its settings, `failover` with names of others in their order, or `all`.',
    ),
  watchdog: watchdog.prefault({}),
  heartbeats: heartbeats
    .prefault({})
    .describe(
      'Others that must be heard of again and again, by their names: jobs, or another monitoring. Silence of one is an alert.',
    ),
})
