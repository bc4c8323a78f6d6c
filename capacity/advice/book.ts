// What is known of each pool with advice from one minute to the next, in the state: so a restart neither forgets how long
// a pool has leaned nor says the same again, and any process can show it. Called by ../advice.ts and the routes.
import { Failure } from '#core/errors.ts'
import type { Log } from '#core/log.ts'
import { inSizes } from '#core/state/in-sizes.ts'
import { readSaved } from '#core/state/saved-json.ts'
import type { State } from '#core/state.ts'
import type { Kept } from './judged.ts'

type Statement = Parameters<State['write']>[0][number]

export interface AdviceBook {
  // By pool. What cannot be read is told and begun anew.
  read(): Promise<Map<string, Kept>>
  saving(kept: ReadonlyMap<string, Kept>): Statement[]
  forgetting(pools: readonly string[]): Statement[]
}

export function openAdviceBook({ db }: Pick<State, 'db'>, log: Log): AdviceBook {
  const save = inSizes(many =>
    db
      .insertInto('capacity_advice')
      .values(many({ pool: '', kept: '' }))
      .onConflict(on => on.column('pool').doUpdateSet(row => ({ kept: row.ref('excluded.kept') }))),
  )
  const forget = inSizes(many => db.deleteFrom('capacity_advice').where('pool', 'in', many('')))
  return {
    async read() {
      const rows = await db.selectFrom('capacity_advice').select(['pool', 'kept']).orderBy('pool').execute()
      return new Map(
        rows.flatMap(({ pool, kept }) => {
          const found = readKept(pool, kept, log)
          return found === undefined ? [] : [[pool, found] as const]
        }),
      )
    },
    saving: kept => save([...kept].map(([pool, each]) => [pool, JSON.stringify(each)])),
    forgetting: pools => forget(pools.map(each => [each])),
  }
}

function readKept(pool: string, text: string, log: Log): Kept | undefined {
  try {
    return readSaved<Kept>(text, {
      at: `advice of pool ${pool}`,
      wanted: 'what is known of it',
      isWhole: ({ hive, judged, isTold }) =>
        isObject(hive) && isObject(judged) && judged?.pool === pool && typeof isTold === 'boolean',
    })
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    log.warn('capacity', 'the saved advice of a pool cannot be read, and begins anew', { pool, error })
    return undefined
  }
}

const isObject = (found: unknown): boolean => typeof found === 'object' && found !== null
