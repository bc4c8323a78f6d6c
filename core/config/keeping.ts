// The parts of the configuration that say how long what is kept. Called by schema.ts.
import { z } from 'zod'
import { duration, size } from './values.ts'

// As in schema.ts: a running process does not follow them.
const atStart = (description: string) => ({ description, restart: true })

export const store = z
  .strictObject({
    keep: duration({ atLeast: '1d' })
      .prefault('400d')
      .meta(atStart('How long samples are kept. What is older is deleted by whole days.')),
    memory: size({ atLeast: '32MB', atMost: '1TiB' })
      .prefault('128MB')
      .meta(atStart('What the embedded store may take for its own work.')),
  })
  .describe('Where samples rest.')
  .transform(({ keep, memory }) => ({ keepMs: keep, memoryBytes: memory }))

export const keep = z
  .strictObject({
    silences: duration({ atMost: '100y' }).prefault('120h').meta(atStart('Silences that have ended.')),
    facts: duration({ atLeast: '1h', atMost: '100y' })
      .prefault('400d')
      .meta(
        atStart(
          'Who was told what, and why somebody was not; incidents that are over. A time in which nothing happened counts as an eighth of this at most, so that a clock that is years ahead takes no more than that.',
        ),
      ),
    audit: duration({ atLeast: '30d', atMost: '100y' })
      .prefault('400d')
      .meta(atStart('Who changed what: users, tokens, silences, requests for capacity.')),
  })
  .describe('How long it can be looked up what is over.')
  .transform(({ silences, facts, audit }) => ({ silencesMs: silences, factsMs: facts, auditMs: audit }))
