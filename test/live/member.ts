// A process that takes part in `crew` and tells a line of JSON for each list that it hears: started by lease.test.ts, by
// plain Node, with the address of the state and its name.
import { realClock } from '#core/clock.ts'
import { openLeases } from '#core/lease/leases.ts'
import { openLog } from '#core/log.ts'
import { askedToStop } from '#core/run.ts'
import { openPostgresState } from '#core/state/postgres.ts'
import { endsWithParent } from './ends-with-parent.ts'
import { markMigrations } from './marks.ts'

endsWithParent()
const [url, name] = process.argv.slice(2)
if (url === undefined || name === undefined) throw new Error('wanted the URL of the state and a name')

const tell = (what: string, more: object = {}): void =>
  console.log(JSON.stringify({ what, atMs: realClock.nowMs(), ...more }))

const state = await openPostgresState({ url, migrations: markMigrations })
const log = openLog({ write: line => process.stderr.write(line) })
const leases = openLeases({ state, owner: name, clock: realClock, log })
leases.members('crew', name, names => tell('hears', { names }))

tell('ready')
const { signal } = askedToStop()
await signal
await leases.close()
tell('closed')
await state.close()
log.flush()
