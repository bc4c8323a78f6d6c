// Questions to the query API of the database, and what it means when it does not answer them. Called by read.ts.
import { bodyText } from '../../body-text.ts'
import { Failure } from '../../errors.ts'
import type { PrometheusSettings } from './settings.ts'
import { type Answer, failureOf, type Wire } from './wire.ts'

// A form: pairs, because `match[]` may come several times.
export type Form = readonly (readonly [string, string])[]

const deadlineMs = 60_000
// Lists of labels and series; a million series are half of it.
const listBytesMax = 512 * 1024 * 1024

// What no other database minds: VictoriaMetrics neither answers from its cache of a moment ago, nor do it or Thanos
// answer with what a part of the cluster happens to know.
const always: Form = [
  ['nocache', '1'],
  ['deny_partial_response', '1'],
  ['partial_response', 'false'],
  ['timeout', `${deadlineMs / 1_000}s`],
]

// The range or the selection is more than the database wants to look at.
export class OverLimit extends Failure {}

export class Ask {
  readonly #settings: PrometheusSettings
  readonly #wire: Wire
  readonly #signal: AbortSignal | undefined

  constructor(settings: PrometheusSettings, wire: Wire, signal?: AbortSignal) {
    this.#settings = settings
    this.#wire = wire
    this.#signal = signal
  }

  // The same, for somebody who may stop waiting.
  until(signal: AbortSignal): Ask {
    return new Ask(this.#settings, this.#wire, signal)
  }

  async stream(path: string, form: Form, take: (chunk: Uint8Array) => void): Promise<void> {
    const answer = await this.#post(path, form, async body => {
      for await (const chunk of body) take(chunk)
    })
    this.#checked(path, answer)
  }

  // The `data` of the answer.
  async list(path: string, form: Form): Promise<unknown> {
    return dataOf(this.#checked(path, await this.#post(path, form, body => bodyText(body, listBytesMax))))
  }

  // Where a form is not taken.
  async listByGet(path: string, form: Form): Promise<unknown> {
    const url = `${this.#settings.url}${path}?${new URLSearchParams(mutable([...form, ...always]))}`
    const call = { method: 'GET', url, signal: this.#signal } as const
    const answer = await this.#wire.call(call, deadlineMs, body => bodyText(body, listBytesMax))
    return dataOf(this.#checked(path, answer))
  }

  // Whether it can read this at all; only an answer about something else is a Failure.
  async understands(query: string): Promise<boolean> {
    const path = '/api/v1/query'
    const answer = await this.#post(path, [['query', query]], body => bodyText(body, listBytesMax))
    const failure = answer.ok ? undefined : failureOf(this.#settings.url + path, answer)
    if (failure !== undefined) throw failure
    return answer.ok
  }

  #post<T>(
    path: string,
    form: Form,
    read: (body: AsyncIterable<Uint8Array>) => Promise<T>,
  ): Promise<Answer<T>> {
    const body = new URLSearchParams(mutable([...form, ...always])).toString()
    const url = this.#settings.url + path
    return this.#wire.call({ method: 'POST', url, headers, body, signal: this.#signal }, deadlineMs, read)
  }

  #checked<T>(path: string, answer: Answer<T>): T {
    if (answer.ok) return answer.value
    const failure = failureOf(this.#settings.url + path, answer)
    if (failure !== undefined) throw failure
    const said = errorIn(answer.text)
    if (answer.status === 422 && /limit|exceed|too many|maxUnique/i.test(said)) {
      throw new OverLimit('too_many_samples', `the database says: ${said}`)
    }
    throw new Failure('bad_query', `the database says: ${said}`)
  }
}

const headers = { 'content-type': 'application/x-www-form-urlencoded' }

const mutable = (form: Form): [string, string][] => form.map(([name, value]) => [name, value])

function errorIn(text: string): string {
  const found = /"error":"((?:[^"\\]|\\.)*)/.exec(text)?.[1]
  return found?.replaceAll('\\"', '"').replaceAll('\\\\', '\\') ?? text
}

function dataOf(text: string): unknown {
  let found: unknown
  try {
    found = JSON.parse(text)
  } catch {
    found = undefined
  }
  const { status, data, isPartial } = (found ?? {}) as {
    status?: string
    data?: unknown
    isPartial?: boolean
  }
  if (status !== 'success' || isPartial === true) {
    const what = isPartial === true ? 'parts of it did not answer' : `found ${text.slice(0, 80)}`
    throw new Failure('store_unavailable', `no good answer of the database: ${what}`)
  }
  return data
}
