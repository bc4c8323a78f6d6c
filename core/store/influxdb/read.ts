// The questions of the port, in Flux: rows, newest samples, series, labels and notes. InfluxDB filters by what can be
// said in its language without doubt (wanted.ts); our own matchers decide. Called by ../influxdb.ts.
import { keyOf, labelNamesOf, labelValue, metricName } from '../../labels.ts'
import { nameOf, type Source } from '../../line-protocol/names.ts'
import { matches } from '../../matchers.ts'
import type { Matcher, Note, Sample, Series } from '../../model.ts'
import type { SeriesTable } from '../../series.ts'
import type { Range, SeriesSamples } from '../../store.ts'
import type { Ask } from './ask.ts'
import type { Reader } from './csv.ts'
import { isEmptyRange } from './flux.ts'
import { joinParts } from './join.ts'
import { Lists } from './lists.ts'
import { NoteReader, type Row, RowReader, SampleReader } from './readers.ts'
import { nextShard, type Runs } from './runs.ts'
import { newestScript, oldestScript, type Question, rowsScript } from './scripts.ts'
import { Tables } from './tables.ts'
import { isPlainLabel, sourcesMax, wantedOf } from './wanted.ts'

export type ReadingOptions = Readonly<{ ask: Ask; bucket: string; table: SeriesTable; maxSamples: number }>

// Questions for one answer, where fields change their type.
const runsMax = 50

export class Reading {
  readonly #options: ReadingOptions
  readonly #lists: Lists

  constructor(options: ReadingOptions) {
    this.#options = options
    this.#lists = new Lists(options.ask)
  }

  async select(matchers: readonly Matcher[], range: Range): Promise<SeriesSamples[]> {
    if (isEmptyRange(range)) return []
    const question = this.#question(matchers, range)
    const sources = question.wanted.sources ?? (await this.#lists.sources(matchers, question))
    return sources.length === 0 ? [] : this.#samples(matchers, about(question, sources))
  }

  async last(matchers: readonly Matcher[], range: Range): Promise<Sample[]> {
    if (isEmptyRange(range)) return []
    const question = this.#question(matchers, range)
    const rows = await this.#rows('newest', matchers, question)
    const samples: Sample[] = rows
      .filter(({ holds }) => holds !== 'notes')
      .map(({ series, tMs, value }) => ({ series, tMs, value }))
    const noted = rows.filter(({ holds }) => holds === 'notes')
    if (noted.length > 0) samples.push(...(await this.#lastBefore(noted, matchers, question)))
    const newest = new Map<string, Sample>()
    for (const sample of samples) {
      const key = keyOf(sample.series)
      const known = newest.get(key)
      const isNewer = known === undefined || sample.tMs > known.tMs
      if (isNewer || (sample.tMs === known.tMs && Number.isNaN(known.value))) newest.set(key, sample)
    }
    return [...newest.values()]
  }

  async series(matchers: readonly Matcher[], range: Range): Promise<Series[]> {
    if (isEmptyRange(range)) return []
    const rows = await this.#rows('newest', matchers, this.#question(matchers, range))
    return [...new Map(rows.map(({ series }) => [keyOf(series), series])).values()]
  }

  async labelNames(matchers: readonly Matcher[], range: Range): Promise<string[]> {
    if (isEmptyRange(range)) return []
    if (wantedOf(matchers).isWhole) return this.#lists.labelNames(this.#question(matchers, range))
    return unique((await this.series(matchers, range)).flatMap(labelNamesOf))
  }

  async labelValues(label: string, matchers: readonly Matcher[], range: Range): Promise<string[]> {
    if (isEmptyRange(range)) return []
    const question = this.#question(matchers, range)
    const { sources, isWhole } = wantedOf(matchers)
    if (isWhole && isPlainLabel(label)) return this.#lists.labelValues(label, question)
    if (isWhole && label === metricName && sources === undefined) {
      const found = await this.#lists.sources(matchers, question)
      return unique(found.map(({ measurement, field }) => nameOf(measurement, field)))
    }
    return unique((await this.series(matchers, range)).map(series => labelValue(series, label)))
  }

  async notes(matchers: readonly Matcher[], range: Range, limit: number): Promise<Note[]> {
    if (isEmptyRange(range) || limit < 1) return []
    const question = this.#question(matchers, range)
    const sources = question.wanted.sources ?? (await this.#lists.sources(matchers, question))
    const reader = new NoteReader({ ...this.#for(matchers), max: limit })
    for (let from = 0; from < sources.length; from += sourcesMax) {
      const part = about(question, sources.slice(from, from + sourcesMax))
      const noted = await this.#noted(matchers, part)
      if (noted.length > 0)
        await this.#drain(about(question, noted), reader, ` |> tail(n: ${Math.floor(limit)})`)
    }
    return reader.newest()
  }

  async #samples(matchers: readonly Matcher[], question: Question): Promise<SeriesSamples[]> {
    const reader = new SampleReader({ ...this.#for(matchers), max: this.#options.maxSamples })
    await this.#drain(question, reader)
    return joinParts(reader.parts, reader.rows.rows())
  }

  // A field that has text now may have had numbers in an earlier shard.
  async #lastBefore(
    noted: readonly Row[],
    matchers: readonly Matcher[],
    question: Question,
  ): Promise<Sample[]> {
    const oldest = await this.#rows('oldest', matchers, question)
    const keys = new Set(noted.map(({ key }) => key))
    const sources = sourcesIn(oldest.filter(({ key, holds }) => holds === 'numbers' && keys.has(key)))
    if (sources.length === 0) return []
    const found = await this.#samples(matchers, about(question, sources))
    return found.map(({ series, tMs, values }) => ({ series, tMs: tMs.at(-1)!, value: values.at(-1)! }))
  }

  // Fields that have text at one of the ends, or may have it in between, because they changed their type.
  async #noted(matchers: readonly Matcher[], question: Question): Promise<Source[]> {
    const [newest, oldest] = await Promise.all([
      this.#rows('newest', matchers, question),
      this.#rows('oldest', matchers, question),
    ])
    const types = new Map(newest.map(({ key, type }) => [key, type]))
    const isNoted = ({ holds, key, type }: Row): boolean => holds === 'notes' || types.get(key) !== type
    return sourcesIn([...newest, ...oldest].filter(isNoted))
  }

  async #rows(which: 'newest' | 'oldest', matchers: readonly Matcher[], question: Question): Promise<Row[]> {
    const { tables, accepts } = this.#for(matchers)
    const reader = new RowReader(tables)
    await this.#options.ask((which === 'newest' ? newestScript : oldestScript)(question), reader)
    return reader.rows.filter(({ series }) => accepts(series))
  }

  // Asks until every series has been read to its end.
  async #drain(question: Question, reader: Reader & Readonly<{ runs: Runs }>, shape = ''): Promise<void> {
    let asked = question
    let stuck = { endMs: Number.NaN, attempt: 0 }
    for (let run = 0; run < runsMax; run++) {
      await this.#options.ask(rowsScript(asked, shape), reader)
      const rest = reader.runs.rest()
      if (rest === undefined) return
      stuck = { endMs: rest.endMs, attempt: rest.endMs === stuck.endMs ? stuck.attempt + 1 : 0 }
      const range = { ...asked.range, fromMs: nextShard(stuck.endMs, stuck.attempt) }
      if (isEmptyRange(range)) return
      asked = { ...about(asked, rest.sources), range }
    }
  }

  #question(matchers: readonly Matcher[], range: Range): Question {
    return { bucket: this.#options.bucket, range, wanted: wantedOf(matchers) }
  }

  #for(matchers: readonly Matcher[]) {
    const tables = new Tables(this.#options.table)
    return { tables, accepts: (series: Series) => matches(series, matchers) }
  }
}

// Too many to name are asked for without names.
const about = (question: Question, sources: readonly Source[]): Question => {
  const { labels } = question.wanted
  return { ...question, wanted: sources.length <= sourcesMax ? { labels, sources } : { labels } }
}

const sourcesIn = (rows: readonly Row[]): Source[] => [
  ...new Map(rows.map(({ source }) => [JSON.stringify(source), source])).values(),
]

const unique = (texts: readonly string[]): string[] => [...new Set(texts)].filter(text => text !== '').sort()
