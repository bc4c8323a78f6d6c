// In which unit are the times of a request? The names that InfluxDB's writers use, and how each unit becomes
// milliseconds without passing through a number of 64 bits. Called by the scanner and the gateway.

export type Precision = 'ns' | 'us' | 'ms' | 's' | 'm' | 'h'

// A time is its digits without the last `drop`, times `times`.
export const units: Readonly<Record<Precision, Readonly<{ drop: number; times: number; perMs: number }>>> = {
  ns: { drop: 6, times: 1, perMs: 1e6 },
  us: { drop: 3, times: 1, perMs: 1e3 },
  ms: { drop: 0, times: 1, perMs: 1 },
  s: { drop: 0, times: 1e3, perMs: 1e-3 },
  m: { drop: 0, times: 6e4, perMs: 1 / 6e4 },
  h: { drop: 0, times: 36e5, perMs: 1 / 36e5 },
}

export const precisions = Object.keys(units) as readonly Precision[]

// `n`, `u` and `µ` are InfluxDB 1's; none is nanoseconds, as everywhere in InfluxDB.
export function precisionOf(text: string | undefined): Precision | undefined {
  if (text === undefined || text === '' || text === 'n') return 'ns'
  if (text === 'u' || text === 'µ' || text === 'µs') return 'us'
  return precisions.find(each => each === text)
}
