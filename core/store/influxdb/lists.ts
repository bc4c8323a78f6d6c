// What there is, from InfluxDB's index and without a look at any sample: measurements and fields, names and values of
// labels. May name what is gone for a while. Called by read.ts.
import { metricName } from '../../labels.ts'
import { nameOf, type Source, specialField } from '../../line-protocol/names.ts'
import { matchesValue } from '../../matchers.ts'
import type { Matcher } from '../../model.ts'
import type { Ask } from './ask.ts'
import type { Reader } from './csv.ts'
import { fieldsScript, labelNamesScript, type Question, valuesScript } from './scripts.ts'

// Of one script.
const measurementsMax = 100
const ownColumns = new Set(['_start', '_stop', '_time', '_value', '_measurement', '_field'])

export class Lists {
  readonly #ask: Ask

  constructor(ask: Ask) {
    this.#ask = ask
  }

  // Fields whose series may have a name that the matchers accept; of f and f__special only f.
  async sources(matchers: readonly Matcher[], question: Question): Promise<Source[]> {
    const naming = matchers.filter(({ name }) => name === metricName)
    const measurements = await this.#values(question, '_measurement')
    const found = new Map<string, Source>()
    for (let from = 0; from < measurements.length; from += measurementsMax) {
      const part = measurements.slice(from, from + measurementsMax)
      await this.#list(fieldsScript(question, part), (written, result) => {
        const measurement = part[Number(result)]!
        const field = specialField(written) ?? written
        const name = nameOf(measurement, field)
        if (naming.every(matcher => matchesValue(name, matcher))) {
          found.set(JSON.stringify([measurement, field]), { measurement, field })
        }
      })
    }
    return [...found.values()]
  }

  async labelNames(question: Question): Promise<string[]> {
    const names: string[] = []
    await this.#list(labelNamesScript(question), name => names.push(name))
    // Whether there is a series without labels, or none at all, is not told.
    return [metricName, ...names.filter(name => !ownColumns.has(name))].sort()
  }

  async labelValues(label: string, question: Question): Promise<string[]> {
    const found = await this.#values(question, label)
    return found.filter(value => value !== '').sort()
  }

  async #values(question: Question, column: string): Promise<string[]> {
    const values: string[] = []
    await this.#list(valuesScript(question, column), value => values.push(value))
    return values
  }

  #list(script: string, listed: (value: string, result: string) => void): Promise<void> {
    const reader: Reader = { table() {}, number() {}, text() {}, listed }
    return this.#ask(script, reader)
  }
}
