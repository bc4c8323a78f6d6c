// What a process has opened to do its roles: the one thing that both sizes hand over. Made by embedded.ts and fleet.ts.
import type { Bus } from '#core/bus.ts'
import type { Clock } from '#core/clock.ts'
import type { Log } from '#core/log.ts'
import type { OwnMetrics } from '#core/own-metrics.ts'
import type { SeriesTable } from '#core/series.ts'
import type { State } from '#core/state.ts'
import type { EmbeddedStore } from '#core/store/embedded.ts'
import type { Store } from '#core/store.ts'
import type { Backup } from '../backup.ts'
import type { Roles } from '../roles.ts'

export type Engines = AsyncDisposable &
  Readonly<{
    table: SeriesTable
    state: State
    // Where a role needs it. An embedded store also says how large it is.
    bus?: Bus
    store?: Store & Partial<Pick<EmbeddedStore, 'size'>>
    backup(folder: string): Promise<Backup>
    close(): Promise<void>
  }>

// What is told while they run; commands that only need them for a moment leave it out.
export type Around = Readonly<{
  roles?: Roles
  clock?: Clock
  own?: OwnMetrics
  log?: Log
  // Aborted when nobody waits for them any more.
  givenUp?: AbortSignal | undefined
}>
