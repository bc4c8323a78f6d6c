// The keys of the configuration that belong to the rules: which files, what ships with the service, whom else to tell,
// and when a host counts as silent. Called by schema.ts.
import { z } from 'zod'
import { duration, tags, text, url } from './values.ts'

// As in schema.ts: a running process does not follow them.
const atStart = (description: string) => ({ description, restart: true })

// A pack is known by the name of its file in rules/packs; that it exists is checked where the files are read.
export const ruleKeys = {
  rules: z
    .array(text)
    .prefault([])
    .describe(
      'Rule files of Prometheus, as paths or patterns like `rules.d/*.yml`. Relative ones begin at the folder of the file that names them.',
    ),
  packs: z
    .union([z.boolean(), z.array(text)])
    .prefault(true)
    .describe(
      'The rules that come with the service: all of them, none, or those of these packs, whose names are in `rules/packs`.',
    ),
  external_labels: tags
    .prefault({})
    .describe('Labels that every alert gets when it leaves for another system, like `cluster: north`.'),
  forward: z
    .array(url)
    .prefault([])
    .meta(atStart('Alertmanagers that hear of every alert too, like `http://127.0.0.1:9093`.')),
  agents: z
    .strictObject({
      silent_after: duration({ atLeast: '1s', atMost: '1d' })
        .prefault('30s')
        .meta(
          atStart(
            'A host that has sent nothing for so long, and for two and a half of its usual pauses, is silent: `agent_up` becomes 0.',
          ),
        ),
      forget_after: duration({ atLeast: '1m', atMost: '400d' })
        .prefault('7d')
        .meta(atStart('A host that has been silent for so long is no longer missed.')),
      expected: z
        .array(text)
        .prefault([])
        .describe('Hosts that must send (their label `host`), so that one that never spoke is missed too.'),
    })
    .prefault({})
    .describe('The hosts that send samples.')
    .refine(each => each.silent_after <= each.forget_after, {
      path: ['forget_after'],
      error: 'no less than silent_after',
    })
    .transform(({ silent_after, forget_after, expected }) => ({
      silentMs: silent_after,
      forgetMs: forget_after,
      expected,
    })),
} as const
