// What the rule of the minute wants to know of a pool, as it is written. Called by pool.ts.
import { z } from 'zod'
import { count, duration, text } from '#core/config/values.ts'
import type { AdviceSettings } from '../pool.ts'
import { labelName, positive, question, share } from './values.ts'

const processesMax = 1_000_000

const written = z.strictObject({
  busy: question.describe(
    'Seconds of handling within the last minute: `sum(increase(handling_seconds_sum[1m]))`.',
  ),
  processes: question.describe('How many processes there are.'),
  concurrency: positive().prefault(1).describe('Requests that a process handles at a time.'),
  share: share.prefault('60%').describe('Above this share of what processes could spend, more are advised.'),
  shrink_share: share.prefault('30%').describe('Below this share, fewer are advised.'),
  grow_after: duration({ atMost: '1d' }).prefault('1m').describe('How long it must be so before growth.'),
  shrink_after: duration({ atMost: '31d' })
    .prefault('10m')
    .describe('How long it must be so before there are fewer.'),
  steps: z
    .array(count(1, processesMax))
    .min(1, { error: 'at least one step' })
    .max(100, { error: 'at most 100 steps' })
    .prefault([1, 2, 4, 8])
    .describe('How many processes more at a time: the first growth, the second …'),
  least: count(0, processesMax).prefault(1).describe('No fewer processes than this.'),
  most: count(1, processesMax).prefault(100).describe('No more processes than this.'),
  cores: question.optional().describe('Cores of each machine that may have some, with a label `host`.'),
  placed: question
    .optional()
    .describe('How many processes each machine has, with a label `host` and that of `proxy_label`.'),
  proxy_label: labelName.optional().describe('The label of `placed` that names the proxy of a worker.'),
  webhook: text.optional().describe('A receiver, like a webhook, that hears of advice and may follow it.'),
})

export const advice = written
  .refine(({ share, shrink_share: below }) => below < share, {
    path: ['shrink_share'],
    error: 'less than `share`',
  })
  .refine(({ least, most }) => least <= most, { path: ['least'], error: 'no more than `most`' })
  .transform(
    ({ shrink_share, grow_after, shrink_after, cores, placed, proxy_label, webhook, ...rest }) =>
      ({
        ...rest,
        shrinkShare: shrink_share,
        growAfterMs: grow_after,
        shrinkAfterMs: shrink_after,
        cores,
        placed,
        proxyLabel: proxy_label,
        webhook,
      }) satisfies AdviceSettings as AdviceSettings,
  )
