// What do the questions of a pool's advice come to: how busy, how many processes, which machines? A question that fails
// or answers with anything but one number is a reason and no number. Called by ../advice.ts each minute and by replay.ts.
import { Failure } from '#core/errors.ts'
import { evaluate } from '#promql/evaluate.ts'
import { parse } from '#promql/parse.ts'
import type { Source } from '#promql/source.ts'
import type { Answer, Value } from '#promql/value.ts'
import type { AdviceSettings } from '../pool.ts'
import type { Measured } from './hive.ts'
import type { Machine } from './placement.ts'

export type At = Readonly<{ source: Source; atMs: number; signal: AbortSignal }>

export async function measure({ busy, processes }: AdviceSettings, at: At): Promise<Measured> {
  const [busySeconds, count] = await Promise.all([one('busy', busy, at), one('processes', processes, at)])
  if (typeof busySeconds === 'string') return { missing: busySeconds }
  if (typeof count === 'string') return { missing: count }
  return { busySeconds, processes: count }
}

async function one(name: string, question: string, at: At): Promise<number | string> {
  try {
    const found = single((await ask(question, at)).value)
    return typeof found === 'number' ? found : `${name}: ${found}`
  } catch (error) {
    return `${name}: ${reasonOf(error)}`
  }
}

const ask = (question: string, { source, atMs, signal }: At): Promise<Answer> =>
  evaluate(parse(question), source, { atMs }, { signal })

// Only what is expected becomes a reason; a fault of ours goes on to whoever writes the log.
export function reasonOf(error: unknown): string {
  if (error instanceof Failure) return error.detail
  if (error instanceof Error && ['AbortError', 'TimeoutError'].includes(error.name)) return 'it took too long'
  throw error
}

function single(value: Value): number | string {
  if (value.kind === 'scalar') return value.value
  if (value.kind !== 'vector') return `wanted one number, found ${plainKinds[value.kind]}`
  if (value.series.length === 0) return 'nothing is measured'
  if (value.series.length === 1) return value.values[0] ?? Number.NaN
  return `wanted one number, found ${value.series.length} series: put sum(…) around it`
}

const plainKinds = { matrix: 'a range of them', string: 'a text' } as const

// A range of minutes at once, for replay: the value of each, or NaN.
export type Minutes = Readonly<{ fromMs: number; toMs: number; stepMs: number }>

export async function measureRange(
  question: string,
  { fromMs, toMs, stepMs }: Minutes,
  { source, signal }: Pick<At, 'source' | 'signal'>,
): Promise<Float64Array> {
  const range = { startMs: fromMs, endMs: toMs, stepMs }
  const { value } = await evaluate(parse(question), source, range, { signal })
  const column = new Float64Array(Math.floor((toMs - fromMs) / stepMs) + 1).fill(Number.NaN)
  const series = value.kind === 'matrix' ? value.series : []
  for (const { tMs, values } of series) {
    for (const [at, eachMs] of tMs.entries()) {
      const row = (eachMs - fromMs) / stepMs
      if (series.length > 1 && !Number.isNaN(column[row]))
        throw new Failure(
          'bad_query',
          `${question}: wanted one number at a time, found several: put sum(…) around it`,
        )
      column[row] = values[at] ?? Number.NaN
    }
  }
  return column
}

// Where processes may be put, and where they run; a reason where that cannot be told.
export async function measureMachines(
  { cores, placed, proxyLabel }: AdviceSettings,
  at: At,
): Promise<readonly Machine[] | string> {
  if (cores === undefined) return 'no machines are configured'
  try {
    const [machines, workers] = await Promise.all([
      rowsOf(cores, at),
      placed === undefined ? [] : rowsOf(placed, at),
    ])
    return machines.length === 0 ? 'cores: nothing is measured' : machinesOf(machines, workers, proxyLabel)
  } catch (error) {
    return reasonOf(error)
  }
}

type Row = Readonly<{ labels: Readonly<Record<string, string>>; value: number }>

async function rowsOf(question: string, at: At): Promise<Row[]> {
  const { value } = await ask(question, at)
  if (value.kind !== 'vector') throw new Failure('bad_query', `${question}: wanted a number for each host`)
  return value.series.map(({ labels }, row) => ({ labels, value: value.values[row] ?? Number.NaN }))
}

function machinesOf(
  machines: readonly Row[],
  placed: readonly Row[],
  proxyLabel: string | undefined,
): Machine[] {
  const found = new Map<string, { cores: number; proxies: Set<string>; workers: Map<string, number> }>()
  const proxyIn = (labels: Row['labels']): string =>
    proxyLabel === undefined ? '' : (labels[proxyLabel] ?? '')
  const at = ({ labels }: Row) => {
    const host = labels['host'] ?? ''
    const known = found.get(host) ?? { cores: Number.NaN, proxies: new Set(), workers: new Map() }
    found.set(host, known)
    return known
  }
  for (const row of machines) {
    const machine = at(row)
    // Said once for each proxy, it is still the same machine.
    machine.cores = Number.isNaN(machine.cores) ? row.value : Math.max(machine.cores, row.value)
    const proxy = proxyIn(row.labels)
    if (proxy !== '') machine.proxies.add(proxy)
  }
  for (const row of placed) {
    const count = Math.max(0, Math.round(row.value))
    if (!Number.isFinite(count)) continue
    const { workers } = at(row)
    const proxy = proxyIn(row.labels)
    workers.set(proxy, (workers.get(proxy) ?? 0) + count)
  }
  return [...found].map(([host, { cores, proxies, workers }]) => ({
    host,
    cores,
    proxies: [...proxies].sort(),
    workers,
  }))
}
