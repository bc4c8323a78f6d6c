// Did two servers compute the same? Answers of Prometheus' API side by side: the same series, the same times, numbers
// within a billionth. Called by promql-peers.ts, which would otherwise compare how long different things take.
type Point = readonly [time: number, value: string]
type Row = Readonly<{ metric: Readonly<Record<string, string>>; value?: Point; values?: readonly Point[] }>
export type Answered = Readonly<{
  status: string
  error?: string
  data: Readonly<{
    resultType: string
    result: readonly Row[] | Point
    stats?: Readonly<{ timings: Readonly<Record<string, number>> }>
  }>
}>

const tolerance = 1e-9

// The first difference in words, or nothing.
export function difference(ours: Answered, theirs: Answered): string | undefined {
  if (ours.status !== 'success' || theirs.status !== 'success') {
    return `ours: ${ours.error ?? 'good'}; theirs: ${theirs.error ?? 'good'}`
  }
  const [here, there] = [rowsOf(ours), rowsOf(theirs)]
  if (here.size !== there.size) return `${here.size} series here, ${there.size} there`
  for (const [key, points] of here) {
    const others = there.get(key)
    if (others === undefined) return `${key} is only here`
    if (points.length !== others.length) return `${key}: ${points.length} points here, ${others.length} there`
    for (const [at, [time, value]] of points.entries()) {
      const [otherTime, otherValue] = others[at]!
      if (time !== otherTime || !isNear(number(value), number(otherValue))) {
        return `${key}: ${value} at ${time} here, ${otherValue} at ${otherTime} there`
      }
    }
  }
  return undefined
}

export const seriesIn = (answer: Answered): number => rowsOf(answer).size

function rowsOf({ data: { result, resultType } }: Answered): Map<string, readonly Point[]> {
  if (resultType === 'scalar' || resultType === 'string') return new Map([['', [result as Point]]])
  return new Map(
    (result as readonly Row[]).map(({ metric, value, values }) => [
      JSON.stringify(Object.entries(metric).sort(([a], [b]) => (a < b ? -1 : 1))),
      values ?? [value!],
    ]),
  )
}

const number = (text: string): number => Number(text.replace('Inf', 'Infinity'))

function isNear(a: number, b: number): boolean {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) && Number.isNaN(b)
  return a === b || Math.abs(a - b) <= tolerance * Math.max(Math.abs(a), Math.abs(b))
}
