// `plimsoll capacity forecast`: what pools will need, as it is or as somebody supposes. Called by run.ts.
import type { PlanJson } from '../../capacity/api/plan-json.ts'
import { poolsPath, poolsText } from '../capacity-view.ts'
import type { Call, Command } from '../command.ts'
import { paintFor } from '../paint.ts'
import { askPlan } from '../plan-ask.ts'

export const command: Command = async call => {
  const { args, on, io } = call
  const asked = [...supposed(call), ...args.map(name => ['pool', name] as const)]
  const plan = (await askPlan(call, ask => ask.send('GET', withQuery(poolsPath, asked)))) as PlanJson
  if (on.has('json')) io.out(`${JSON.stringify(plan, null, 2)}\n`)
  else if (plan.pools.length === 0)
    io.err('There are no pools: `capacity` in the configuration names them.\n')
  else io.out(poolsText(plan.pools, { paint: paintFor(io) }))
  return 0
}

export type Said = readonly (readonly [string, string])[]

// Flags of what-if, as the address takes them.
export function supposed({ text, lists }: Pick<Call, 'text' | 'lists'>): Said {
  const single = (['growth', 'waterline', 'lead-time'] as const).flatMap(flag => {
    const value = text[flag]
    return value === undefined ? [] : [[flag.replace('-', '_'), value] as const]
  })
  const many = (['event', 'unit-capacity'] as const).flatMap(flag =>
    (lists[flag] ?? []).map(value => [flag.replace('-', '_'), value] as const),
  )
  return [...single, ...many]
}

export const withQuery = (path: string, asked: Said): string =>
  asked.length === 0
    ? path
    : `${path}?${new URLSearchParams(asked.map(([name, value]): [string, string] => [name, value]))}`
