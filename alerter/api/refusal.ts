// How Alertmanager's API says no: a text of JSON where it looked itself, and a code with a message where the form of the
// request is wrong. Called by the routes of /api/v2.
import { Failure } from '#core/errors.ts'
import type { Answer, Call } from '#core/http/route.ts'

// Ends the work on a request with this answer.
export class Refused extends Error {
  readonly answer: Answer

  constructor(answer: Answer, what: string) {
    super(what)
    this.answer = answer
  }
}

const headers = { 'content-type': 'application/json' }

export const textAnswer = (status: number, text: string): Answer => ({
  status,
  headers,
  body: `${JSON.stringify(text)}\n`,
})

export const refuseText = (status: number, text: string): Refused =>
  new Refused(textAnswer(status, text), text)

// Those of go-openapi, which Alertmanager's API is made with.
export const codes = { wrongFormat: 601, missing: 602, tooFew: 612 } as const

export const refuseForm = (code: number, message: string): Refused =>
  new Refused({ status: code < 600 ? code : 422, headers, body: JSON.stringify({ code, message }) }, message)

export const refuseBody = (name: string, why: string): Refused =>
  refuseForm(400, `parsing ${name} body from "" failed, because ${why}`)

export const failureJson = ({ detail }: Failure, status: number): object => ({
  code: status,
  message: detail,
})

// What is refused becomes an answer. A matcher or a silence that is wrong is told as text.
export const answered =
  <Query, Body>(handle: (call: Call<Query, Body>) => Promise<Answer>) =>
  async (call: Call<Query, Body>): Promise<Answer> => {
    try {
      return await handle(call)
    } catch (cause) {
      if (cause instanceof Refused) return cause.answer
      if (cause instanceof Failure && isOfMatcher(cause)) return textAnswer(400, cause.detail)
      throw cause
    }
  }

const isOfMatcher = ({ code }: Failure): boolean => code === 'bad_matcher' || code === 'bad_pattern'
