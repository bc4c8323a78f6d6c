// What a file in Prometheus' test language asks for, once it has been read: plain data, made by read.ts and carried
// out by run-file.ts.
import type { Series } from '#core/model.ts'
import type { SeriesLine } from '#promql/series-line.ts'

// `lacking` are series of native histograms and the like, which this service does not keep: what looks at them is
// skipped. `problems` are lines that could not be read.
export type Load = Readonly<{
  kind: 'load'
  line: number
  stepMs: number
  series: readonly SeriesLine[]
  lacking: readonly Series[]
  problems: readonly Problem[]
}>

export type Clear = Readonly<{ kind: 'clear'; line: number }>

export type Expectation = 'fail' | 'warn' | 'info' | 'no_warn' | 'no_info' | 'ordered'

export type When = Readonly<{ atMs: number }> | Readonly<{ startMs: number; endMs: number; stepMs: number }>

export type Eval = Readonly<{
  kind: 'eval'
  line: number
  text: string
  when: When
  expects: ReadonlySet<Expectation>
  // Of an instant that asks for a window: the times of the points expected.
  window: Readonly<{ startMs: number; stepMs: number; endMs: number }> | undefined
  string: string | undefined
  scalar: number | undefined
  series: readonly SeriesLine[]
  // Why the case cannot be asked of this service at all.
  skip: string | undefined
}>

export type Problem = Readonly<{ kind: 'problem'; line: number; what: string }>

export type Command = Load | Clear | Eval | Problem
