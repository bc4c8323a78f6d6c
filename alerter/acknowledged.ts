// Who has taken over which incident, and since when, so that messages can say it: in memory, since a storm has no time to
// ask. Opened by bin/ for delivery; told of each fact that was written, and reads what other processes write.
import type { Clock, Timer } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import type { Log } from '#core/log.ts'
import type { State } from '#core/state.ts'
import { type AcknowledgedRow, oldestOpenMs, readAcknowledged } from './book/acknowledged.ts'
import { remember } from './delivery/remembered.ts'
import type { Fact } from './fact.ts'
import type { Message } from './message.ts'

export interface Acknowledgements {
  // The last one; an incident has a number of its own, so that nothing goes on to the next.
  of(incident: number): Message['acknowledged']
  // What was written by this process.
  hear(facts: readonly Fact[]): void
  // What others wrote lately, and this process while it had no alerter. Where that fails it is tried again.
  readAgain(): Promise<void>
  close(): Promise<void>
}

export type AcknowledgementsOptions = Readonly<{
  state: State
  clock: Clock
  log: Log
  // Other processes hear of acknowledgements too; theirs are seen within a second.
  isShared: boolean
}>

const mostKnown = 20_000
const readEachMs = 1_000
// So far the clocks of two machines may be apart.
const apartMs = 600_000

export async function openAcknowledgements(options: AcknowledgementsOptions): Promise<Acknowledgements> {
  const { state, clock, log, isShared } = options
  const known = remember<Omit<AcknowledgedRow, 'incident'>>(mostKnown)
  const take = ({ incident, by, atMs }: AcknowledgedRow): void => {
    if (atMs >= (known.get(String(incident))?.atMs ?? 0)) known.set(String(incident), { by, atMs })
  }
  const read = async (sinceMs: number): Promise<void> => {
    const rows = await readAcknowledged(state.db, { sinceMs, limit: mostKnown })
    rows.toReversed().forEach(take)
  }
  let timer: Timer | undefined
  let reading: Promise<void> = Promise.resolve()
  let isClosed = false
  const follow = (): void => {
    timer?.cancel()
    timer = clock.after(readEachMs, () => {
      reading = readAgain()
    })
  }
  const readAgain = async (): Promise<void> => {
    const isRead = await read(clock.nowMs() - apartMs).then(
      () => true,
      (error: unknown) => {
        if (!(error instanceof Failure)) throw error
        log.warn('alerter', 'cannot read what was acknowledged elsewhere', { error })
        return false
      },
    )
    if (!isClosed && (isShared || !isRead)) follow()
  }
  const sinceMs = await oldestOpenMs(state.db)
  if (sinceMs !== undefined) await read(sinceMs - apartMs)
  if (isShared) follow()
  return {
    of: incident => known.get(String(incident)),
    hear(facts) {
      for (const { kind, incident, who: by, atMs } of facts)
        if (kind === 'acknowledged' && incident !== null) take({ incident, by, atMs })
    },
    readAgain,
    async close() {
      isClosed = true
      timer?.cancel()
      await reading
    },
  }
}
