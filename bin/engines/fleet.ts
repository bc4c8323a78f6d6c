// The engines of a fleet, opened in their order: PostgreSQL for the state, Kafka for the bus, and the database of
// samples; of the last two, what this process' roles need. Called by ../engines.ts.
import { openKafkaBus } from '#core/bus/kafka.ts'
import type { Bus } from '#core/bus.ts'
import { realClock } from '#core/clock.ts'
import type { FleetEngines } from '#core/config/engines.ts'
import type { Config } from '#core/config.ts'
import { holdDataFolder } from '#core/data-folder.ts'
import { type DeadLetter, lettersInPortions } from '#core/dead-letter.ts'
import { Failure } from '#core/errors.ts'
import { openLog } from '#core/log.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import { SeriesTable } from '#core/series.ts'
import { openPostgresState } from '#core/state/postgres.ts'
import { openInfluxdbStore } from '#core/store/influxdb.ts'
import { openPrometheusStore } from '#core/store/prometheus.ts'
import type { Store } from '#core/store.ts'
import { everyRole, rolesNeed } from '../roles.ts'
import type { Around, Engines } from './engine-set.ts'
import { patiently } from './patience.ts'

type FleetConfig = Config & Readonly<{ engines: FleetEngines }>

export async function openFleet(config: FleetConfig, around: Around): Promise<Engines> {
  const { roles = everyRole, clock = realClock, own = openOwnMetrics(), log = openLog() } = around
  const told = { clock, own, log }
  const patience = { clock, log, givenUp: around.givenUp }
  await using opened = new AsyncDisposableStack()
  // Only the token for commands lies there, but two processes must not share it.
  opened.use(holdDataFolder(config.data))
  const table = new SeriesTable(config.limits.series)
  own.gauge('plimsoll_series_numbers').read(() => table.size)
  own.gauge('plimsoll_series_taken_ratio').read(() => table.taken)
  const state = await patiently(
    () => openPostgresState({ url: config.engines.state.postgres, clock, own }),
    patience,
  )
  opened.defer(() => state.close())
  const bus = rolesNeed(roles, 'bus')
    ? await patiently(() => openKafkaBus({ settings: config.engines.bus.kafka, table, ...told }), patience)
    : undefined
  opened.defer(() => bus?.close())
  const store = rolesNeed(roles, 'store')
    ? await openStore(config, { table, state, deadLetters: lettersBy(bus), ...told })
    : undefined
  opened.defer(() => store?.close())
  const life = opened.move()
  return {
    table,
    state,
    ...(bus === undefined ? {} : { bus }),
    ...(store === undefined ? {} : { store }),
    async backup() {
      throw new Failure('backup_elsewhere', 'the data lies in PostgreSQL and in the database of samples')
    },
    close: () => life.disposeAsync(),
    [Symbol.asyncDispose]: () => life.disposeAsync(),
  }
}

type DeadLetters = (letters: readonly DeadLetter[]) => Promise<void>
type StoreParts = Omit<Parameters<typeof openPrometheusStore>[0], 'settings' | 'keepMs' | 'samplesMax'>

function openStore(config: FleetConfig, parts: StoreParts): Promise<Store> {
  const { influxdb, prometheus } = config.engines.store
  const { samples } = config.limits.query
  if (influxdb !== undefined) return openInfluxdbStore({ settings: influxdb, maxSamples: samples, ...parts })
  if (prometheus === undefined) throw new Error('the schema let an empty engines.store pass')
  const { keepMs } = config.store
  return openPrometheusStore({ settings: prometheus, keepMs, samplesMax: samples, ...parts })
}

// Who writes to the store has the bus too.
const lettersBy =
  (bus: Bus | undefined): DeadLetters =>
  async letters => {
    if (bus === undefined) throw new Error('a process without a bus writes no samples')
    for (const portion of lettersInPortions(letters)) await bus.publish('deadletter', portion)
  }
