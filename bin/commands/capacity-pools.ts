// `plimsoll capacity pools`: how full every pool is, when it will be, and what it needs; of one that falls into parts by
// the label that is asked for, each part. Called by run.ts.
import { shown } from '#core/shown.ts'
import type { PlanJson, PoolWithParts } from '../../capacity/api/plan-json.ts'
import type { PartLine, PoolLine } from '../../capacity/api/pool-line.ts'
import { partText } from '../../capacity/requests/part.ts'
import { poolsPath, poolsText } from '../capacity-view.ts'
import { type Command, Stop } from '../command.ts'
import { paintFor } from '../paint.ts'
import { askPlan } from '../plan-ask.ts'
import { withQuery } from './capacity-forecast.ts'

export const command: Command = async call => {
  const { args, text, on, io } = call
  const { by } = text
  const wanted = args.map(matcherOf)
  const names = [...wanted.map(({ label }) => label).filter(each => each !== 'pool'), ...(by ? [by] : [])]
  const asked = [...new Set(names)].map(name => ['by', name] as const)
  const plan = (await askPlan(call, ask => ask.send('GET', withQuery(poolsPath, asked)))) as PlanJson
  const pools = plan.pools.flatMap(rowsOf).filter(row => wanted.every(each => fits(row, each)))
  const paint = paintFor(io)
  if (on.has('json')) io.out(`${JSON.stringify({ ...plan, pools }, null, 2)}\n`)
  else if (pools.length === 0) io.err(plan.pools.length === 0 ? none : 'No pool has these labels.\n')
  else io.out(by === undefined ? rowsText(pools, paint) : groupedText(pools, by, paint))
  return 0
}

const none = 'There are no pools: `capacity` in the configuration names them.\n'

type Matcher = Readonly<{ label: string; value: string }>

function matcherOf(written: string): Matcher {
  const [, label = '', value = ''] = /^([^=]+)=(.*)$/s.exec(written) ?? []
  if (label === '') throw new Stop(`wanted a label and its value like owner=payments, found ${written}`, 2)
  return { label, value }
}

// A pool, or a part of one with the labels of both.
type Row = PoolLine & Readonly<{ part?: PartLine['part'] }>

const rowsOf = ({ parts = [], ...pool }: PoolWithParts): readonly Row[] =>
  parts.length === 0
    ? [pool]
    : parts.map(each => ({ ...pool, ...each, labels: { ...pool.labels, ...each.part } }))

const fits = ({ name, labels }: Row, { label, value }: Matcher): boolean =>
  (label === 'pool' ? name : labels[label]) === value

type Paint = ReturnType<typeof paintFor>

const rowsText = (rows: readonly Row[], paint: Paint): string =>
  poolsText(
    rows.map(row => (row.part === undefined ? row : { ...row, name: `${row.name} ${partText(row.part)}` })),
    { paint },
  )

function groupedText(rows: readonly Row[], by: string, paint: Paint): string {
  const groups = Map.groupBy(rows, ({ labels }) => labels[by] ?? '')
  return [...groups]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([value, own]) =>
        `${paint('bold', shown(`${by}: ${value === '' ? 'none' : value}`))}\n${rowsText(own, paint)}`,
    )
    .join('\n')
}
