// Notices on their way to the bus: written in the transaction of what they tell of, and taken out when the bus has them.
// Whoever is killed in between tells them again, by the same id. Called by requests.ts and the monthly job.
import type { Bus } from '#core/bus.ts'
import type { Clock, Timer } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import type { Log } from '#core/log.ts'
import type { Notice } from '#core/model.ts'
import { readSaved } from '#core/state/saved-json.ts'
import type { State } from '#core/state.ts'
import type { Transaction } from './rows.ts'

export type NoticeOutbox = Readonly<{
  // In the transaction of the deed.
  put(tx: Transaction, notices: readonly Notice[]): Promise<void>
  // Tells what waits, oldest first. What cannot be told just now waits on.
  tell(): Promise<void>
  close(): Promise<void>
}>

export type NoticeOutboxOptions = Readonly<{
  state: State
  bus: Pick<Bus, 'publish'>
  clock: Clock
  log: Log
}>

const pageMax = 100
const againMs = 30_000
// Of a process that was killed, another one tells what is left.
const lookMs = 60_000

export function openNoticeOutbox({ state, bus, clock, log }: NoticeOutboxOptions): NoticeOutbox {
  let telling: Promise<void> | undefined
  let timer: Timer | undefined
  let isClosed = false

  async function put(tx: Transaction, notices: readonly Notice[]): Promise<void> {
    if (notices.length === 0) return
    const { highest } = await tx
      .selectFrom('capacity_notices')
      .select(({ fn }) => fn.max('seq').as('highest'))
      .executeTakeFirstOrThrow()
    const rows = notices.map((each, at) => ({
      id: each.id,
      seq: (highest ?? 0) + 1 + at,
      notice: JSON.stringify(each),
    }))
    await tx
      .insertInto('capacity_notices')
      .values(rows)
      .onConflict(on => on.column('id').doNothing())
      .execute()
  }

  async function tellAll(): Promise<void> {
    for (;;) {
      const rows = await state.db
        .selectFrom('capacity_notices')
        .selectAll()
        .orderBy('seq')
        .limit(pageMax)
        .execute()
      if (rows.length === 0 || isClosed) return
      await bus.publish('notices', rows.map(read))
      const ids = rows.map(({ id }) => id)
      // The other way round, a process that is killed here would have told nobody.
      await state.write([state.db.deleteFrom('capacity_notices').where('id', 'in', ids)])
    }
  }

  async function tell(): Promise<number> {
    try {
      await tellAll()
      return lookMs
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      log.warn('capacity', 'notices of requests wait: they cannot be told just now', { error })
      return againMs
    }
  }
  // One at a time: whoever comes meanwhile wants what he has just written told too.
  async function tellOnce(): Promise<void> {
    const mine = (telling ?? Promise.resolve()).then(async () => {
      timer?.cancel()
      const waitMs = await tell()
      if (!isClosed) timer = clock.after(waitMs, () => void tellOnce())
    })
    telling = mine
    await mine
  }
  return {
    put,
    tell: tellOnce,
    async close() {
      isClosed = true
      timer?.cancel()
      await telling
    },
  }
}

const read = ({ id, notice }: Readonly<{ id: string; notice: string }>): Notice =>
  readSaved<Notice>(notice, {
    at: `notice ${id}`,
    wanted: 'a notice',
    isWhole: found => typeof found?.id === 'string',
  })
