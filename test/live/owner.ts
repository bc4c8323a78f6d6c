// A dummy that owns `turn` when it can, and writes a row with its epoch every 100 ms: started by lease.test.ts, by
// plain Node, with the address of the state and its name. It tells a line of JSON for everything that happens to it.
import { realClock } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import { openLeases } from '#core/lease/leases.ts'
import type { Lease } from '#core/lease.ts'
import { openLog } from '#core/log.ts'
import { askedToStop } from '#core/run.ts'
import { openPostgresState } from '#core/state/postgres.ts'
import { endsWithParent } from './ends-with-parent.ts'
import { type Marked, markMigrations } from './marks.ts'

endsWithParent()
const [url, name] = process.argv.slice(2)
if (url === undefined || name === undefined) throw new Error('wanted the URL of the state and a name')

const tell = (what: string, more: object = {}): void =>
  console.log(JSON.stringify({ what, atMs: realClock.nowMs(), ...more }))

const state = await openPostgresState({ url, migrations: markMigrations })
const leases = openLeases({
  state,
  owner: name,
  clock: realClock,
  log: openLog({ write: line => process.stderr.write(line) }),
})
const mark = (epoch: number) =>
  (state.db as unknown as Marked)
    .insertInto('marks')
    .values({ owner: name, epoch, written: realClock.nowMs() })

const failed = (error: unknown): void => {
  if (!(error instanceof Failure)) throw error
  if (error.code === 'lease_lost') tell('refused')
}

let current: Lease | undefined
leases.campaign('turn', async (lease, signal) => {
  tell('owns', { epoch: lease.epoch })
  current = lease
  signal.addEventListener('abort', () =>
    tell('ends', { epoch: lease.epoch, why: (signal.reason as Failure).code }),
  )
  while (!signal.aborted) {
    // Not waited for: what hangs has others behind it.
    lease.write([mark(lease.epoch)]).catch(failed)
    await realClock.sleep(100, signal)
  }
})

// Falls asleep in the middle of a transaction, with all that it holds.
process.on('SIGUSR2', () => {
  current
    ?.transaction(async tx => {
      await (tx as unknown as Marked)
        .insertInto('marks')
        .values({ owner: name, epoch: -1, written: 0 })
        .execute()
      tell('sleeps')
      process.kill(process.pid, 'SIGSTOP')
      await realClock.sleep(1)
    })
    .then(() => tell('committed'), failed)
})

tell('ready')
const { signal } = askedToStop()
await signal
await leases.close()
tell('closed')
await state.close()
