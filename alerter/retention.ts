// How long can it be looked up who was told what? Facts and incidents that are older are forgotten each hour. Opened by the
// alerter.
import { openRetention, type Retention, type RetentionOptions } from '#core/retention.ts'
import type { State } from '#core/state.ts'
import type { AlerterBook } from './book.ts'

export type { Retention } from '#core/retention.ts'

type Options = Pick<RetentionOptions, 'clock' | 'log'> &
  Readonly<{ book: AlerterBook; factsKeptMs?: number; write?: State['write'] | undefined }>

const usuallyKeptMs = 400 * 86_400_000

export const openFactRetention = (options: Options): Retention => {
  const { book, clock, log, factsKeptMs: keptMs = usuallyKeptMs, write } = options
  return openRetention({
    ...{ clock, log, keptMs, room: 'alerter', eachMs: 3_600_000 },
    forget: () => book.forget({ nowMs: clock.nowMs(), keptMs }, write),
  })
}
