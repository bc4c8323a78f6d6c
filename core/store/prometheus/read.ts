// What is asked of the store, as questions to the query API: raw samples by range selectors, names and values by the
// lists beside it. Called by ../prometheus.ts.
import { Failure } from '../../errors.ts'
import { keyOf, labelNamesOf, labelsOf, labelValue, metricName } from '../../labels.ts'
import { matches } from '../../matchers.ts'
import type { Matcher, Sample, Series } from '../../model.ts'
import type { Range, SeriesSamples } from '../../store.ts'
import { type Ask, type Form, OverLimit } from './ask.ts'
import { MatrixReader } from './matrix.ts'
import { type Dialect, dialects, isClassic, selector } from './selector.ts'

// Of a range that the database will not look at as a whole, no smaller parts are asked for.
const partMinMs = 3_600_000
// What last() looks at first, and how much further back each time.
const firstLookMs = 5 * 60_000
const furtherLook = 6
// Up to the end of the year 9999.
const latestMs = 253_402_300_799_999

// What was found out about the database.
type Known = { dialect: Dialect | undefined }

export class Reader {
  readonly #ask: Ask
  readonly #samplesMax: number
  readonly #known: Known

  constructor(ask: Ask, samplesMax: number, known: Known = { dialect: undefined }) {
    this.#ask = ask
    this.#samplesMax = samplesMax
    this.#known = known
  }

  // The same, for somebody who may stop waiting.
  until(signal: AbortSignal | undefined): Reader {
    return signal === undefined ? this : new Reader(this.#ask.until(signal), this.#samplesMax, this.#known)
  }

  async select(matchers: readonly Matcher[], wanted: Range): Promise<SeriesSamples[]> {
    const range = within(wanted)
    if (range.fromMs > range.toMs) return []
    const text = await this.#selector(matchers)
    return joined(await this.#parts(text, matchers, range, this.#samplesMax))
  }

  // Ever longer looks back, until as many series are found as there are. Most have a sample within the first.
  async last(matchers: readonly Matcher[], wanted: Range): Promise<Sample[]> {
    const { fromMs, toMs } = within(wanted)
    if (fromMs > toMs) return []
    const found = new Map<string, Sample>()
    let [endMs, lookMs] = [toMs, firstLookMs]
    let there: number | undefined
    while (endMs >= fromMs) {
      const beginMs = Math.max(fromMs, endMs - lookMs)
      for (const { series, tMs, values } of await this.select(matchers, { fromMs: beginMs, toMs: endMs })) {
        const key = keyOf(series)
        if (!found.has(key)) found.set(key, { series, tMs: tMs.at(-1)!, value: values.at(-1)! })
      }
      endMs = beginMs - 1
      lookMs *= furtherLook
      if (endMs < fromMs) break
      there ??= await this.#count(matchers, { fromMs, toMs })
      if (found.size >= there) break
    }
    return [...found.values()]
  }

  // How many series have samples in the range. Rather more than fewer: then last() only looks further.
  async #count(matchers: readonly Matcher[], { fromMs, toMs }: Range): Promise<number> {
    const query = `count(last_over_time(${await this.#selector(matchers)}[${toMs - fromMs + 2}ms]))`
    const form: Form = [
      ['query', query],
      ['time', timeText(toMs + 1)],
    ]
    try {
      const data = await this.#ask.list('/api/v1/query', form)
      const [first] = (data as { result: readonly { value: readonly [number, string] }[] }).result
      return Number(first?.value[1] ?? 0)
    } catch (error) {
      if (error instanceof OverLimit) return Number.POSITIVE_INFINITY
      throw error
    }
  }

  async series(matchers: readonly Matcher[], wanted: Range): Promise<Series[]> {
    const form = [['match[]', await this.#selector(matchers)] as const, ...rangeForm(within(wanted))]
    const data = (await this.#ask.list('/api/v1/series', form)) as readonly Record<string, string>[]
    return data.map(seriesOf).filter(series => matches(series, matchers))
  }

  async labelNames(matchers: readonly Matcher[], range: Range): Promise<string[]> {
    if (!(await this.#isExact(matchers))) {
      return distinct((await this.series(matchers, range)).flatMap(labelNamesOf))
    }
    const form = [...(await this.#narrowing(matchers)), ...rangeForm(within(range))]
    return (await this.#ask.list('/api/v1/labels', form)) as string[]
  }

  async labelValues(name: string, matchers: readonly Matcher[], range: Range): Promise<string[]> {
    // No database agrees with another on how such a name stands in an address.
    if (!isClassic(name) || !(await this.#isExact(matchers))) {
      return distinct((await this.series(matchers, range)).map(series => labelValue(series, name)))
    }
    const form = [...(await this.#narrowing(matchers)), ...rangeForm(within(range))]
    return (await this.#ask.listByGet(`/api/v1/label/${name}/values`, form)) as string[]
  }

  async #parts(
    text: string,
    matchers: readonly Matcher[],
    range: Range,
    samplesMax: number,
  ): Promise<SeriesSamples[]> {
    const reader = new MatrixReader({ ...range, samplesMax, isWanted: series => matches(series, matchers) })
    const { fromMs, toMs } = range
    // A millisecond more at both ends: databases differ in whether the earlier belongs to it, and some reckon times as
    // floating seconds. What is too much is left out by the reader.
    const query = `${text}[${toMs - fromMs + 3}ms]`
    const form: Form = [
      ['query', query],
      ['time', timeText(toMs + 1)],
    ]
    try {
      await this.#ask.stream('/api/v1/query', form, chunk => reader.push(chunk))
    } catch (error) {
      if (!(error instanceof OverLimit) || toMs - fromMs < 2 * partMinMs) throw error
      const middleMs = Math.floor((fromMs + toMs) / 2)
      const first = await this.#parts(text, matchers, { fromMs, toMs: middleMs }, samplesMax)
      const left = samplesMax - first.reduce((sum, each) => sum + each.tMs.length, 0)
      const second = await this.#parts(text, matchers, { fromMs: middleMs + 1, toMs }, left)
      return [...first, ...second]
    }
    return reader.end()
  }

  async #selector(matchers: readonly Matcher[]): Promise<string> {
    const isPlain = matchers.every(({ name }) => isClassic(name))
    return selector(matchers, isPlain ? 'quoted' : await this.#spoken())
  }

  // Whether the database can be asked for all of the matchers.
  async #isExact(matchers: readonly Matcher[]): Promise<boolean> {
    return matchers.every(({ name }) => isClassic(name)) || (await this.#spoken()) !== 'none'
  }

  async #narrowing(matchers: readonly Matcher[]): Promise<Form> {
    return matchers.length === 0 ? [] : [['match[]', await this.#selector(matchers)]]
  }

  // Found out once, when it is first needed.
  async #spoken(): Promise<Dialect> {
    if (this.#known.dialect !== undefined) return this.#known.dialect
    const strange: Matcher = { name: 'a.b', op: '=', value: 'c' }
    for (const dialect of dialects) {
      const query = selector([{ name: metricName, op: '=', value: 'plimsoll' }, strange], dialect)
      if (!(await this.#ask.understands(query))) continue
      this.#known.dialect = dialect
      return dialect
    }
    throw new Failure('store_refused', 'what answers does not understand the simplest selector of PromQL')
  }
}

const within = ({ fromMs, toMs }: Range): Range => ({
  fromMs: Math.max(0, Math.ceil(fromMs)),
  toMs: Math.min(latestMs, Math.floor(toMs)),
})

// As a date, because a floating number of seconds is cut by some to the millisecond before.
const timeText = (tMs: number): string => new Date(tMs).toISOString()

const rangeForm = ({ fromMs, toMs }: Range): Form => [
  ['start', timeText(fromMs)],
  ['end', timeText(toMs)],
]

function seriesOf(metric: Record<string, string>): Series {
  const pairs = Object.entries(metric)
  const name = pairs.find(([label]) => label === metricName)?.[1] ?? ''
  return { name, labels: labelsOf(pairs.filter(([label]) => label !== metricName)) }
}

const distinct = (texts: readonly string[]): string[] =>
  [...new Set(texts)].filter(text => text !== '').sort()

// The parts of one series, one behind the other in time.
function joined(parts: readonly SeriesSamples[]): SeriesSamples[] {
  const bySeries = Map.groupBy(parts, ({ series }) => keyOf(series))
  if (bySeries.size === parts.length) return [...parts]
  return [...bySeries.values()].map(same => ({
    series: same[0]!.series,
    tMs: behind(same.map(each => each.tMs)),
    values: behind(same.map(each => each.values)),
  }))
}

function behind(columns: readonly Float64Array[]): Float64Array {
  const whole = new Float64Array(columns.reduce((sum, each) => sum + each.length, 0))
  let at = 0
  for (const each of columns) {
    whole.set(each, at)
    at += each.length
  }
  return whole
}
