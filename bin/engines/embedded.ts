// The engines of one machine, opened in their order: the hold on the data folder, the store and the state in it, and
// the bus of this process. Called by ../engines.ts.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { openMemoryBus } from '#core/bus/memory.ts'
import { realClock } from '#core/clock.ts'
import type { Config } from '#core/config.ts'
import { holdDataFolder } from '#core/data-folder.ts'
import { SeriesTable } from '#core/series.ts'
import { openSqliteState } from '#core/state/sqlite.ts'
import { openEmbeddedStore } from '#core/store/embedded.ts'
import { takeBackup } from '../backup.ts'
import { refuseHalfRestored } from '../restore.ts'
import { everyRole, rolesNeed } from '../roles.ts'
import type { Around, Engines } from './engine-set.ts'

export async function openEmbedded(config: Config, around: Around): Promise<Engines> {
  const { roles = everyRole, clock = realClock, own, log } = around
  await using opened = new AsyncDisposableStack()
  const folder = opened.use(holdDataFolder(config.data))
  refuseHalfRestored(folder.path)
  const table = new SeriesTable(config.limits.series)
  own?.gauge('plimsoll_series_numbers').read(() => table.size)
  own?.gauge('plimsoll_series_taken_ratio').read(() => table.taken)
  const hasStore = rolesNeed(roles, 'store')
  // The data folder itself may have been there before, open to others.
  if (hasStore) mkdirSync(join(folder.path, 'store'), { recursive: true, mode: 0o700 })
  // Both have a thread to start, so they start at once.
  const [store, state] = await openBoth(
    hasStore
      ? openEmbeddedStore({
          folder: join(folder.path, 'store'),
          table,
          clock,
          keepMs: config.store.keepMs,
          memoryBytes: config.store.memoryBytes,
          maxSamples: config.limits.query.samples,
          maxSeries: config.limits.query.series,
          ...(own === undefined ? {} : { own }),
          ...(log === undefined ? {} : { log }),
        })
      : none,
    openSqliteState({
      file: join(folder.path, 'state.sqlite'),
      clock,
      ...(own === undefined ? {} : { own }),
    }),
  )
  opened.defer(() => store?.close())
  opened.defer(() => state.close())
  const bus = openMemoryBus()
  opened.defer(() => bus.close())
  const life = opened.move()
  return {
    table,
    bus,
    ...(store === undefined ? {} : { store }),
    state,
    backup: into =>
      takeBackup(into, {
        data: folder.path,
        nowMs: clock.nowMs(),
        async fill(to) {
          mkdirSync(join(to, 'store'), { mode: 0o700 })
          await store?.backup(join(to, 'store'))
          await state.backup(join(to, 'state.sqlite'))
        },
      }),
    close: () => life.disposeAsync(),
    [Symbol.asyncDispose]: () => life.disposeAsync(),
  }
}

const none: Promise<undefined> = Promise.resolve(undefined)

// When one fails, the other is closed before anyone hears of it.
async function openBoth<A extends Closing, B extends Closing>(a: Promise<A>, b: Promise<B>): Promise<[A, B]> {
  const both = await Promise.allSettled([a, b])
  const [first, second] = both
  if (first.status === 'fulfilled' && second.status === 'fulfilled') return [first.value, second.value]
  for (const each of both) if (each.status === 'fulfilled') await each.value?.close()
  throw first.status === 'rejected' ? first.reason : (second as PromiseRejectedResult).reason
}

type Closing = Readonly<{ close(): Promise<void> }> | undefined
