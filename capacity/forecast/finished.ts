// A forecast whose findings are looked for when somebody reads them: with ten thousand lines that is as much work as all the
// rest. A class, because an object with a getter of its own is a kind of its own to the engine, and all lines then take a
// fifth longer. { ...forecast } does not copy the getter. Called by finish.ts, for every line.
import type { Finding, Forecast, ForecastAsked } from '../forecast.ts'
import { findingsOf } from './findings.ts'
import type { Prepared } from './prepare.ts'

export class Finished implements Forecast {
  readonly firstDay: number
  readonly likely: Float64Array
  readonly low: Float64Array
  readonly high: Float64Array
  readonly method: Forecast['method']
  readonly chosen: Forecast['chosen']
  readonly fit: Forecast['fit']
  readonly errors: Forecast['errors']
  readonly meets: Forecast['meets']
  readonly #asked: ForecastAsked
  readonly #line: Prepared
  #findings: readonly Finding[] | undefined

  constructor(said: Omit<Forecast, 'findings'>, asked: ForecastAsked, line: Prepared) {
    this.firstDay = said.firstDay
    this.likely = said.likely
    this.low = said.low
    this.high = said.high
    this.method = said.method
    this.chosen = said.chosen
    this.fit = said.fit
    this.errors = said.errors
    this.meets = said.meets
    this.#asked = asked
    this.#line = line
  }

  get findings(): readonly Finding[] {
    this.#findings ??= findingsOf(this.#asked, this.#line)
    return this.#findings
  }
}
