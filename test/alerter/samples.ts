// What stands in the samples/ of the channels: requests as their services want them, and replies with what they mean.
// Called by the tests of the channels, and by the fakes that say the same.
import { existsSync, readFileSync } from 'node:fs'
import type { Answer, Outgoing, Verdict } from '../../alerter/channel.ts'

export type ReplySample = Readonly<{
  why: string
  answer: Omit<Answer, 'body'> & Readonly<{ body: unknown }>
  verdict: Verdict
}>

export type RequestSample = Readonly<{
  message: string
  settings: unknown
  before?: string
  request: Readable
}>

// With a body that people can read.
export type Readable = Omit<Outgoing, 'body'> & Readonly<{ body: unknown }>

export function samplesOf<T>(name: string, kind: 'replies' | 'requests'): readonly T[] {
  const file = `alerter/channels/${name}/samples/${kind}.json`
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : []
}

// What the service of a channel answers for a reason.
export function answerOf(name: string, why: string): ReplySample['answer'] {
  const found = samplesOf<ReplySample>(name, 'replies').find(each => each.why === why)
  if (found === undefined) throw new Error(`no sample of ${name} is called "${why}"`)
  return found.answer
}

export function readable(outgoing: Outgoing): Readable {
  const body = String(outgoing.body)
  const type = outgoing.headers['content-type'] ?? ''
  if (type.includes('form-urlencoded'))
    return { ...outgoing, body: Object.fromEntries(new URLSearchParams(body)) }
  return { ...outgoing, body: body === '' ? '' : JSON.parse(body) }
}
