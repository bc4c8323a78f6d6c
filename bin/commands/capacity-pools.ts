// `plimsoll capacity pools`: how full every pool is, when it will be, and what it needs. Called by run.ts.
import { shown } from '#core/shown.ts'
import type { PlanJson, PoolLine } from '../../capacity/api/plan-json.ts'
import { poolsPath, poolsText } from '../capacity-view.ts'
import { type Command, Stop } from '../command.ts'
import { paintFor } from '../paint.ts'
import { askPlan } from '../plan-ask.ts'

export const command: Command = async call => {
  const { args, text, on, io } = call
  const plan = (await askPlan(call, ask => ask.send('GET', poolsPath))) as PlanJson
  const pools = plan.pools.filter(pool => args.every(each => fits(pool, each)))
  const { by } = text
  if (on.has('json')) io.out(`${JSON.stringify({ ...plan, pools }, null, 2)}\n`)
  else if (pools.length === 0) io.err(plan.pools.length === 0 ? none : 'No pool has these labels.\n')
  else
    io.out(
      by === undefined ? poolsText(pools, { paint: paintFor(io) }) : groupedText(pools, by, paintFor(io)),
    )
  return 0
}

const none = 'There are no pools: `capacity` in the configuration names them.\n'

function fits({ name, labels }: PoolLine, matcher: string): boolean {
  const [, label = '', value = ''] = /^([^=]+)=(.*)$/s.exec(matcher) ?? []
  if (label === '') throw new Stop(`wanted a label and its value like owner=payments, found ${matcher}`, 2)
  return (label === 'pool' ? name : labels[label]) === value
}

type Paint = ReturnType<typeof paintFor>

function groupedText(pools: readonly PoolLine[], by: string, paint: Paint): string {
  const groups = Map.groupBy(pools, ({ labels }) => labels[by] ?? '')
  return [...groups]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([value, own]) =>
        `${paint('bold', shown(`${by}: ${value === '' ? 'none' : value}`))}\n${poolsText(own, { paint })}`,
    )
    .join('\n')
}
