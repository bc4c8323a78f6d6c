// `plimsoll capacity explain`: every number of one pool, and what it was made of. Called by run.ts.
import type { PoolJson } from '../../capacity/api/plan-json.ts'
import { poolsPath } from '../capacity-view.ts'
import type { Command } from '../command.ts'
import { explainText } from '../explain-view.ts'
import { paintFor } from '../paint.ts'
import { askPlan } from '../plan-ask.ts'
import { supposed, withQuery } from './capacity-forecast.ts'

export const command: Command = async call => {
  const { args, on, io } = call
  const path = `${poolsPath}/${encodeURIComponent(args[0] ?? '')}`
  const pool = (await askPlan(call, ask => ask.send('GET', withQuery(path, supposed(call))))) as PoolJson
  if (on.has('json')) io.out(`${JSON.stringify(pool, null, 2)}\n`)
  else io.out(explainText(pool, { paint: paintFor(io), columns: io.columns }))
  return 0
}
